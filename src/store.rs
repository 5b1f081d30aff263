//! Publishes one immutable state for each source; readers never block the writer.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::domain::SourceState;

type Slot = Arc<ArcSwap<SourceState>>;

/// The published states, in the order of the configuration.
#[derive(Debug)]
pub struct Store {
    slots: ArcSwap<Vec<Slot>>,
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
                let slot = Arc::new(ArcSwap::from_pointee(*state));
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
        self.slots.load().iter().map(|slot| slot.load_full()).collect()
    }
}

impl Publisher {
    /// Replaces what is shown.
    pub fn publish(&self, state: SourceState) {
        self.0.store(Arc::new(state));
    }

    /// What is shown now.
    #[must_use]
    pub fn latest(&self) -> Arc<SourceState> {
        self.0.load_full()
    }
}
