//! Runs the exporter's own code without its schedule: list, collect, advance, render.
//!
//! The poller does the same on a timer; without it thousands of rounds need no waiting, and time is a parameter.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use saasbackup_exporter::domain::{
    Event, Listing, Objectives, Part, Policy, Provider, SourceIdentity, SourceState, TenantId, Timestamp, Workload,
};
use saasbackup_exporter::exposition::{Format, render};
use saasbackup_exporter::instrumentation::Instrumentation;
use saasbackup_exporter::provider::{
    self, Account, Accounts, Client, Collection, Credentials, Found, Listed, Settings, Transport,
};

/// The name of the one source.
const SOURCE: &str = "truth";
/// So high that pacing never delays a request.
const NO_LIMIT: f64 = 1e7;
/// Values live longer than any test.
const STALE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// Every workload is measured against the same objective.
pub(crate) const OBJECTIVE: Duration = Duration::from_secs(24 * 60 * 60);

/// One account of one vendor as the exporter collects it.
#[derive(Debug)]
pub(crate) struct Exporter {
    transport: Arc<Transport>,
    client: Client,
    identity: SourceIdentity,
    policy: Arc<Policy>,
}

/// What a round asks for.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Whether the tenants are listed again.
    pub(crate) lists: bool,
    /// The parts to be collected, by tenant.
    pub(crate) parts: BTreeMap<String, Vec<Part>>,
}

/// What is known after a round.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(crate) state: SourceState,
    /// How the tenants are asked from now on.
    pub(crate) listed: Vec<Listed>,
    /// Every failure in the words of the log.
    pub(crate) errors: String,
}

impl Exporter {
    pub(crate) fn new(
        provider: Provider,
        base_url: &str,
        credentials: &Credentials,
        workloads: &[Workload],
        now: Timestamp,
    ) -> Self {
        let identity = SourceIdentity { provider, name: SOURCE.into() };
        let settings = Settings {
            base_url: base_url.parse().unwrap(),
            timeout: Duration::from_secs(60),
            concurrency: 1_000,
            requests_per_second: NO_LIMIT,
            ca_file: None,
            client_certificate: None,
            proxy_url: None,
            no_proxy: vec!["*".to_owned()],
        };
        let instrumentation = Arc::new(Instrumentation::new(now)).source(&identity, provider::endpoints(provider));
        let account = Account { provider, base_url: base_url.to_owned(), name: identity.name.as_ref().to_owned() };
        let pacing = Accounts::default().pacing(account, NO_LIMIT);
        let transport = Arc::new(Transport::new(&settings, pacing, instrumentation).unwrap());
        let objectives = Objectives { default: Some(OBJECTIVE), ..Objectives::default() };
        let policy = Policy { stale_after: STALE_AFTER, workloads: workloads.to_vec(), objectives };
        let client = Client::new(Arc::clone(&transport), credentials).unwrap();
        Self { transport, client, identity, policy: Arc::new(policy) }
    }

    /// The same connection under another account, of which nothing has been learned.
    pub(crate) fn with_credentials(&self, credentials: &Credentials) -> Self {
        Self {
            transport: Arc::clone(&self.transport),
            client: Client::new(Arc::clone(&self.transport), credentials).unwrap(),
            identity: self.identity.clone(),
            policy: Arc::clone(&self.policy),
        }
    }

    /// A source of which nothing is known.
    pub(crate) fn begin(&self) -> Round {
        let state = SourceState::new(self.identity.clone(), Arc::clone(&self.policy));
        Round { state, listed: Vec::new(), errors: String::new() }
    }

    /// What is known after another round that ended at `now`.
    pub(crate) async fn round(&self, before: Round, scope: &Scope, now: Timestamp) -> Round {
        let mut round = if scope.lists { self.list(before, now).await } else { before };
        let listed: Vec<_> =
            round.listed.iter().map(|listed| (listed.id().as_str().to_owned(), listed.clone())).collect();
        for (id, listed) in listed {
            let Some(parts) = scope.parts.get(&id) else { continue };
            round = self.collect(round, &listed, parts, now).await;
        }
        Round { state: round.state.advance(Event::Elapsed, now), ..round }
    }

    async fn list(&self, mut round: Round, now: Timestamp) -> Round {
        let attempt = self.client.list_tenants().await;
        round.state = round.state.advance(Event::Drifted(attempt.drift), now);
        let result = match attempt.result {
            Ok(Found { tenants: listed, shortfall }) => {
                let listed = provider::under_known_ids(listed, &round.state);
                let tenants = listed.iter().map(|listed| Arc::clone(&listed.tenant)).collect();
                if let Some(error) = &shortfall {
                    round.errors.push_str(&format!("{error}\n"));
                    // Tenants that an incomplete listing misses are still collected.
                    round.listed.retain(|known| listed.iter().all(|listed| listed.id() != known.id()));
                    round.listed.extend(listed);
                } else if !listed.is_empty() {
                    // An empty listing is doubted where there were tenants, and these are still collected.
                    round.listed = listed;
                }
                Ok(Listing { tenants, shortfall: shortfall.map(|error| error.outcome()), ..Listing::default() })
            }
            Err(error) => {
                round.errors.push_str(&format!("{error}\n"));
                Err(error.outcome())
            }
        };
        round.state = round.state.advance(Event::Listed(result), now);
        round
    }

    pub(crate) async fn collect(&self, mut round: Round, listed: &Listed, parts: &[Part], now: Timestamp) -> Round {
        let rpo = self.policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
        let collection = self.client.collect_tenant(&listed.target, parts, &rpo, now).await;
        let Collection { parts, failures, drift } = collection;
        for (part, error) in failures {
            round.errors.push_str(&format!("{}: {error}\n", part.as_str()));
        }
        let tenant = listed.id().clone();
        let state = round.state.advance(Event::Drifted(drift), now);
        round.state = state.advance(Event::Collected { tenant, parts }, now);
        round
    }
}

impl Round {
    /// The same round as if this were the only tenant: what is said of the others cannot change.
    pub(crate) fn only(&self, tenant: &str) -> Self {
        let mut round = self.clone();
        round.state.tenants.retain(|id: &TenantId, _| id.as_str() == tenant);
        round.listed.retain(|listed| listed.id().as_str() == tenant);
        round
    }

    /// What a scrape shows.
    pub(crate) fn exposition(&self) -> String {
        render(&[Arc::new(self.state.clone())], Vec::new(), Format::Text)
    }
}
