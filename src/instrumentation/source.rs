//! Counts the activity of one source.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use strum::IntoEnumIterator as _;

use super::{Metric, MetricFamily, Sample};
use crate::domain::{Outcome, SourceIdentity, Timestamp};
use crate::metric::Descriptor;

pub(super) const REQUESTS: Descriptor = Descriptor::counter(
    "saasbackup_exporter_api_requests_total",
    "Total number of requests to the vendor's API by endpoint and outcome, including retries",
);
pub(super) const REQUEST_DURATION: Descriptor = Descriptor::durations(
    "saasbackup_exporter_api_request_duration_seconds",
    "Duration of requests to the vendor's API, from sending the request to the end of the response or the failure",
);
pub(super) const THROTTLED: Descriptor = Descriptor::counter(
    "saasbackup_exporter_api_throttled_total",
    "Total number of API responses with status 429 (too many requests)",
);
pub(super) const BUDGET: Descriptor = Descriptor::gauge(
    "saasbackup_exporter_api_budget_remaining",
    "Remaining API quota as announced by the last response, in the vendor's units; absent if the vendor announces none",
);
pub(super) const COLLECTION_DURATION: Descriptor = Descriptor::durations(
    "saasbackup_exporter_collection_duration_seconds",
    "Duration of collecting one tenant, including time spent waiting for the rate limit",
);
pub(super) const EFFECTIVE_INTERVAL: Descriptor = Descriptor::seconds(
    "saasbackup_exporter_effective_interval_seconds",
    "Interval between two collections of one tenant: the configured interval, or longer if the rate limit does not allow it; absent before the first collection ends",
);
pub(super) const CREDENTIAL: Descriptor = Descriptor::seconds(
    "saasbackup_exporter_credential_last_success_timestamp_seconds",
    "Time at which the source's credentials last returned a listing with at least one tenant; absent if never",
);

/// Histogram buckets for requests, in seconds: Datto responds within a minute, and the timeout is 90 s.
const REQUEST_SECONDS: [f64; 13] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0];

type Measure = Gauge<f64, AtomicU64>;

/// The metrics of one source; clones share their counters.
#[derive(Clone, Debug, Default)]
pub struct SourceInstrumentation(Arc<Metrics>);

#[derive(Debug, Default)]
struct Metrics {
    endpoints: RwLock<BTreeMap<&'static str, Arc<Endpoint>>>,
    /// The total time of all requests, which histograms contain but do not expose.
    request_seconds: Counter<f64, AtomicU64>,
    throttled: Counter,
    budget: OnceLock<Measure>,
    collection_durations: OnceLock<Histogram>,
    effective_interval: OnceLock<Measure>,
    credential: OnceLock<Measure>,
}

#[derive(Debug)]
struct Endpoint {
    requests: Vec<(Outcome, Counter)>,
    durations: OnceLock<Histogram>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            requests: Outcome::iter().map(|outcome| (outcome, Counter::default())).collect(),
            durations: OnceLock::new(),
        }
    }
}

impl Endpoint {
    /// Outcomes that are possible, but have not occurred, so that rates work from the first one.
    fn shown(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let counts = self.requests.iter().map(|(outcome, counter)| (*outcome, counter.get()));
        counts.filter(|(outcome, count)| outcome.ends_a_request() || *count > 0)
    }
}

