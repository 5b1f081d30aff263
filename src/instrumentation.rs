//! Counts the exporter's own activity: requests, latencies, collections, build and process.
//!
//! Together with `exposition` the only module that uses `prometheus-client`.

mod process;
mod reloads;
mod source;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

pub(crate) use self::reloads::Reloads;
pub use self::source::SourceInstrumentation;
use crate::domain::shard::Shard;
use crate::domain::{SourceIdentity, Timestamp};
use crate::metric::Descriptor;

const SOURCE: &[&str] = &["provider", "source"];

const BUILD: Descriptor = Descriptor::info(
    "saasbackup_exporter_build_info",
    "A metric with a constant '1' value labeled by version, revision and rustc from which saasbackup-exporter was built",
);
const SHARD: Descriptor = Descriptor::info(
    "saasbackup_exporter_shard_info",
    "A metric with a constant '1' value labeled by the zero-based ordinal of this shard and the total number of shards",
);

/// The exporter's own families, with the labels of each.
pub static OWN_FAMILIES: &[(Descriptor, &[&str])] = &[
    (BUILD, &["version", "revision", "rustc"]),
    (SHARD, &["shard", "total_shards"]),
    (reloads::CONFIG_SUCCESSFUL, &[]),
    (reloads::CONFIG_TIME, &[]),
    (reloads::EXPECTED_SUCCESSFUL, &[]),
    (reloads::EXPECTED_TIME, &[]),
    (reloads::RESTORE_TESTS_SUCCESSFUL, &[]),
    (reloads::RESTORE_TESTS_TIME, &[]),
    (source::REQUESTS, &["provider", "source", "endpoint", "outcome"]),
    (source::REQUEST_DURATION, &["provider", "source", "endpoint"]),
    (source::THROTTLED, SOURCE),
    (source::BUDGET, SOURCE),
    (source::COLLECTION_DURATION, SOURCE),
    (source::EFFECTIVE_INTERVAL, SOURCE),
    (source::CREDENTIAL, SOURCE),
    (process::CPU, &[]),
    (process::RESIDENT_MEMORY, &[]),
    (process::VIRTUAL_MEMORY, &[]),
    (process::OPEN_FILES, &[]),
    (process::MAX_FILES, &[]),
    (process::START_TIME, &[]),
];

/// One of the exporter's own families with its current samples.
#[derive(Debug)]
pub struct MetricFamily {
    /// Name, type and help.
    pub descriptor: &'static Descriptor,
    /// Its samples, ordered by label; may be empty.
    pub samples: Vec<Sample>,
}

/// One sample of a family.
#[derive(Debug)]
pub struct Sample {
    /// Its source, whose name and provider are the first labels; `None` for the whole process.
    pub source: Option<SourceIdentity>,
    /// The other labels.
    pub labels: Vec<(&'static str, Cow<'static, str>)>,
    /// The value.
    pub metric: Metric,
}

/// The value of a sample.
#[derive(Debug)]
pub enum Metric {
    /// A whole number.
    Whole(u64),
    /// Any number.
    Number(f64),
    /// The constant 1 of a family that consists of its labels.
    Info,
    /// A histogram.
    Histogram(Histogram),
}

impl MetricFamily {
    /// A family of the process with at most one sample.
    fn of_process(descriptor: &'static Descriptor, metric: Option<Metric>) -> Self {
        let samples = metric.map(|metric| Sample { source: None, labels: Vec::new(), metric });
        Self { descriptor, samples: samples.into_iter().collect() }
    }

    /// A family that consists of its labels.
    fn info<const N: usize>(descriptor: &'static Descriptor, labels: [(&'static str, Cow<'static, str>); N]) -> Self {
        let sample = Sample { source: None, labels: labels.into(), metric: Metric::Info };
        Self { descriptor, samples: vec![sample] }
    }
}

/// The exporter's own metrics.
#[derive(Debug)]
pub struct Instrumentation {
    started: Timestamp,
    shard: Option<Shard>,
    config: Reloads,
    expected: Reloads,
    restore_tests: Reloads,
    sources: RwLock<BTreeMap<SourceIdentity, SourceInstrumentation>>,
}

impl Instrumentation {
    /// Starts counting; the configuration was loaded at `started`.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        let instrumentation = Self {
            started,
            shard: None,
            config: Reloads::default(),
            expected: Reloads::default(),
            restore_tests: Reloads::default(),
            sources: RwLock::default(),
        };
        instrumentation.config_loaded(started);
        instrumentation
    }

    /// Adds the shard to the exported metrics.
    #[must_use]
    pub fn of_shard(self, shard: Shard) -> Self {
        Self { shard: Some(shard), ..self }
    }

    /// Records that the configuration was loaded.
    pub fn config_loaded(&self, at: Timestamp) {
        self.config.loaded(Some(at));
    }

    /// Records that a reload of the configuration failed.
    pub fn config_refused(&self) {
        self.config.refused();
    }

    /// The reloads of the file of expected tenants.
    pub(crate) const fn expected(&self) -> &Reloads {
        &self.expected
    }

    /// The reloads of the file of restore tests.
    pub(crate) const fn restore_tests(&self) -> &Reloads {
        &self.restore_tests
    }

    /// The counters of one source, which continue from their current values; those of `endpoints` start at zero, so
    /// that rates work from the first event.
    #[must_use]
    pub fn source(&self, identity: &SourceIdentity, endpoints: &[&'static str]) -> SourceInstrumentation {
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        let source = sources.entry(identity.clone()).or_default();
        source.start(endpoints);
        source.clone()
    }

    /// Removes the counters of a source that was removed from the configuration.
    pub fn forget(&self, identity: &SourceIdentity) {
        self.sources.write().unwrap_or_else(PoisonError::into_inner).remove(identity);
    }

    /// Requests sent for a source so far, including retries.
    #[must_use]
    pub fn requests_sent(&self, identity: &SourceIdentity) -> u64 {
        self.of(identity).requests_sent()
    }

    /// Total time of these requests, without waiting for the rate limit.
    #[must_use]
    pub fn request_time(&self, identity: &SourceIdentity) -> Duration {
        self.of(identity).request_time()
    }

    /// The families of [`OWN_FAMILIES`], in order, with their current samples.
    #[must_use]
    pub fn gather(&self) -> Vec<MetricFamily> {
        let mut families = vec![MetricFamily::info(
            &BUILD,
            [
                ("version", env!("CARGO_PKG_VERSION").into()),
                ("revision", env!("SAASBACKUP_EXPORTER_REVISION").into()),
                ("rustc", env!("SAASBACKUP_EXPORTER_RUSTC").into()),
            ],
        )];
        families.extend(self.shard.map(|shard| {
            let (index, total) = (shard.index().to_string(), shard.total().to_string());
            MetricFamily::info(&SHARD, [("shard", index.into()), ("total_shards", total.into())])
        }));
        families.extend(self.config.gather(&reloads::CONFIG_SUCCESSFUL, &reloads::CONFIG_TIME));
        families.extend(self.expected.gather(&reloads::EXPECTED_SUCCESSFUL, &reloads::EXPECTED_TIME));
        families.extend(self.restore_tests.gather(&reloads::RESTORE_TESTS_SUCCESSFUL, &reloads::RESTORE_TESTS_TIME));
        families.extend(source::gather(&self.sources.read().unwrap_or_else(PoisonError::into_inner)));
        families.extend(process::gather(self.started));
        families
    }

    fn of(&self, identity: &SourceIdentity) -> SourceInstrumentation {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).get(identity).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
