//! Composes the exporter: builds pollers, a store and a server from a configuration.

mod following;
mod reloading;
mod source;
mod supervisor;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub use self::source::SourceError;
pub(crate) use self::source::{client, identity, initial_state, observed_client};

use self::following::Following;
use self::source::{PolledSource, Prepared};
use self::supervisor::Supervisor;
use crate::config::{Config, Errors};
use crate::domain::SourceState;
use crate::domain::shard::Shard;
use crate::instrumentation::Instrumentation;
use crate::poller::{Mode, Panicked};
use crate::process::clock;
use crate::process::reload::{self, Reloader, Requests};
use crate::provider::{self, Accounts};
use crate::server::{self, AppState, LiveWebConfig, ServerOptions};
use crate::state_file::{self, RestraintOf};
use crate::store::{self, Store};

/// How long a stopping exporter waits for the final state file: a hanging disk must not block it forever.
const LAST_FILE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the exporter cannot start, or has stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A source cannot be set up.
    #[error("source \"{name}\": {cause}")]
    Source {
        /// The name of the source.
        name: String,
        /// The cause.
        cause: SourceError,
    },
    /// A listener failed.
    #[error("serving HTTP failed: {0}")]
    Serve(#[from] io::Error),
    /// The collection of a tenant panicked, which is a bug.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// The collection of a source panicked, which is a bug.
    #[error("collection task failed: {0}")]
    Collecting(#[from] JoinError),
}

type Load = dyn Fn() -> Result<Config, Errors> + Send + Sync;

/// How to reload the configuration, and what to notify afterwards.
struct Reloads {
    load: Arc<Load>,
    notify: Box<dyn Fn(&Config) + Send + Sync>,
    requests: Requests,
}

/// The exporter, set up but not yet collecting.
pub struct App {
    sources: Vec<PolledSource>,
    accounts: Accounts,
    state: AppState,
    web: Arc<LiveWebConfig>,
    state_path: Option<PathBuf>,
    shard: Shard,
    following: Following,
    reloads: Option<Reloads>,
}

impl App {
    /// Sets up everything in the configuration; sends nothing yet.
    ///
    /// # Errors
    ///
    /// If a source cannot be set up.
    pub fn new(config: &Config, options: ServerOptions) -> Result<Self, Error> {
        let shard = config.shard;
        let instrumentation = Arc::new(Instrumentation::new(clock::now()).of_shard(shard));
        let following = Following::new(config, &instrumentation);
        let accounts = Accounts::default();
        let initial = |source| initial_state(source, &config.objectives);
        let exposed = store::shared(config.exposed());
        let (store, publishers) = Store::new(config.sources.iter().map(initial).collect());
        let sources = config.sources.iter().zip(publishers).map(|(source, publisher)| {
            let prepared = Prepared::new(source, shard, &accounts, &instrumentation)
                .map_err(|cause| Error::Source { name: source.name.clone(), cause })?;
            let policy = source::policy(source, &config.objectives);
            Ok(PolledSource {
                policy,
                poller: prepared.poller(publisher, Arc::clone(&exposed)),
                source: source.clone(),
            })
        });
        let sources = sources.collect::<Result<_, Error>>()?;
        let state = AppState {
            shard,
            store: Arc::new(store),
            instrumentation,
            options: Arc::new(options),
            reloader: None,
            exposed,
            series_limit_log: Arc::default(),
            config: store::shared(config.redacted()),
            listening: None,
        };
        let web = Arc::new(LiveWebConfig::plain());
        Ok(Self {
            sources,
            accounts,
            state,
            web,
            state_path: config.state_path.clone(),
            shard,
            following,
            reloads: None,
        })
    }

    /// Reloads the configuration with `load` on request of the [`Reloader`], and then calls `notify`.
    #[must_use]
    pub fn reloading(
        mut self,
        load: impl Fn() -> Result<Config, Errors> + Send + Sync + 'static,
        notify: impl Fn(&Config) + Send + Sync + 'static,
    ) -> (Self, Reloader) {
        let (reloader, requests) = reload::channel();
        self.state.reloader = Some(reloader.clone());
        self.reloads = Some(Reloads { load: Arc::new(load), notify: Box::new(notify), requests });
        (self, reloader)
    }

    /// Serves by the rules of this web configuration.
    #[must_use]
    pub fn with_web(self, web: LiveWebConfig) -> Self {
        Self { web: Arc::new(web), ..self }
    }

    /// The state of the server.
    #[must_use]
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// Collects and serves until `stopping` is cancelled, starting from the state file if there is one.
    ///
    /// # Errors
    ///
    /// If a listener fails or a collecting task panics; everything else is stopped then.
    pub async fn run(self, listeners: Vec<TcpListener>, stopping: CancellationToken) -> Result<(), Error> {
        let Self { sources, accounts, state, web, state_path, shard, following, reloads } = self;
        let names: Vec<_> = sources.iter().map(|polled| polled.source.name.as_str()).collect();
        tracing::info!(version = env!("CARGO_PKG_VERSION"), sources = names.join(","), "exporter started");
        if !shard.is_whole() {
            tracing::info!(
                shard = shard.index(),
                total_shards = shard.total(),
                "sharding enabled, collecting only the tenants of this shard"
            );
        }
        let sources = match state_path.clone() {
            Some(path) => {
                // The file may be on a hanging network mount, but a signal must still end the process.
                let warm = spawn_blocking(move || {
                    warm_start(&path, shard, &sources);
                    sources
                });
                let Some(sources) = stopping.run_until_cancelled(warm).await else { return Ok(()) };
                sources?
            }
            None => sources,
        };
        let collected = CancellationToken::new();
        let restraint_of = source::restraint_of(accounts.clone());
        let keeping = keep(state_path.clone(), shard, Arc::clone(&state.store), restraint_of, collected.clone());
        let supervisor = supervise(sources, accounts, &state, Mode::Continuous, &stopping);
        let serving = async {
            let served = server::serve(listeners, state.clone(), web, stopping.clone()).await;
            let is_early = !stopping.is_cancelled();
            // Pollers without a server would request data that cannot be scraped.
            stopping.cancel();
            if is_early { served.and(Err(io::Error::other("all listeners closed unexpectedly"))) } else { served }
        };
        let collecting = async {
            let result = reloading::collect(supervisor, reloads, following, &state, state_path.as_deref()).await;
            // A poller only ends early because of a bug; the server must not outlive it.
            stopping.cancel();
            // Only now are the states final.
            collected.cancel();
            result
        };
        let (served, collected, ()) = tokio::join!(serving, collecting, keeping);
        collected?;
        Ok(served?)
    }

    /// Collects every source once, starting without data; the result is in the application's state.
    ///
    /// # Errors
    ///
    /// If a collecting task panics.
    pub async fn collect_once(self, stopping: CancellationToken) -> Result<(), Error> {
        let mut supervisor = supervise(self.sources, self.accounts, &self.state, Mode::Once, &stopping);
        while let Some(ended) = supervisor.ended().await {
            ended?;
        }
        Ok(())
    }
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("App").field("sources", &self.sources).finish_non_exhaustive()
    }
}