impl SourceInstrumentation {
    /// Initializes the counters of these endpoints.
    pub(super) fn start(&self, endpoints: &[&'static str]) {
        endpoints.iter().for_each(|endpoint| drop(self.endpoint(endpoint)));
    }

    /// Records the end of a request; each retry is a request.
    pub fn request_ended(&self, endpoint: &'static str, outcome: Outcome, took: Duration) {
        let endpoint = self.endpoint(endpoint);
        let counter = endpoint.requests.iter().find(|(of, _)| *of == outcome);
        counter.expect("every outcome has a counter").1.inc();
        let durations = endpoint.durations.get_or_init(|| Histogram::new(REQUEST_SECONDS));
        durations.observe(took.as_secs_f64());
        self.0.request_seconds.inc_by(took.as_secs_f64());
        if outcome == Outcome::Throttled {
            self.0.throttled.inc();
        }
    }

    /// Records the vendor's remaining API quota.
    pub fn budget_remaining(&self, remaining: f64) {
        self.0.budget.get_or_init(Measure::default).set(remaining);
    }

    /// The API quota remaining according to the vendor's last response; `None` if it was never reported.
    #[must_use]
    pub fn announced_budget(&self) -> Option<f64> {
        self.0.budget.get().map(Measure::get)
    }

    /// Records the end of a collection of one tenant.
    pub fn collection_ended(&self, took: Duration) {
        let durations = self.0.collection_durations.get_or_init(|| Histogram::new(exponential_buckets(0.25, 2.0, 13)));
        durations.observe(took.as_secs_f64());
    }

    /// Sets the effective refresh interval.
    pub fn effective_interval(&self, interval: Duration) {
        self.0.effective_interval.get_or_init(Measure::default).set(interval.as_secs_f64());
    }

    /// Records that the credentials returned a listing.
    pub fn credential_worked(&self, at: Timestamp) {
        self.0.credential.get_or_init(Measure::default).set(at.as_seconds());
    }

    /// Requests sent so far, including retries.
    #[must_use]
    pub fn requests_sent(&self) -> u64 {
        self.requests_by_endpoint().into_iter().map(|(_, sent)| sent).sum()
    }

    /// The same by endpoint, without zeros, most first.
    #[must_use]
    pub fn requests_by_endpoint(&self) -> Vec<(&'static str, u64)> {
        let sent = |endpoint: &Endpoint| endpoint.requests.iter().map(|(_, counter)| counter.get()).sum();
        let mut requests: Vec<_> = self
            .endpoints()
            .into_iter()
            .map(|(name, endpoint)| (name, sent(&endpoint)))
            .filter(|(_, sent)| *sent > 0)
            .collect();
        requests.sort_by_key(|(name, sent)| (std::cmp::Reverse(*sent), *name));
        requests
    }

    /// Total time of these requests.
    pub(super) fn request_time(&self) -> Duration {
        Duration::from_secs_f64(self.0.request_seconds.get())
    }

    fn endpoint(&self, name: &'static str) -> Arc<Endpoint> {
        let known = self.0.endpoints.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| {
            let mut endpoints = self.0.endpoints.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(endpoints.entry(name).or_default())
        })
    }

    fn endpoints(&self) -> Vec<(&'static str, Arc<Endpoint>)> {
        let endpoints = self.0.endpoints.read().unwrap_or_else(PoisonError::into_inner);
        endpoints.iter().map(|(name, endpoint)| (*name, Arc::clone(endpoint))).collect()
    }
}

/// The families of all sources.
pub(super) fn gather(sources: &BTreeMap<SourceIdentity, SourceInstrumentation>) -> [MetricFamily; 7] {
    let number = |measure: &OnceLock<Measure>| measure.get().map(|measure| Metric::Number(measure.get()));
    let (mut requests, mut durations) = (Vec::new(), Vec::new());
    for (identity, source) in sources {
        for (name, endpoint) in source.endpoints() {
            let label = || ("endpoint", Cow::Borrowed(name));
            requests.extend(endpoint.shown().map(|(outcome, count)| Sample {
                source: Some(identity.clone()),
                labels: vec![label(), ("outcome", outcome.as_str().into())],
                metric: Metric::Whole(count),
            }));
            durations.extend(endpoint.durations.get().map(|durations| Sample {
                source: Some(identity.clone()),
                labels: vec![label()],
                metric: Metric::Histogram(durations.clone()),
            }));
        }
    }
    let by_source = |descriptor, metric: &dyn Fn(&Metrics) -> Option<Metric>| {
        let samples = sources.iter().filter_map(|(identity, source)| {
            Some(Sample { source: Some(identity.clone()), labels: Vec::new(), metric: metric(&source.0)? })
        });
        MetricFamily { descriptor, samples: samples.collect() }
    };
    [
        MetricFamily { descriptor: &REQUESTS, samples: requests },
        MetricFamily { descriptor: &REQUEST_DURATION, samples: durations },
        by_source(&THROTTLED, &|source| Some(Metric::Whole(source.throttled.get()))),
        by_source(&BUDGET, &|source| number(&source.budget)),
        by_source(&COLLECTION_DURATION, &|source| source.collection_durations.get().cloned().map(Metric::Histogram)),
        by_source(&EFFECTIVE_INTERVAL, &|source| number(&source.effective_interval)),
        by_source(&CREDENTIAL, &|source| number(&source.credential)),
    ]
}
