//! Appends the exporter's own metrics, as encoded by `prometheus-client`.
//!
//! The library only writes OpenMetrics. The older text format differs in the headers: a counter's header has the
//! sample's name with `_total`, an info is a gauge, and there are no units. So counters and infos are encoded as the
//! gauges that they look like, below the right header.

use std::collections::BTreeSet;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit as RegistryUnit};

use super::Format;
use crate::instrumentation::{Metric, MetricFamily, Sample};
use crate::metric::{Descriptor, Kind, Unit};

/// Appends the families selected by `shows`, with the samples of these sources (`None` means all) and of the whole
/// process; families without samples have no header.
pub(super) fn append(
    mut families: Vec<MetricFamily>,
    format: Format,
    shows: impl Fn(&str) -> bool,
    sources: Option<&BTreeSet<String>>,
    out: &mut String,
) {
    families.retain_mut(|family| {
        let is_meant = |name: &str| sources.is_none_or(|sources| sources.contains(name));
        family.samples.retain(|sample| sample.source.as_ref().is_none_or(|source| is_meant(&source.name)));
        shows(family.descriptor.name) && !family.samples.is_empty()
    });
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Gathered { families, format }));
    encode_registry(out, &registry).expect("writing to a String cannot fail");
}

/// The metrics gathered for one scrape.
#[derive(Debug)]
struct Gathered {
    families: Vec<MetricFamily>,
    format: Format,
}

impl Collector for Gathered {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for MetricFamily { descriptor, samples } in &self.families {
            // The library appends a full stop to the help of a registered metric, but not of a collector's.
            let help = format!("{}.", descriptor.help);
            let (name, unit) = match self.format {
                Format::Text => (descriptor.name, None),
                Format::OpenMetrics => stem(descriptor),
            };
            let kind = match (self.format, descriptor.kind) {
                (_, Kind::Counter) => MetricType::Counter,
                (_, Kind::Histogram) => MetricType::Histogram,
                (Format::OpenMetrics, Kind::Info) => MetricType::Info,
                (Format::Text, Kind::Info) | (_, Kind::Gauge) => MetricType::Gauge,
            };
            let mut family = encoder.encode_descriptor(name, &help, unit.as_ref(), kind)?;
            for sample in samples {
                encode(&mut family, descriptor.kind, sample, self.format)?;
            }
        }
        Ok(())
    }
}

fn encode(family: &mut MetricEncoder<'_>, kind: Kind, sample: &Sample, format: Format) -> fmt::Result {
    let mut labels: Vec<(&str, &str)> = Vec::with_capacity(4);
    if let Some(source) = &sample.source {
        labels.extend([("provider", source.provider.as_str()), ("source", &*source.name)]);
    }
    labels.extend(sample.labels.iter().map(|(name, value)| (*name, &**value)));
    let is_openmetrics = format == Format::OpenMetrics;
    let write = |encoder: &mut MetricEncoder<'_>| match &sample.metric {
        Metric::Whole(count) if is_openmetrics && kind == Kind::Counter => {
            encoder.encode_counter::<NoLabels, _, f64>(count, None)
        }
        Metric::Number(number) if is_openmetrics && kind == Kind::Counter => {
            encoder.encode_counter::<NoLabels, _, f64>(number, None)
        }
        Metric::Whole(count) => encoder.encode_gauge(count),
        Metric::Number(number) => encoder.encode_gauge(number),
        Metric::Info | Metric::Histogram(_) => encoder.encode_gauge(&1_u64),
    };
    match &sample.metric {
        Metric::Info if is_openmetrics => family.encode_info(&labels),
        Metric::Histogram(histogram) => histogram.encode(family.encode_family(&labels)?),
        // The library would write the braces of an empty set of labels.
        _ if labels.is_empty() => write(family),
        _ => write(&mut family.encode_family(&labels)?),
    }
}

/// The labels of an exemplar, which is never used.
type NoLabels = [(&'static str, &'static str); 0];

