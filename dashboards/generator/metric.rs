//! Finds metrics in the catalogue, so that a renamed metric fails the build instead of emptying a panel.

use saasbackup_exporter::exposition::FAMILIES;
use saasbackup_exporter::instrumentation::OWN_FAMILIES;
use saasbackup_exporter::metric::Kind;

/// What Prometheus itself records of every target.
const OF_PROMETHEUS: &[&str] = &["up", "scrape_duration_seconds", "scrape_samples_scraped"];
/// What Prometheus adds to every series.
const TARGET: &[&str] = &["job", "instance"];

/// A metric as queries may use it.
#[derive(Clone, Debug)]
pub(crate) struct Metric {
    /// The name of the family as it is scraped.
    pub(crate) name: &'static str,
    /// Its own labels, in the catalogue's order.
    pub(crate) labels: Vec<&'static str>,
    /// Its kind.
    pub(crate) kind: Kind,
}

impl Metric {
    /// The metric of this name; `None` where neither the exporter nor Prometheus has one.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let observed = FAMILIES.iter().map(|family| (&family.descriptor, family.labels()));
        let own = OWN_FAMILIES.iter().map(|(descriptor, labels)| (descriptor, labels.to_vec()));
        let of_prometheus = OF_PROMETHEUS.iter().find(|known| **known == name);
        observed
            .chain(own)
            .find(|(descriptor, _)| descriptor.name == name)
            .map(|(descriptor, labels)| Self { name: descriptor.name, labels, kind: descriptor.kind })
            .or_else(|| of_prometheus.map(|name| Self { name, labels: Vec::new(), kind: Kind::Gauge }))
    }

    /// Whether its series have this label.
    pub(crate) fn has(&self, label: &str) -> bool {
        self.labels.contains(&label) || TARGET.contains(&label) || (label == "le" && self.kind == Kind::Histogram)
    }
}

/// The series of one metric that a dashboard's variables select.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    metric: Metric,
    suffix: &'static str,
    matchers: Vec<String>,
}

impl Series {
    /// All series of a metric that these filters leave, each where the metric has its label.
    pub(crate) fn of(name: &str, filters: &[(&str, &str)]) -> Self {
        let metric = Metric::find(name).unwrap_or_else(|| panic!("the catalogue has no {name}"));
        let suffix = if metric.kind == Kind::Histogram { "_bucket" } else { "" };
        let series = Self { metric, suffix, matchers: Vec::new() };
        filters.iter().fold(series, |series, (label, matcher)| match series.metric.has(label) {
            true => series.and(label, matcher),
            false => series,
        })
    }

    /// Of these, those whose label matches: `and("state", r#"="late""#)`.
    pub(crate) fn and(mut self, label: &str, matcher: &str) -> Self {
        assert!(self.metric.has(label), "{} has no label {label}", self.metric.name);
        self.matchers.push(format!("{label}{matcher}"));
        self
    }

    /// The selector.
    pub(crate) fn all(&self) -> String {
        let matchers =
            if self.matchers.is_empty() { String::new() } else { format!("{{{}}}", self.matchers.join(",")) };
        format!("{}{}{matchers}", self.metric.name, self.suffix)
    }

    /// One value for each thing, however many replicas of the exporter export it: the largest.
    ///
    /// Of times that is the freshest. Of everything else two replicas differ for one interval at most.
    pub(crate) fn max(&self) -> String {
        format!("max by ({}) ({})", self.metric.labels.join(", "), self.all())
    }
}
