//! Watches the operator's lists of tenants: a valid change applies at once, an invalid one is logged and ignored.

mod list;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use tokio::task::JoinError;
use tokio::time::Interval;

use self::list::Followed;
use crate::config::file_watch::{self, FileVersion};
use crate::config::{Config, ListFile, tenant_list};
use crate::domain::expected::List;
use crate::domain::restore::RestoreTests;
use crate::domain::roster::{Entry as _, Matches, Place, Presence};
use crate::domain::shard::Shard;
use crate::exposition::Exposed;
use crate::instrumentation::Instrumentation;
use crate::process::clock;
use crate::process::reading::{HANGS_AFTER, Progress, Reading};
use crate::server::AppState;

/// Maximum number of entries whose positions are logged at once; in a file for another vendor all lines are wrong.
const MAX_LOGGED: usize = 20;

/// The watched files, if there are any.
#[derive(Debug)]
pub(super) struct Following {
    expected: FollowedFile<List>,
    restore_tests: FollowedFile<RestoreTests>,
    /// Created on first use, because it needs a running clock.
    polls: Option<Interval>,
}

/// One of them.
#[derive(Debug)]
struct FollowedFile<L> {
    file: Option<Arc<ListFile<L>>>,
    reading: Reading<Option<Read<L>>>,
    shard: Shard,
    /// The last rejected version of the file.
    refused: Option<FileVersion>,
    /// Unmatched entries that have been logged.
    logged: BTreeSet<(Arc<str>, Place)>,
}

/// A version of the file that differs from the previous one.
type Read<L> = Result<ListFile<L>, tenant_list::BadFile>;

impl Following {
    /// Watches the files of a configuration that was just loaded.
    pub(super) fn new(config: &Config, instrumentation: &Instrumentation) -> Self {
        Self {
            expected: FollowedFile::new(config.expected.clone(), config.shard, instrumentation),
            restore_tests: FollowedFile::new(config.restore_tests.clone(), config.shard, instrumentation),
            polls: None,
        }
    }

    /// Reloads the files whenever they change, forever. Nothing is lost if this is cancelled and called again.
    pub(super) async fn follow(&mut self, state: &AppState) -> Infallible {
        if !self.expected.is_in_a_file() && !self.restore_tests.is_in_a_file() {
            pending().await
        }
        let polls = self.polls.get_or_insert_with(file_watch::polls);
        loop {
            tokio::select! {
                _ = polls.tick() => {
                    self.expected.look();
                    self.restore_tests.look();
                }
                progress = self.expected.reading.progress() => self.expected.progressed(progress, state),
                progress = self.restore_tests.reading.progress() => self.restore_tests.progressed(progress, state),
            }
        }
    }
}

impl<L: Followed> FollowedFile<L> {
    fn new(file: Option<ListFile<L>>, shard: Shard, instrumentation: &Instrumentation) -> Self {
        L::reloads(instrumentation).loaded(file.as_ref().map(|_| clock::now()));
        Self { file: file.map(Arc::new), reading: Reading::new(), shard, refused: None, logged: BTreeSet::new() }
    }

    fn is_in_a_file(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.path().is_some())
    }

    /// Starts to read the file if it changed, beside the async workers: it may be on a network.
    fn look(&mut self) {
        if let Some(file) = self.file.clone() {
            let refused = self.refused;
            self.reading.start(move || file.look_again(refused));
        }
    }

    fn progressed(&mut self, progress: Progress<Option<Read<L>>>, state: &AppState) {
        let section = L::SECTION;
        match progress {
            Progress::Ended(read) => self.ended(read, state),
            Progress::Hangs => tracing::warn!(
                "{section}.file: reload failed, keeping the previous list: the file has not been read within \
                 {HANGS_AFTER:?}"
            ),
        }
    }

    fn ended(&mut self, read: Result<Option<Read<L>>, JoinError>, state: &AppState) {
        let section = L::SECTION;
        match read {
            Ok(None) => {}
            Ok(Some(Ok(after))) => {
                let tenants = after.list().rosters().len();
                tracing::info!(tenants, "{section}.file: reloaded {}, {tenants} tenants", after.shown());
                self.refused = None;
                self.logged.clear();
                let list = after.list().clone().for_shard(self.shard);
                let exposed = Exposed::clone(&state.exposed.load());
                state.exposed.store(Arc::new(list.published(exposed)));
                L::reloads(&state.instrumentation).loaded(Some(clock::now()));
                self.file = Some(Arc::new(after));
            }
            Ok(Some(Err(refused))) => {
                self.refused = Some(refused.version);
                L::reloads(&state.instrumentation).refused();
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
            let Some(roster) = file.list().rosters().of(name) else { continue };
            let mut logged = 0;
            for (entry, presence) in Matches::new(&source, roster).presences() {
                let place = (Arc::clone(name), entry.place());
                match L::problem_of(presence) {
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::app::App;
    use crate::server::ServerOptions;

    const SOLD: &str = "source,tenant_id\nus,1\n";
    const TESTS: &str = "source,tenant_id,workload,date,result\nus,1,mail,2025-11-01,ok\n";

    /// How many tenants are expected, and how many have restore tests.
    fn listed(state: &AppState) -> (usize, usize) {
        let exposed = state.exposed.load();
        let expected = exposed.expected("us").map_or(0, |list| list.all().len());
        (expected, exposed.restore_tests("us").map_or(0, |list| list.all().len()))
    }

    async fn a_second() {
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_hangs_delays_no_other_and_is_followed_again_when_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str, more: &str| {
            std::fs::write(folder.path().join(name), format!("{text}{more}")).unwrap();
        };
        write("sold.csv", SOLD, "");
        write("tests.csv", TESTS, "");
        let file = "expected: { file: sold.csv }\nrestore_tests: { file: tests.csv }\n\
            sources: [{ name: us, provider: dropsuite, base_url: dropsuite.us, reseller_token: r, access_token: a }]\n";
        let config = Config::parse(file, &|_| None, folder.path()).unwrap();
        let state = App::new(&config, ServerOptions::default()).unwrap().state().clone();
        let mut following = Following::new(&config, &state.instrumentation);
        let (release, hung) = mpsc::channel::<()>();
        following.expected.reading.start(move || {
            let _ = hung.recv();
            None
        });
        let following = tokio::spawn({
            let state = state.clone();
            async move { following.follow(&state).await }
        });
        assert_eq!(listed(&state), (1, 1));
        write("sold.csv", SOLD, "us,2\n");
        write("tests.csv", TESTS, "us,2,mail,2025-11-01,ok\n");
        while listed(&state) != (1, 2) {
            a_second().await;
        }
        for _ in 0..20 {
            a_second().await;
        }
        assert_eq!(listed(&state), (1, 2), "no second read begins while the first one hangs");
        drop(release);
        while listed(&state) != (2, 2) {
            a_second().await;
        }
        following.abort();
    }
}
