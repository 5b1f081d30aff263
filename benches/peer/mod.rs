//! Writes the samples of an exposition with `prometheus-client`, to compare with.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

/// A registry that encodes the same samples, which it need not look for.
pub(crate) fn registry(exposition: &str) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Samples::of(exposition)));
    registry
}

#[derive(Debug)]
struct Samples(Vec<Family>);

#[derive(Debug)]
struct Family {
    name: String,
    help: String,
    samples: Vec<(Vec<(String, String)>, f64)>,
}

impl Samples {
    /// Label values of the fleet need no escaping.
    fn of(exposition: &str) -> Self {
        let mut families: Vec<Family> = Vec::new();
        for line in exposition.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|line| line.split_once(' ')) {
                families.push(Family { name: name.to_owned(), help: help.to_owned(), samples: Vec::new() });
            } else if let Some((labels, value)) = line.split_once('{').and_then(|(_, line)| line.split_once("\"} ")) {
                let label = |label: &str| {
                    let (name, value) = label.split_once("=\"").expect("labels are quoted");
                    (name.to_owned(), value.to_owned())
                };
                let labels = labels.split("\",").map(label).collect();
                let family = families.last_mut().expect("a header comes first");
                family.samples.push((labels, value.parse().expect("values are numbers")));
            }
        }
        Self(families)
    }
}

impl Collector for Samples {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in &self.0 {
            let mut descriptor = encoder.encode_descriptor(&family.name, &family.help, None, MetricType::Gauge)?;
            for (labels, value) in &family.samples {
                ConstGauge::new(*value).encode(descriptor.encode_family(labels)?)?;
            }
        }
        Ok(())
    }
}
