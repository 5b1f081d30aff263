//! Puts the pieces together: from a configuration to pollers, a store and a server.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::{self, Config};
use crate::domain::{Policy, SourceIdentity, SourceState, Tenant};
use crate::instrumentation::{Instrumentation, SourceInstrumentation};
use crate::poller::{Cadence, Panicked, Poller, Rotation, Until};
use crate::provider::{self, BuildError, Client};
use crate::server::{self, Views};
use crate::state_file;
use crate::store::{Publisher, Store};

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

/// Why a source cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The address is not one.
    #[error("base_url: {0}")]
    Address(#[from] url::ParseError),
    /// The connection cannot be prepared.
    #[error(transparent)]
    Transport(#[from] BuildError),
    /// A token cannot be sent.
    #[error("a token holds characters that cannot stand in a header")]
    Token,
}

/// The exporter, set up and not yet collecting.
#[derive(Debug)]
pub struct App {
    pollers: Vec<Poller>,
    views: Views,
    state_path: Option<PathBuf>,
}

impl App {
    /// Sets up everything that the configuration asks for; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When a source cannot be set up.
    pub fn new(config: &Config, telemetry_path: &str) -> Result<Self, Error> {
        let instrumentation = Arc::new(Instrumentation::new(clock::now()));
        let states = config.sources.iter().map(|source| initial_state(source, config)).collect();
        let (store, publishers) = Store::new(states);
        let pollers = config
            .sources
            .iter()
            .zip(publishers)
            .map(|(source, publisher)| {
                poller(source, publisher, &instrumentation)
                    .map_err(|cause| Error::Source { name: source.name.clone(), cause })
            })
            .collect::<Result<_, _>>()?;
        let views = Views {
            store: Arc::new(store),
            instrumentation,
            exposed: Arc::new(config.exposed()),
            refusals: Arc::default(),
            telemetry_path: telemetry_path.into(),
        };
        Ok(Self { pollers, views, state_path: config.state_path.clone() })
    }

    /// What the server shows.
    #[must_use]
    pub const fn views(&self) -> &Views {
        &self.views
    }

    /// Collects and serves until `stopping` is cancelled, beginning with what an earlier run knew.
    ///
    /// # Errors
    ///
    /// When a listener breaks or a collecting task panics; the rest is stopped then.
    pub async fn run(self, listeners: Vec<TcpListener>, stopping: CancellationToken) -> Result<(), Error> {
        if let Some(path) = &self.state_path {
            warm_start(path, &self.pollers);
        }
        let collected = CancellationToken::new();
        let keeping = keep(self.state_path, Arc::clone(&self.views.store), collected.clone());
        let serving = server::serve(listeners, self.views, stopping.clone());
        let collecting = collect(self.pollers, Until::Stopped, stopping.clone());
        let collecting = async {
            let result = collecting.await;
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

    /// Collects every source once, beginning with nothing known; the result is in the views.
    ///
    /// # Errors
    ///
    /// When a collecting task panics.
    pub async fn collect_once(self, stopping: CancellationToken) -> Result<(), Error> {
        collect(self.pollers, Until::AskedOnce, stopping).await
    }
}

/// Publishes what the state file holds, before anybody asks or is asked.
fn warm_start(path: &Path, pollers: &[Poller]) {
    let Some(mut saved) = state_file::open(path) else { return };
    let now = clock::now();
    for Poller { publisher, selection, .. } in pollers {
        let selects = |tenant: &Tenant| selection.selects(tenant.id.as_str(), tenant.name_or_id());
        let state = saved.restore(SourceState::clone(&publisher.latest()), &selects, now);
        tracing::info!(source = &*state.identity.name, tenants = state.tenants.len(), "starting with what was known");
        publisher.publish(state);
    }
}

async fn keep(path: Option<PathBuf>, store: Arc<Store>, collected: CancellationToken) {
    if let Some(path) = path {
        state_file::keep(path, store, collected).await;
    }
}

async fn collect(pollers: Vec<Poller>, until: Until, stopping: CancellationToken) -> Result<(), Error> {
    let mut running = JoinSet::new();
    for poller in pollers {
        running.spawn(poller.run(until, stopping.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

pub(crate) fn identity(source: &config::Source) -> SourceIdentity {
    SourceIdentity { provider: source.provider.vendor(), name: source.name.as_str().into() }
}

pub(crate) fn initial_state(source: &config::Source, config: &Config) -> SourceState {
    let policy = Policy {
        stale_after: source.collection.stale_after,
        workloads: source.collection.workloads.iter().copied().collect(),
        objectives: config.objectives.clone(),
    };
    SourceState::new(identity(source), Arc::new(policy))
}

fn poller(
    source: &config::Source,
    publisher: Publisher,
    instrumentation: &Arc<Instrumentation>,
) -> Result<Poller, SourceError> {
    let endpoints = provider::endpoints(source.provider.vendor());
    let instrumentation = instrumentation.source(&identity(source), endpoints);
    Ok(Poller {
        client: client(source, instrumentation.clone())?,
        rotation: Rotation::new(source.provider.clone()),
        selection: source.selection.clone(),
        cadence: Cadence::of(&source.collection),
        concurrency: source.collection.concurrency,
        publisher,
        instrumentation,
    })
}

/// A client of the account that a source names.
pub(crate) fn client(source: &config::Source, instrumentation: SourceInstrumentation) -> Result<Client, SourceError> {
    let settings = provider::Settings {
        base_url: source.provider.base_url().parse()?,
        timeout: source.collection.timeout,
        concurrency: source.collection.concurrency,
        requests_per_second: source.collection.requests_per_second,
        ca_file: source.network.ca_file.clone(),
        client_certificate: source
            .network
            .client_certificate
            .as_ref()
            .map(|files| (files.cert_file.clone(), files.key_file.clone())),
        no_proxy: source.network.no_proxy.clone(),
        proxy_url: source.network.proxy_url.as_ref().map(|proxy| proxy.expose().parse()).transpose()?,
    };
    let transport = Arc::new(provider::Transport::new(&settings, instrumentation)?);
    let credentials = Rotation::new(source.provider.clone()).credentials();
    Client::new(transport, &credentials).map_err(|_| SourceError::Token)
}
