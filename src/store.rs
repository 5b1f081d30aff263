//! Publishes one immutable state for each source, and what is planned for it; readers never block the writer.

pub mod plan;

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::domain::SourceState;
use crate::store::plan::Plan;

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
    slots: ArcSwap<Vec<Arc<Slot>>>,
}

#[derive(Debug)]
struct Slot {
    state: ArcSwap<SourceState>,
    plan: ArcSwapOption<Plan>,
}

/// One source as it is published.
#[derive(Clone, Debug)]
pub struct Published {
    /// What is known.
    pub state: Arc<SourceState>,
    /// What is planned; `None` before the source's poller has begun.
    pub plan: Option<Arc<Plan>>,
}

/// The right to publish the state of one source; there is one for each, so that nobody overwrites another.
#[derive(Debug)]
pub struct Publisher(Arc<Slot>);

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
                let slot = Arc::new(Slot { state: ArcSwap::from_pointee(*state), plan: ArcSwapOption::empty() });
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
        self.slots.load().iter().map(|slot| slot.state.load_full()).collect()
    }

    /// The states now published, each with what is planned.
    ///
    /// The two are read one after the other, so a tenant may be in one and not yet in the other.
    #[must_use]
    pub fn with_plans(&self) -> Vec<Published> {
        let published = |slot: &Arc<Slot>| Published { state: slot.state.load_full(), plan: slot.plan.load_full() };
        self.slots.load().iter().map(published).collect()
    }
}

impl Publisher {
    /// Replaces what is shown.
    pub fn publish(&self, state: SourceState) {
        self.0.state.store(Arc::new(state));
    }

    /// Replaces what is said to be planned.
    pub fn publish_plan(&self, plan: Plan) {
        self.0.plan.store(Some(Arc::new(plan)));
    }

    /// What is shown now.
    #[must_use]
    pub fn latest(&self) -> Arc<SourceState> {
        self.0.state.load_full()
    }
}
