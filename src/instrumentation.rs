//! Counts what the exporter does itself: requests, latencies, collections, its build and its process.
//!
//! With `exposition` the only module that names `prometheus-client`.

mod expected;
mod process;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit as RegistryUnit};
use strum::IntoEnumIterator as _;

use self::expected::ExpectedReloads;
use crate::domain::shard::Shard;
use crate::domain::{Outcome, SourceIdentity, Timestamp};
use crate::exposition::{Descriptor, Kind, Unit};

const fn own(name: &'static str, help: &'static str, unit: Option<Unit>, kind: Kind) -> Descriptor {
    Descriptor { name, help, unit, kind }
}

const SOURCE: &[&str] = &["provider", "source"];

const BUILD: Descriptor =
    own("saasbackup_exporter_build_info", "Version, source revision and compiler of this exporter", None, Kind::Info);
const SHARD: Descriptor = own(
    "saasbackup_exporter_shard_info",
    "Number of this shard, counted from 0, and how many shards divide the tenants among themselves",
    None,
    Kind::Info,
);
const RELOAD_SUCCESSFUL: Descriptor = own(
    "saasbackup_exporter_config_last_reload_successful",
    "Whether the configuration was last loaded without a problem (1) or not (0)",
    None,
    Kind::Gauge,
);
const RELOAD_TIME: Descriptor = own(
    "saasbackup_exporter_config_last_reload_success_timestamp_seconds",
    "When the configuration was last loaded without a problem",
    Some(Unit::Seconds),
    Kind::Gauge,
);
const REQUESTS: Descriptor = own(
    "saasbackup_exporter_api_requests_total",
    "Requests to the vendor's API by endpoint and outcome, each attempt of a repeated one counted",
    None,
    Kind::Counter,
);
const REQUEST_DURATION: Descriptor = own(
    "saasbackup_exporter_api_request_duration_seconds",
    "Time from sending a request to the vendor's API to the end of its answer or its failure",
    Some(Unit::Seconds),
    Kind::Histogram,
);
const THROTTLED: Descriptor = own(
    "saasbackup_exporter_api_throttled_total",
    "Answers of the vendor's API that asked for fewer requests (429)",
    None,
    Kind::Counter,
);
const BUDGET: Descriptor = own(
    "saasbackup_exporter_api_budget_remaining",
    "What remains of the request budget that the vendor's last answer announced, in the vendor's units; absent for a vendor that announces none",
    None,
    Kind::Gauge,
);
const COLLECTION_DURATION: Descriptor = own(
    "saasbackup_exporter_collection_duration_seconds",
    "Time that one collection of one tenant took, waiting for the request budget included",
    Some(Unit::Seconds),
    Kind::Histogram,
);
const EFFECTIVE_INTERVAL: Descriptor = own(
    "saasbackup_exporter_effective_interval_seconds",
    "Time between two looks at one tenant: the configured interval, or longer where tenants times requests exceed the budget; absent before the first collection ends",
    Some(Unit::Seconds),
    Kind::Gauge,
);
const CREDENTIAL: Descriptor = own(
    "saasbackup_exporter_credential_last_success_timestamp_seconds",
    "When the source's credential last brought a listing with somebody in it; absent while it never has",
    Some(Unit::Seconds),
    Kind::Gauge,
);

