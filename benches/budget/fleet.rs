//! Collects every part of every tenant of a mock vendor once, and counts the requests by endpoint.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use saasbackup_exporter::domain::{Outcome, Part, PartResult, Provider, Rpo};
use saasbackup_exporter::instrumentation::SourceInstrumentation;
use saasbackup_exporter::process::clock;
use saasbackup_exporter::provider::{
    Account, Accounts, Client, Credentials, DattoCredentials, DropsuiteCredentials, Listed, Settings, Transport,
};
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto;
use saasbackup_simulator::dropsuite::fleet::Fleet;
use saasbackup_simulator::dropsuite::{Options, PerPage, Server, Shapes};

use crate::DROPSUITE_LATENCY;

/// Tenants that are measured one by one; larger fleets repeat them.
const TENANTS: usize = 200;
const SEED: u64 = 7;

/// What one part of one tenant takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    /// Requests by endpoint.
    pub(crate) requests: Vec<(&'static str, u64)>,
    /// How long one of them takes.
    pub(crate) latency: Duration,
    pub(crate) is_refused: bool,
    pub(crate) failure: Option<Outcome>,
}

/// A fleet, with what each part of each tenant takes.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) listing: Vec<(&'static str, u64)>,
    pub(crate) listing_latency: Duration,
    pub(crate) tenants: Vec<(Listed, BTreeMap<Part, Cost>)>,
    /// Whether one request brings all workloads.
    pub(crate) reports_together: bool,
}

/// Mailboxes of the tenants: many small customers, a few large ones.
pub(crate) fn sizes() -> Vec<u16> {
    let size = |index: usize| match index * 100 / TENANTS {
        place @ 0..60 => 5 + place / 3,
        place @ 60..85 => 25 + (place - 60) * 2,
        place @ 85..95 => 80 + (place - 85) * 12,
        place @ 95..99 => 250 + (place - 95) * 80,
        _ => 1_500 * (1 + index % 2),
    };
    (0..TENANTS).map(|index| u16::try_from(size(index)).unwrap()).collect()
}

struct Asking {
    client: Client,
    instrumentation: SourceInstrumentation,
}

impl Asking {
    fn new(provider: Provider, base_url: &str, credentials: &Credentials) -> Self {
        let settings = Settings {
            base_url: base_url.parse().unwrap(),
            timeout: Duration::from_secs(60),
            concurrency: 4,
            requests_per_second: 1e6,
            ca_file: None,
            client_certificate: None,
            proxy_url: None,
            no_proxy: Vec::new(),
        };
        let account = Account { provider, base_url: base_url.to_owned(), name: "bench".to_owned() };
        let pacing = Accounts::default().pacing(account, settings.requests_per_second);
        let instrumentation = SourceInstrumentation::default();
        let transport = Transport::new(&settings, pacing, instrumentation.clone()).unwrap();
        Self { client: Client::new(Arc::new(transport), credentials).unwrap(), instrumentation }
    }

    fn sent(&self) -> BTreeMap<&'static str, u64> {
        self.instrumentation.requests_by_endpoint().into_iter().collect()
    }

    /// The requests since then, by endpoint.
    fn since(&self, before: &BTreeMap<&'static str, u64>) -> Vec<(&'static str, u64)> {
        let more =
            |(endpoint, sent): (&'static str, u64)| (endpoint, sent - before.get(endpoint).copied().unwrap_or(0));
        self.sent().into_iter().map(more).filter(|(_, sent)| *sent > 0).collect()
    }

    async fn measured(&self, latency: impl Fn(Part, &Listed) -> Duration, listing_latency: Duration) -> Measured {
        let before = self.sent();
        let listed = self.client.list_tenants().await.result.unwrap().tenants;
        let listing = self.since(&before);
        let mut tenants = Vec::new();
        for listed in listed {
            let mut costs = BTreeMap::new();
            for part in listed.tenant.parts.iter().copied().filter(|part| *part != Part::Domains) {
                let before = self.sent();
                let rpo = Rpo::default();
                let collection = self.client.collect_tenant(&listed.target, &[part], &rpo, clock::now()).await;
                let is_refused = collection.parts.iter().any(|result| matches!(result, PartResult::Refused(..)));
                let failure = collection.failures.first().map(|(_, error)| error.outcome());
                let requests = self.since(&before);
                costs.insert(part, Cost { requests, latency: latency(part, &listed), is_refused, failure });
            }
            tenants.push((listed, costs));
        }
        Measured { listing, listing_latency, tenants, reports_together: false }
    }
}

/// A fleet of Dropsuite, whose undocumented lists treat `per_page` in this way, and whose listing may carry every counter.
pub(crate) async fn dropsuite(undocumented_per_page: PerPage, counters_in_users: bool) -> Measured {
    let shapes = Shapes { undocumented_per_page, counters_in_users, ..Shapes::default() };
    let clock = Clock::fixed(clock::now().as_millis());
    let options = Options { shapes, ..Options::new(Fleet::of_sizes(&sizes(), SEED), clock) };
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
    let credentials = Credentials::Dropsuite(DropsuiteCredentials {
        reseller_token: server.reseller_token().into(),
        access_token: server.admin_token().into(),
    });
    let asking = Asking::new(Provider::Dropsuite, &server.base_url(), &credentials);
    let latency = |_, _: &Listed| DROPSUITE_LATENCY;
    // What is learned about its pages is learned in the first round.
    asking.measured(latency, DROPSUITE_LATENCY).await;
    asking.measured(latency, DROPSUITE_LATENCY).await
}

/// A fleet of Datto, which takes as long as clients have measured: see `docs/BUDGET.md`.
pub(crate) async fn datto() -> Measured {
    let clock = Clock::fixed(clock::now().as_millis());
    let options =
        datto::Options { latency_scale: 0.0, ..datto::Options::new(datto::fleet::Fleet::demo(TENANTS, SEED), clock) };
    let server = datto::Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
    let credentials = Credentials::Datto(DattoCredentials {
        public_key: server.public_key().into(),
        secret_key: server.secret_key().into(),
    });
    let asking = Asking::new(Provider::Datto, &server.base_url(), &credentials);
    let latency = |part, _: &Listed| Duration::from_secs(if part == Part::Seats { 50 } else { 19 });
    let measured = asking.measured(latency, Duration::from_secs(20)).await;
    Measured { reports_together: true, ..measured }
}
