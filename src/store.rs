//! Publishes one immutable state for each source; readers never block the writer.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::domain::SourceState;

/// The published states, in the order of the configuration.
#[derive(Debug)]
pub struct Store {
    slots: Vec<Arc<ArcSwap<SourceState>>>,
}

/// The right to publish the state of one source; there is one for each, so that nobody overwrites another.
#[derive(Debug)]
pub struct Publisher(Arc<ArcSwap<SourceState>>);

impl Store {
    /// A store that shows these states, and a publisher for each.
    #[must_use]
    pub fn new(states: Vec<SourceState>) -> (Self, Vec<Publisher>) {
        let slots: Vec<_> = states.into_iter().map(|state| Arc::new(ArcSwap::from_pointee(state))).collect();
        let publishers = slots.iter().map(|slot| Publisher(Arc::clone(slot))).collect();
        (Self { slots }, publishers)
    }

    /// The states now published.
    #[must_use]
    pub fn latest(&self) -> Vec<Arc<SourceState>> {
        self.slots.iter().map(|slot| slot.load_full()).collect()
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