/// The name without the suffixes that the library appends, and the unit.
fn stem(descriptor: &Descriptor) -> (&'static str, Option<RegistryUnit>) {
    let name = descriptor.family_name();
    let Some(unit) = descriptor.unit else { return (name, None) };
    let stem = name.strip_suffix(unit.as_str()).and_then(|stem| stem.strip_suffix('_')).unwrap_or(name);
    let unit = match unit {
        Unit::Seconds => RegistryUnit::Seconds,
        Unit::Bytes => RegistryUnit::Bytes,
    };
    (stem, Some(unit))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::{Outcome, Provider, SourceIdentity, Timestamp};
    use crate::instrumentation::Instrumentation;

    const HOSTILE: &str = "a,source=\"b\"\n";

    /// One of each kind: counters of two sources, a histogram of one, an info and gauges of the process.
    fn gathered() -> Vec<MetricFamily> {
        let instrumentation = Instrumentation::new(Timestamp::from_millis(1500));
        for name in ["a", HOSTILE] {
            let identity = SourceIdentity { provider: Provider::Datto, name: Arc::from(name) };
            let source = instrumentation.source(&identity, &[]);
            source.request_ended("/here", Outcome::Throttled, Duration::from_millis(1500));
        }
        instrumentation.gather()
    }

    fn appended(format: Format, shown: &str, sources: Option<&[&str]>) -> String {
        let mut out = String::new();
        let sources = sources.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        append(gathered(), format, |name| name.starts_with(shown), sources.as_ref(), &mut out);
        out
    }

    #[test]
    fn each_format_has_its_headers() {
        for (format, family, expected) in [
            (
                Format::Text,
                "saasbackup_exporter_api_throttled_total",
                [
                    "# TYPE saasbackup_exporter_api_throttled_total counter",
                    "saasbackup_exporter_api_throttled_total{provider=\"datto\",source=\"a\"} 1",
                ],
            ),
            (
                Format::OpenMetrics,
                "saasbackup_exporter_api_throttled_total",
                [
                    "# TYPE saasbackup_exporter_api_throttled counter",
                    "saasbackup_exporter_api_throttled_total{provider=\"datto\",source=\"a\"} 1",
                ],
            ),
            (
                Format::Text,
                "saasbackup_exporter_build_info",
                [
                    "# TYPE saasbackup_exporter_build_info gauge",
                    concat!("saasbackup_exporter_build_info{version=\"", env!("CARGO_PKG_VERSION")),
                ],
            ),
            (
                Format::OpenMetrics,
                "saasbackup_exporter_build_info",
                [
                    "# TYPE saasbackup_exporter_build info",
                    concat!("saasbackup_exporter_build_info{version=\"", env!("CARGO_PKG_VERSION")),
                ],
            ),
            (
                Format::Text,
                "process_start_time_seconds",
                ["# TYPE process_start_time_seconds gauge", "process_start_time_seconds 1.5"],
            ),
            (
                Format::OpenMetrics,
                "process_start_time_seconds",
                ["# UNIT process_start_time_seconds seconds", "process_start_time_seconds 1.5"],
            ),
            (
                Format::OpenMetrics,
                "saasbackup_exporter_api_request_duration_seconds",
                [
                    "# UNIT saasbackup_exporter_api_request_duration_seconds seconds",
                    "saasbackup_exporter_api_request_duration_seconds_bucket{le=\"2.5\",provider=\"datto\",source=\"a\",endpoint=\"/here\"} 1",
                ],
            ),
        ] {
            let out = appended(format, family, None);
            for line in expected {
                assert!(out.lines().any(|found| found.starts_with(line)), "{line} is not in {out}");
            }
            assert_eq!(out.contains("# UNIT"), format == Format::OpenMetrics && family.ends_with("_seconds"), "{out}");
            assert!(out.lines().next().is_some_and(|line| line.starts_with("# HELP ") && line.ends_with('.')), "{out}");
        }
    }

    #[test]
    fn a_family_without_samples_leaves_no_header() {
        assert_eq!(appended(Format::Text, "saasbackup_exporter_api_budget", None), "");
        assert_eq!(appended(Format::Text, "saasbackup_exporter_api_throttled", Some(&["b"])), "");
    }

    #[test]
    fn a_source_gets_its_own_samples_and_those_of_the_whole_process() {
        for (name, count) in [("a", 1), (HOSTILE, 1), ("b", 0)] {
            let out = appended(Format::Text, "", Some(&[name]));
            assert_eq!(out.matches("\nsaasbackup_exporter_api_throttled_total{").count(), count, "{name:?}: {out}");
            assert!(out.contains("\nprocess_start_time_seconds 1.5\n"), "{name:?}: {out}");
        }
    }
}
