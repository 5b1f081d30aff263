//! Watches the file of expected tenants: a valid change applies at once, an invalid one is logged and ignored.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;

use tokio::time::Interval;

use crate::config::file_watch::{self, FileVersion};
use crate::config::{Config, ExpectedFile};
use crate::domain::expected::{Comparison, Place, Presence};
use crate::domain::shard::Shard;
use crate::exposition::Exposed;
use crate::instrumentation::Instrumentation;
use crate::process::clock;
use crate::server::AppState;

/// The watched file, if there is one.
#[derive(Debug)]
pub(super) struct Following {
    file: Option<Arc<ExpectedFile>>,
    shard: Shard,
    /// The last rejected version of the file.
    refused: Option<FileVersion>,
    /// Created on first use, because it needs a running clock.
    polls: Option<Interval>,
    /// Ambiguous entries that have been logged.
    told: BTreeSet<(Arc<str>, Place)>,
}

impl Following {
    /// Watches the file of a configuration that was just loaded.
    pub(super) fn new(config: &Config, instrumentation: &Instrumentation) -> Self {
        let file = config.expected.clone().map(Arc::new);
        instrumentation.expected().loaded(file.as_ref().map(|_| clock::now()));
        Self { file, shard: config.shard, refused: None, polls: None, told: BTreeSet::new() }
    }

    /// Waits for the next poll; forever if there is no file.
    pub(super) async fn glance(&mut self) {
        if self.file.as_ref().is_none_or(|file| file.path().is_none()) {
            pending().await
        }
        self.polls.get_or_insert_with(file_watch::polls).tick().await;
    }

    /// Reloads the file if it changed.
    pub(super) async fn look(&mut self, state: &AppState) {
        let Some(file) = self.file.clone() else { return };
        let refused = self.refused;
        // The file may be on a network.
        match tokio::task::spawn_blocking(move || file.look_again(refused)).await {
            Ok(None) => {}
            Ok(Some(Ok(after))) => {
                tracing::info!(
                    tenants = after.list().len(),
                    "expected.file: reloaded {}, {} tenants",
                    after.shown(),
                    after.list().len()
                );
                self.refused = None;
                self.told.clear();
                let list = after.list().clone().for_shard(self.shard);
                let exposed = Exposed::clone(&state.exposed.load());
                state.exposed.store(Arc::new(exposed.with_expected(Some(list))));
                state.instrumentation.expected().loaded(Some(clock::now()));
                self.file = Some(Arc::new(after));
            }
            Ok(Some(Err(refused))) => {
                self.refused = Some(refused.version);
                state.instrumentation.expected().refused();
                let problems: Vec<_> = refused.errors.problems().iter().map(ToString::to_string).collect();
                tracing::warn!("expected.file: reload failed, keeping the previous list: {}", problems.join("; "));
            }
            Err(panicked) => tracing::error!("expected.file: reload failed: {panicked}"),
        }
        self.tell(state);
    }

    /// Logs each ambiguous entry once.
    fn tell(&mut self, state: &AppState) {
        let Some(file) = &self.file else { return };
        for source in state.store.latest() {
            let Some(expectations) = file.list().of(&source.identity.name) else { continue };
            for (expectation, presence) in Comparison::new(&source, expectations).presences() {
                let entry = (Arc::clone(&source.identity.name), expectation.place);
                if presence != Presence::Ambiguous {
                    self.told.remove(&entry);
                } else if self.told.insert(entry) {
                    tracing::warn!(
                        source = &*source.identity.name,
                        "{}, {}: ambiguous entry ignored: several tenants share this name, or another line refers to \
                         the same tenant by id; use the tenant's id",
                        file.shown(),
                        expectation.place,
                    );
                }
            }
        }
    }
}