/// The exporter's own families, with the labels of each.
pub static OWN_FAMILIES: &[(Descriptor, &[&str])] = &[
    (BUILD, &["version", "revision", "rustc"]),
    (SHARD, &["shard", "total_shards"]),
    (RELOAD_SUCCESSFUL, &[]),
    (RELOAD_TIME, &[]),
    (expected::SUCCESSFUL, &[]),
    (expected::TIME, &[]),
    (REQUESTS, &["provider", "source", "endpoint", "outcome"]),
    (REQUEST_DURATION, &["provider", "source", "endpoint"]),
    (THROTTLED, SOURCE),
    (BUDGET, SOURCE),
    (COLLECTION_DURATION, SOURCE),
    (EFFECTIVE_INTERVAL, SOURCE),
    (CREDENTIAL, SOURCE),
    (process::CPU, &[]),
    (process::RESIDENT_MEMORY, &[]),
    (process::VIRTUAL_MEMORY, &[]),
    (process::OPEN_FILES, &[]),
    (process::MAX_FILES, &[]),
    (process::START_TIME, &[]),
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabels {
    provider: &'static str,
    source: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabels {
    provider: &'static str,
    source: Arc<str>,
    endpoint: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    provider: &'static str,
    source: Arc<str>,
    endpoint: &'static str,
    outcome: &'static str,
}

impl SourceLabels {
    fn endpoint(&self, endpoint: &'static str) -> EndpointLabels {
        EndpointLabels { provider: self.provider, source: Arc::clone(&self.source), endpoint }
    }

    fn request(&self, endpoint: &'static str, outcome: Outcome) -> RequestLabels {
        let outcome = outcome.as_str();
        RequestLabels { provider: self.provider, source: Arc::clone(&self.source), endpoint, outcome }
    }
}

type Measure = Gauge<f64, AtomicU64>;
type Durations<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// The exporter's own metrics; its registry never changes after the start.
#[derive(Debug)]
pub struct Instrumentation {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    /// The same by source alone, for those who watch a collection; not exported.
    sent: Family<SourceLabels, Counter>,
    /// The seconds these took; not exported either, since the histogram says it by endpoint.
    answered_in: Family<SourceLabels, Counter<f64, AtomicU64>>,
    request_durations: Durations<EndpointLabels>,
    throttled: Family<SourceLabels, Counter>,
    budgets: Family<SourceLabels, Measure>,
    collection_durations: Durations<SourceLabels>,
    effective_intervals: Family<SourceLabels, Measure>,
    credentials: Family<SourceLabels, Measure>,
    reload_successful: Gauge,
    reloaded_at: Measure,
    expected: ExpectedReloads,
}

impl Instrumentation {
    /// Starts counting; the configuration was loaded at `started`.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let request_durations = Durations::new_with_constructor(|| {
            Histogram::new([0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0])
        });
        let throttled = Family::default();
        let budgets = Family::default();
        let collection_durations =
            Durations::new_with_constructor(|| Histogram::new(exponential_buckets(0.25, 2.0, 13)));
        let effective_intervals = Family::default();
        let credentials = Family::default();
        let reload_successful = Gauge::default();
        let reloaded_at = Measure::default();
        let expected = ExpectedReloads::default();
        let build = Info::new(vec![
            ("version", env!("CARGO_PKG_VERSION")),
            ("revision", env!("SAASBACKUP_EXPORTER_REVISION")),
            ("rustc", env!("SAASBACKUP_EXPORTER_RUSTC")),
        ]);
        register(&mut registry, &BUILD, build);
        register(&mut registry, &RELOAD_SUCCESSFUL, reload_successful.clone());
        register(&mut registry, &RELOAD_TIME, reloaded_at.clone());
        expected.register(&mut registry);
        register(&mut registry, &REQUESTS, requests.clone());
        register(&mut registry, &REQUEST_DURATION, request_durations.clone());
        register(&mut registry, &THROTTLED, throttled.clone());
        register(&mut registry, &BUDGET, budgets.clone());
        register(&mut registry, &COLLECTION_DURATION, collection_durations.clone());
        register(&mut registry, &EFFECTIVE_INTERVAL, effective_intervals.clone());
        register(&mut registry, &CREDENTIAL, credentials.clone());
        registry.register_collector(Box::new(process::ProcessCollector::new(started)));
        let instrumentation = Self {
            registry,
            requests,
            sent: Family::default(),
            answered_in: Family::default(),
            request_durations,
            throttled,
            budgets,
            collection_durations,
            effective_intervals,
            credentials,
            reload_successful,
            reloaded_at,
            expected,
        };
        instrumentation.config_loaded(started);
        instrumentation
    }

    /// Says also which share of the tenants is collected.
    #[must_use]
    pub fn of_shard(mut self, shard: Shard) -> Self {
        let (index, total) = (shard.index().to_string(), shard.total().to_string());
        register(&mut self.registry, &SHARD, Info::new(vec![("shard", index), ("total_shards", total)]));
        self
    }

    /// The configuration was loaded without a problem.
    pub fn config_loaded(&self, at: Timestamp) {
        self.reload_successful.set(1);
        self.reloaded_at.set(at.as_seconds());
    }

    /// The configuration was to be loaded again, and was not good.
    pub fn config_refused(&self) {
        self.reload_successful.set(0);
    }

    /// How the file of what was sold is followed.
    pub(crate) const fn expected(&self) -> &ExpectedReloads {
        &self.expected
    }

    /// What one source counts; its counters for `endpoints` start at zero, so that rates work from the first event.
    #[must_use]
    pub fn source(self: &Arc<Self>, identity: &SourceIdentity, endpoints: &[&'static str]) -> SourceInstrumentation {
        let source = SourceInstrumentation {
            metrics: Arc::clone(self),
            labels: SourceLabels { provider: identity.provider.as_str(), source: Arc::clone(&identity.name) },
        };
        for endpoint in endpoints {
            for outcome in Outcome::iter().filter(|outcome| outcome.ends_a_request()) {
                drop(self.requests.get_or_create(&source.labels.request(endpoint, outcome)));
            }
        }
        drop(self.throttled.get_or_create(&source.labels));
        source
    }

    /// Drops what was counted for a source that there is no more; `endpoints` are those it was created with.
    pub fn forget(&self, identity: &SourceIdentity, endpoints: &[&'static str]) {
        let labels = SourceLabels { provider: identity.provider.as_str(), source: Arc::clone(&identity.name) };
        for endpoint in endpoints {
            self.request_durations.remove(&labels.endpoint(endpoint));
            for outcome in Outcome::iter() {
                self.requests.remove(&labels.request(endpoint, outcome));
            }
        }
        self.sent.remove(&labels);
        self.answered_in.remove(&labels);
        self.throttled.remove(&labels);
        self.budgets.remove(&labels);
        self.collection_durations.remove(&labels);
        self.effective_intervals.remove(&labels);
        self.credentials.remove(&labels);
    }

    /// Requests sent for a source so far, each attempt of a repeated one counted.
    #[must_use]
    pub fn requests_sent(&self, identity: &SourceIdentity) -> u64 {
        let labels = SourceLabels { provider: identity.provider.as_str(), source: Arc::clone(&identity.name) };
        self.sent.get(&labels).map_or(0, |sent| sent.get())
    }

    /// Time that these requests took, summed up; waiting for the request budget is not in it.
    #[must_use]
    pub fn request_time(&self, identity: &SourceIdentity) -> Duration {
        let labels = SourceLabels { provider: identity.provider.as_str(), source: Arc::clone(&identity.name) };
        self.answered_in.get(&labels).map_or(Duration::ZERO, |seconds| Duration::from_secs_f64(seconds.get()))
    }

    /// The metrics in OpenMetrics, with its trailer.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::new();
        prometheus_client::encoding::text::encode(&mut out, &self.registry).expect("writing to a String cannot fail");
        out
    }
}

