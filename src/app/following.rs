//! Watches the operator's lists of tenants: a valid change applies at once, an invalid one is logged and ignored.

mod list;

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;

use tokio::time::Interval;

use self::list::Followed;
use crate::config::file_watch::{self, FileVersion};
use crate::config::{Config, ListFile, tenant_list};
use crate::domain::expected::Expectation;
use crate::domain::restore::TestsOfTenant;
use crate::domain::roster::{Matches, Place, Presence, Rosters};
use crate::domain::shard::Shard;
use crate::exposition::Exposed;
use crate::instrumentation::Instrumentation;
use crate::process::clock;
use crate::server::AppState;

/// Maximum number of entries whose positions are logged at once; in a file for another vendor all lines are wrong.
const MAX_LOGGED: usize = 20;

/// The watched files, if there are any.
#[derive(Debug)]
pub(super) struct Following {
    expected: FollowedFile<Expectation>,
    restore_tests: FollowedFile<TestsOfTenant>,
    /// Created on first use, because it needs a running clock.
    polls: Option<Interval>,
}

/// One of them.
#[derive(Debug)]
struct FollowedFile<E> {
    file: Option<Arc<ListFile<Rosters<E>>>>,
    shard: Shard,
    /// The last rejected version of the file.
    refused: Option<FileVersion>,
    /// Unmatched entries that have been logged.
    logged: BTreeSet<(Arc<str>, Place)>,
}

impl Following {
    /// Watches the files of a configuration that was just loaded.
    pub(super) fn new(config: &Config, instrumentation: &Instrumentation) -> Self {
        Self {
            expected: FollowedFile::new(config.expected.clone(), config.shard, instrumentation),
            restore_tests: FollowedFile::new(config.restore_tests.clone(), config.shard, instrumentation),
            polls: None,
        }
    }

    /// Waits for the next poll; forever if there is no file.
    pub(super) async fn glance(&mut self) {
        if !self.expected.is_in_a_file() && !self.restore_tests.is_in_a_file() {
            pending().await
        }
        self.polls.get_or_insert_with(file_watch::polls).tick().await;
    }

    /// Reloads the files that changed.
    pub(super) async fn look(&mut self, state: &AppState) {
        self.expected.look(state).await;
        self.restore_tests.look(state).await;
    }
}

impl<E: Followed> FollowedFile<E>
where
    Rosters<E>: tenant_list::List,
{
    fn new(file: Option<ListFile<Rosters<E>>>, shard: Shard, instrumentation: &Instrumentation) -> Self {
        E::reloads(instrumentation).loaded(file.as_ref().map(|_| clock::now()));
        Self { file: file.map(Arc::new), shard, refused: None, logged: BTreeSet::new() }
    }

    fn is_in_a_file(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.path().is_some())
    }

    async fn look(&mut self, state: &AppState) {
        let Some(file) = self.file.clone() else { return };
        let refused = self.refused;
        let section = <Rosters<E> as tenant_list::List>::SECTION;
        // The file may be on a network.
        match tokio::task::spawn_blocking(move || file.look_again(refused)).await {
            Ok(None) => {}
            Ok(Some(Ok(after))) => {
                let tenants = after.list().len();
                tracing::info!(tenants, "{section}.file: reloaded {}, {tenants} tenants", after.shown());
                self.refused = None;
                self.logged.clear();
                let list = after.list().clone().for_shard(self.shard);
                let exposed = Exposed::clone(&state.exposed.load());
                state.exposed.store(Arc::new(E::published(exposed, list)));
                E::reloads(&state.instrumentation).loaded(Some(clock::now()));
                self.file = Some(Arc::new(after));
            }
            Ok(Some(Err(refused))) => {
                self.refused = Some(refused.version);
                E::reloads(&state.instrumentation).refused();
                let problems: Vec<_> = refused.errors.problems().iter().map(ToString::to_string).collect();
                tracing::warn!("{section}.file: reload failed, keeping the previous list: {}", problems.join("; "));
            }
            Err(panicked) => tracing::error!("{section}.file: reload failed: {panicked}"),
        }
        self.log_unmatched(state);
    }

    /// Logs once each entry from which nothing follows.
    fn log_unmatched(&mut self, state: &AppState) {
        let Some(file) = &self.file else { return };
        for source in state.store.latest() {
            let name = &source.identity.name;
            let Some(roster) = file.list().of(name) else { continue };
            let mut logged = 0;
            for (entry, presence) in Matches::new(&source, roster).presences() {
                let place = (Arc::clone(name), entry.place());
                match E::problem_of(presence) {
                    // Until the tenants are known again, what was logged stays logged.
                    None if presence == Presence::Unknown => {}
                    None => drop(self.logged.remove(&place)),
                    Some(words) if self.logged.insert(place) => {
                        logged += 1;
                        if logged <= MAX_LOGGED {
                            tracing::warn!(source = &**name, "{}, {}: {words}", file.shown(), entry.place());
                        }
                    }
                    Some(_) => {}
                }
            }
            if logged > MAX_LOGGED {
                let more = logged - MAX_LOGGED;
                tracing::warn!(source = &**name, "{}: and {more} more such entries", file.shown());
            }
        }
    }
}
