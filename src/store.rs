//! Publishes one immutable state for each source, and what its poller does; readers never block the writer.

mod poller_status;

use std::sync::Arc;

use arc_swap::ArcSwap;

pub use self::poller_status::{Backoff, NextAttempt, PollerStatus, TenantPolling};
use crate::domain::SourceState;

/// A value that many read while one replaces it.
pub type Shared<T> = Arc<ArcSwap<T>>;

/// A value to be read by many.
#[must_use]
pub fn shared<T>(value: T) -> Shared<T> {
    Arc::new(ArcSwap::from_pointee(value))
}

/// The published states, in the order of the configuration.
#[derive(Debug)]
pub struct Store {
    slots: ArcSwap<Vec<Slot>>,
}

type Slot = Shared<Published>;

/// One source as it is published.
#[derive(Clone, Debug)]
pub struct Published {
    /// What is known.
    pub state: Arc<SourceState>,
    /// What its poller does; `None` before the poller has begun.
    pub poller: Option<Arc<PollerStatus>>,
}

/// The right to publish the state of one source; there is one for each, so that nobody overwrites another.
#[derive(Debug)]
pub struct Publisher(Slot);

/// A source as the store shows it from now on.
#[derive(Debug)]
pub enum Entry {
    /// The one that was shown at this position; its publisher stays good.
    Kept(usize),
    /// A source with a publisher of its own; one that had the right before publishes into nothing.
    New(Box<SourceState>),
}

impl Store {
    /// A store that shows these states, and a publisher for each.
    #[must_use]
    pub fn new(states: Vec<SourceState>) -> (Self, Vec<Publisher>) {
        let store = Self { slots: ArcSwap::default() };
        let publishers = store.replace(states.into_iter().map(|state| Entry::New(Box::new(state))).collect());
        (store, publishers)
    }

    /// Shows these sources instead, in one step, and answers a publisher for each new one in their order.
    ///
    /// # Panics
    ///
    /// When a position is kept that is not there.
    #[must_use]
    pub fn replace(&self, entries: Vec<Entry>) -> Vec<Publisher> {
        let before = self.slots.load_full();
        let mut publishers = Vec::new();
        let slots = entries.into_iter().map(|entry| match entry {
            Entry::Kept(position) => Arc::clone(&before[position]),
            Entry::New(state) => {
                let slot = shared(Published { state: Arc::new(*state), poller: None });
                publishers.push(Publisher(Arc::clone(&slot)));
                slot
            }
        });
        let slots = slots.collect();
        self.slots.store(Arc::new(slots));
        publishers
    }

    /// The states now published.
    #[must_use]
    pub fn latest(&self) -> Vec<Arc<SourceState>> {
        self.slots.load().iter().map(|slot| Arc::clone(&slot.load().state)).collect()
    }

    /// The states now published, each with what its poller does.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.slots.load().iter().map(|slot| Published::clone(&slot.load())).collect()
    }
}

impl Publisher {
    /// Replaces the state that is shown.
    pub fn publish(&self, state: SourceState) {
        let poller = self.0.load().poller.clone();
        self.0.store(Arc::new(Published { state: Arc::new(state), poller }));
    }

    /// Replaces the state that is shown and what the poller does, in one step.
    pub fn publish_with(&self, state: SourceState, poller: PollerStatus) {
        self.0.store(Arc::new(Published { state: Arc::new(state), poller: Some(Arc::new(poller)) }));
    }

    /// What is shown now.
    #[must_use]
    pub fn latest(&self) -> Arc<SourceState> {
        Arc::clone(&self.0.load().state)
    }
}