/// Registers a metric under its descriptor's name, from which the library would make up the suffixes again.
fn register(registry: &mut Registry, descriptor: &Descriptor, metric: impl prometheus_client::registry::Metric) {
    let name = descriptor.family_name();
    match descriptor.unit {
        Some(unit) => {
            let stem = name.strip_suffix(unit.as_str()).and_then(|stem| stem.strip_suffix('_')).unwrap_or(name);
            registry.register_with_unit(stem, descriptor.help, registry_unit(unit), metric);
        }
        None => registry.register(name, descriptor.help, metric),
    }
}

const fn registry_unit(unit: Unit) -> RegistryUnit {
    match unit {
        Unit::Seconds => RegistryUnit::Seconds,
        Unit::Bytes => RegistryUnit::Bytes,
    }
}

/// The metrics of one source.
#[derive(Clone, Debug)]
pub struct SourceInstrumentation {
    metrics: Arc<Instrumentation>,
    labels: SourceLabels,
}

impl SourceInstrumentation {
    /// One attempt at a request ended.
    pub fn request_ended(&self, endpoint: &'static str, outcome: Outcome, took: Duration) {
        self.metrics.requests.get_or_create(&self.labels.request(endpoint, outcome)).inc();
        self.metrics.sent.get_or_create(&self.labels).inc();
        self.metrics.answered_in.get_or_create(&self.labels).inc_by(took.as_secs_f64());
        self.metrics.request_durations.get_or_create(&self.labels.endpoint(endpoint)).observe(took.as_secs_f64());
        if outcome == Outcome::Throttled {
            self.metrics.throttled.get_or_create(&self.labels).inc();
        }
    }

    /// The vendor announced what remains of its budget.
    pub fn budget_remaining(&self, remaining: f64) {
        self.metrics.budgets.get_or_create(&self.labels).set(remaining);
    }

    /// What remains of the vendor's budget as it last said; `None` while it never did.
    #[must_use]
    pub fn announced_budget(&self) -> Option<f64> {
        self.metrics.budgets.get(&self.labels).map(|budget| budget.get())
    }

    /// One collection of one tenant ended.
    pub fn collection_ended(&self, took: Duration) {
        self.metrics.collection_durations.get_or_create(&self.labels).observe(took.as_secs_f64());
    }

    /// Each tenant is looked at once in this time.
    pub fn effective_interval(&self, interval: Duration) {
        self.metrics.effective_intervals.get_or_create(&self.labels).set(interval.as_secs_f64());
    }

    /// Requests sent so far, each attempt of a repeated one counted.
    #[must_use]
    pub fn requests_sent(&self) -> u64 {
        self.metrics.sent.get(&self.labels).map_or(0, |sent| sent.get())
    }

    /// The credential brought a listing.
    pub fn credential_worked(&self, at: Timestamp) {
        self.metrics.credentials.get_or_create(&self.labels).set(at.as_seconds());
    }
}
