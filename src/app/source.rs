//! Builds the parts of one source from its configuration.

use std::sync::Arc;

use crate::config;
use crate::domain::shard::Shard;
use crate::domain::{Objectives, Policy, SourceIdentity, SourceState, Tenant};
use crate::exposition::{self, Exposed};
use crate::instrumentation::{Instrumentation, SourceInstrumentation};
use crate::poller::{Cadence, Dropping, Poller, Rotation};
use crate::process::clock;
use crate::provider::{self, Account, Accounts, BuildError, Client, Observer};
use crate::state_file::RestraintOf;
use crate::store::{Publisher, Shared};

/// Why a source cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The base URL is invalid.
    #[error("base_url: {0}")]
    Address(#[from] url::ParseError),
    /// The connection cannot be prepared.
    #[error(transparent)]
    Transport(#[from] BuildError),
    /// A token cannot be sent.
    #[error("a token contains characters not allowed in an HTTP header")]
    Token,
}

pub(crate) fn identity(source: &config::Source) -> SourceIdentity {
    SourceIdentity { provider: source.provider.vendor(), name: source.name.as_str().into() }
}

fn account(identity: &SourceIdentity, base_url: &str) -> Account {
    Account { provider: identity.provider, base_url: base_url.to_owned(), name: identity.name.to_string() }
}

/// What holds back the requests to the account of a source at the time.
pub(super) fn restraint_of(accounts: Accounts) -> Arc<RestraintOf> {
    Arc::new(move |state| {
        let account = account(&state.identity, state.base_url.as_deref().unwrap_or_default());
        accounts.restraint(&account, clock::now())
    })
}

/// The operator's settings for the values of a source.
pub(super) fn policy(source: &config::Source, objectives: &Objectives) -> Arc<Policy> {
    Arc::new(Policy {
        stale_after: source.collection.stale_after,
        workloads: source.collection.workloads.iter().copied().collect(),
        objectives: objectives.clone().of_vendor(source.provider.vendor()),
    })
}

pub(crate) fn initial_state(source: &config::Source, objectives: &Objectives) -> SourceState {
    SourceState::new(identity(source), policy(source, objectives)).at(source.provider.base_url())
}

/// Whether a source collects a tenant.
pub(super) fn selects(source: &config::Source) -> impl Fn(&Tenant) -> bool {
    |tenant| source.selection.selects(tenant.id.as_str(), tenant.name_or_id())
}

/// A client for the account of a source; continues with its pauses and lowered rate.
pub(crate) fn client(
    source: &config::Source,
    accounts: &Accounts,
    instrumentation: SourceInstrumentation,
) -> Result<Client, SourceError> {
    client_with(source, accounts, instrumentation, None)
}

/// The same, with an observer of every exchange with the vendor.
pub(crate) fn observed_client(
    source: &config::Source,
    accounts: &Accounts,
    instrumentation: SourceInstrumentation,
    observer: Arc<Observer>,
) -> Result<Client, SourceError> {
    client_with(source, accounts, instrumentation, Some(observer))
}

fn client_with(
    source: &config::Source,
    accounts: &Accounts,
    instrumentation: SourceInstrumentation,
    observer: Option<Arc<Observer>>,
) -> Result<Client, SourceError> {
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
    let account = account(&identity(source), source.provider.base_url());
    let pacing = accounts.pacing(account, settings.requests_per_second);
    let transport = provider::Transport::new(&settings, pacing, instrumentation)?;
    let transport = Arc::new(match observer {
        Some(observer) => transport.observed_by(observer),
        None => transport,
    });
    let credentials = Rotation::new(source.provider.clone()).credentials();
    Client::new(transport, &credentials).map_err(|_| SourceError::Token)
}

/// The source with one shard's share of the limits: all shards together send no more requests than one exporter would.
fn shared_among(shard: Shard, source: &config::Source) -> config::Source {
    let collection = config::Collection {
        concurrency: shard.share_of_places(source.collection.concurrency),
        requests_per_second: shard.share_of_rate(source.collection.requests_per_second),
        ..source.collection.clone()
    };
    config::Source { collection, ..source.clone() }
}

/// A source with its client, before it is decided where its results are published.
#[derive(Debug)]
pub(super) struct Prepared {
    source: config::Source,
    shard: Shard,
    client: Client,
    instrumentation: SourceInstrumentation,
}

impl Prepared {
    pub(super) fn new(
        source: &config::Source,
        shard: Shard,
        accounts: &Accounts,
        instrumentation: &Arc<Instrumentation>,
    ) -> Result<Self, SourceError> {
        let source = shared_among(shard, source);
        let endpoints = provider::endpoints(source.provider.vendor());
        let instrumentation = instrumentation.source(&identity(&source), endpoints);
        let client = client(&source, accounts, instrumentation.clone())?;
        Ok(Self { source, shard, client, instrumentation })
    }

    /// Tenants that `exposed` drops at the time are not collected.
    pub(super) fn poller(self, publisher: Publisher, exposed: Shared<Exposed>) -> Poller {
        let source = self.source;
        let dropped =
            move |state: &SourceState| exposition::dropped(state, &exposed.load()).into_iter().cloned().collect();
        // Only now: a rejected configuration must not change anything.
        self.client.set_requests_per_second(source.collection.requests_per_second);
        Poller {
            client: self.client,
            rotation: Rotation::new(source.provider),
            reread: Arc::default(),
            shard: self.shard,
            selection: source.selection,
            dropping: Dropping::new(dropped),
            cadence: Cadence::of(&source.collection),
            concurrency: source.collection.concurrency,
            publisher,
            instrumentation: self.instrumentation,
        }
    }
}

/// A source with the poller that collects it.
#[derive(Debug)]
pub(super) struct PolledSource {
    pub(super) source: config::Source,
    pub(super) policy: Arc<Policy>,
    pub(super) poller: Poller,
}
