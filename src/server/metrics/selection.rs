//! Applies filters once for all concurrent scrapes with the same filter and states.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::domain::SourceState;
use crate::exposition::{Exposed, Filter, Missing, Selected};
use crate::server::AppState;

/// The shared selection of everything; it is dropped with the last scrape that uses it.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection(Arc<Mutex<Weak<Selected>>>);

impl Selection {
    /// Applies `filter` to the states published now.
    pub(super) fn of(&self, state: &AppState, filter: &Filter) -> Result<Arc<Selected>, Missing> {
        let latest = state.store.latest();
        let exposed = state.exposed.load_full();
        state.series_limit_log.log(&latest, &exposed);
        if *filter != Filter::default() {
            return Ok(Arc::new(filter.select(&latest, &exposed)?));
        }
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.upgrade() {
            Some(selected) if is_of(&selected, &latest, &exposed) => Ok(selected),
            _ => {
                let selected = Arc::new(filter.select(&latest, &exposed)?);
                *shared = Arc::downgrade(&selected);
                Ok(selected)
            }
        }
    }
}

fn is_of(selected: &Selected, latest: &[Arc<SourceState>], exposed: &Arc<Exposed>) -> bool {
    let states = selected.states();
    Arc::ptr_eq(selected.exposed(), exposed)
        && states.len() == latest.len()
        && states.iter().zip(latest).all(|(state, latest)| Arc::ptr_eq(state, latest))
}
