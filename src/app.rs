//! Puts the pieces together: from a configuration to pollers, a store and a server.

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
pub(crate) use self::source::{client, identity, initial_state};

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
use crate::state_file;
use crate::store::{self, Store};

/// How long a stopping exporter waits for its last state file: a disk that hangs may not keep it for ever.
const LAST_FILE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the exporter cannot start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A source cannot be set up.
    #[error("source \"{name}\": {cause}")]
    Source {
        /// Its name.
        name: String,
        /// Why.
        cause: SourceError,
    },
    /// A listener broke.
    #[error("serving HTTP: {0}")]
    Serve(#[from] io::Error),
    /// A bug in the collection of one tenant.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// A bug in the collection of a source.
    #[error("collecting: {0}")]
    Collecting(#[from] JoinError),
}

type Load = dyn Fn() -> Result<Config, Errors> + Send + Sync;

/// How the configuration is read again, and who else is told of one that was taken over.
struct Reloads {
    load: Arc<Load>,
    tell: Box<dyn Fn(&Config) + Send + Sync>,
    requests: Requests,
}

/// The exporter, set up and not yet collecting.
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
    /// Sets up everything that the configuration asks for; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When a source cannot be set up.
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

    /// Takes over what `load` brings whenever somebody asks the [`Reloader`] for it, and tells it to `tell` then.
    #[must_use]
    pub fn reloading(
        mut self,
        load: impl Fn() -> Result<Config, Errors> + Send + Sync + 'static,
        tell: impl Fn(&Config) + Send + Sync + 'static,
    ) -> (Self, Reloader) {
        let (reloader, requests) = reload::channel();
        self.state.reloader = Some(reloader.clone());
        self.reloads = Some(Reloads { load: Arc::new(load), tell: Box::new(tell), requests });
        (self, reloader)
    }

    /// The same, served by the rules of a web configuration.
    #[must_use]
    pub fn with_web(self, web: LiveWebConfig) -> Self {
        Self { web: Arc::new(web), ..self }
    }

    /// What the server shows.
    #[must_use]
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// Collects and serves until `stopping` is cancelled, beginning with what an earlier run knew.
    ///
    /// # Errors
    ///
    /// When a listener breaks or a collecting task panics; the rest is stopped then.
    pub async fn run(self, listeners: Vec<TcpListener>, stopping: CancellationToken) -> Result<(), Error> {
        let Self { sources, accounts, state, web, state_path, shard, following, reloads } = self;
        if !shard.is_whole() {
            tracing::info!(shard = shard.index(), total_shards = shard.total(), "collecting a share of the tenants");
        }
        let sources = match state_path.clone() {
            Some(path) => {
                // It may lie on a network that hangs, and a signal must end the process all the same.
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
        let keeping = keep(state_path.clone(), shard, Arc::clone(&state.store), collected.clone());
        let supervisor = supervise(sources, accounts, &state, Mode::Continuous, &stopping);
        let serving = async {
            let served = server::serve(listeners, state.clone(), web, stopping.clone()).await;
            let is_early = !stopping.is_cancelled();
            // Pollers without a server would ask the vendors for what nobody can read.
            stopping.cancel();
            if is_early { served.and(Err(io::Error::other("no listener takes connections any more"))) } else { served }
        };
        let collecting = async {
            let result = reloading::collect(supervisor, reloads, following, &state, state_path.as_deref()).await;
            // A poller ends before it is told to only by a bug; the server must not outlive it.
            stopping.cancel();
            // Only now are the states final, and worth a last file.
            collected.cancel();
            result
        };
        let (served, collected, ()) = tokio::join!(serving, collecting, keeping);
        collected?;
        Ok(served?)
    }

    /// Collects every source once, beginning with nothing known; the result is in the application's state.
    ///
    /// # Errors
    ///
    /// When a collecting task panics.
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

/// Publishes what the state file holds, before anybody asks or is asked.
fn warm_start(path: &Path, shard: Shard, sources: &[PolledSource]) {
    let Some(mut saved) = state_file::open(path, shard) else { return };
    let now = clock::now();
    for PolledSource { source, poller, .. } in sources {
        let publisher = &poller.publisher;
        let state =
            saved.restore(SourceState::clone(&publisher.latest()), provider::parts, &source::selects(source), now);
        tracing::info!(source = &*state.identity.name, tenants = state.tenants.len(), "starting with what was known");
        publisher.publish(state);
    }
}

async fn keep(path: Option<PathBuf>, shard: Shard, store: Arc<Store>, collected: CancellationToken) {
    let Some(path) = path else { return };
    let shown = path.display().to_string();
    let too_late = async {
        collected.cancelled().await;
        sleep(LAST_FILE_TIMEOUT).await;
    };
    tokio::select! {
        () = state_file::keep(path, shard, store, collected.clone()) => {}
        () = too_late => {
            tracing::error!(path = %shown, "writing the last state file {shown}: not done within {LAST_FILE_TIMEOUT:?}");
        }
    }
}
