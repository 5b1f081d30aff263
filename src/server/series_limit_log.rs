//! Logs dropped tenants of a source, once per change of their number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::SourceState;
use crate::exposition::{Exposed, dropped};

/// The number of dropped tenants per source when last logged.
#[derive(Debug, Default)]
pub struct SeriesLimitLog(Mutex<BTreeMap<Arc<str>, usize>>);

impl SeriesLimitLog {
    /// Logs what has changed since.
    pub fn log(&self, states: &[Arc<SourceState>], exposed: &Exposed) {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for state in states {
            let source = &state.identity.name;
            let Some(limit) = exposed.series_limit(source) else { continue };
            let count = dropped(state, exposed).len();
            match logged.insert(Arc::clone(source), count).unwrap_or(0) {
                before if before == count => {}
                _ if count == 0 => {
                    tracing::info!(
                        source = &**source,
                        series_limit = limit,
                        "no tenants of source {source} are dropped any more"
                    );
                }
                _ => tracing::warn!(
                    source = &**source,
                    series_limit = limit,
                    dropped = count,
                    tenants = state.tenants.len(),
                    "{count} tenants of source {source} dropped: its series_limit of {limit} would be exceeded",
                ),
            }
        }
    }
}
