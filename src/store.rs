//! Publishes one immutable state per source, and the status of its poller; readers never block the writer.

mod poller_status;

use std::sync::Arc;

use arc_swap::ArcSwap;

pub use self::poller_status::{Backoff, NextAttempt, PollerStatus, TenantPolling};
use crate::domain::SourceState;

/// A value with many readers that can be replaced.
pub type Shared<T> = Arc<ArcSwap<T>>;

/// Creates a shared value.
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

/// A published source.
#[derive(Clone, Debug)]
pub struct Published {
    /// The state.
    pub state: Arc<SourceState>,
    /// The status of its poller; `None` before it has started.
    pub poller: Option<Arc<PollerStatus>>,
}

/// Publishes the state of one source; there is only one per source, so no other can overwrite it.
#[derive(Debug)]
pub struct Publisher(Slot);

/// A source in the new order.
#[derive(Debug)]
pub enum Entry {
    /// The source at this position; its publisher stays valid.
    Kept(usize),
    /// A source with a new publisher; a previous one no longer has any effect.
    New(Box<SourceState>),
}

impl Store {
    /// Creates a store with these states, and a publisher for each.
    #[must_use]
    pub fn new(states: Vec<SourceState>) -> (Self, Vec<Publisher>) {
        let store = Self { slots: ArcSwap::default() };
        let publishers = store.replace(states.into_iter().map(|state| Entry::New(Box::new(state))).collect());
        (store, publishers)
    }

    /// Atomically replaces the sources, and returns a publisher for each new one, in order.
    ///
    /// # Panics
    ///
    /// If a kept position does not exist.
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

    /// The published states.
    #[must_use]
    pub fn latest(&self) -> Vec<Arc<SourceState>> {
        self.slots.load().iter().map(|slot| Arc::clone(&slot.load().state)).collect()
    }

    /// The published states, each with the status of its poller.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.slots.load().iter().map(|slot| Published::clone(&slot.load())).collect()
    }
}

impl Publisher {
    /// Publishes a state.
    pub fn publish(&self, state: SourceState) {
        let poller = self.0.load().poller.clone();
        self.0.store(Arc::new(Published { state: Arc::new(state), poller }));
    }

    /// Publishes a state together with the status of the poller.
    pub fn publish_with(&self, state: SourceState, poller: PollerStatus) {
        self.0.store(Arc::new(Published { state: Arc::new(state), poller: Some(Arc::new(poller)) }));
    }

    /// The published state.
    #[must_use]
    pub fn latest(&self) -> Arc<SourceState> {
        Arc::clone(&self.0.load().state)
    }
}