fn supervise(
    sources: Vec<PolledSource>,
    accounts: Accounts,
    state: &AppState,
    mode: Mode,
    stopping: &CancellationToken,
) -> Supervisor {
    Supervisor::start(sources, accounts, state, mode, stopping.clone())
}

/// Publishes the content of the state file before the first scrape and the first request.
fn warm_start(path: &Path, shard: Shard, sources: &[PolledSource]) {
    let Some(mut saved) = state_file::open(path, shard) else { return };
    let now = clock::now();
    for PolledSource { source, poller, .. } in sources {
        let publisher = &poller.publisher;
        let fresh = SourceState::clone(&publisher.latest());
        let restraint = saved.restraint(&fresh);
        poller.client.resume(&restraint, now);
        let state = saved.restore(fresh, provider::parts, &source::selects(source), now);
        let (source, tenants) = (&*state.identity.name, state.tenants.len());
        tracing::info!(source, tenants, "restored {tenants} tenants of source {source} from the state file");
        if let Some(pause) = poller.client.pause() {
            let seconds = pause.as_secs();
            tracing::info!(source, seconds, "source {source} is still rate limited by the vendor, for {seconds} s");
        }
        if poller.client.credentials_refused() {
            tracing::warn!(
                source,
                "the vendor rejected the credentials of source {source} before the restart: they are tried again when \
                 the refresh interval of the listing has elapsed, and changed ones at once"
            );
        }
        publisher.publish(state);
    }
}

async fn keep(
    path: Option<PathBuf>,
    shard: Shard,
    store: Arc<Store>,
    restraint_of: Arc<RestraintOf>,
    collected: CancellationToken,
) {
    let Some(path) = path else { return };
    let shown = path.display().to_string();
    let too_late = async {
        collected.cancelled().await;
        sleep(LAST_FILE_TIMEOUT).await;
    };
    tokio::select! {
        () = state_file::keep(path, shard, store, restraint_of, collected.clone()) => {}
        () = too_late => {
            tracing::error!(path = %shown, "writing state file {shown} at shutdown timed out after {LAST_FILE_TIMEOUT:?}, the previous one remains");
        }
    }
}
