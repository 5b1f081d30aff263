//! Runs several mock Dattos in parallel, each a source of one exporter with its own scenario.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use saasbackup_exporter::config::Collection;

use super::vendor::Vendor;
use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::{Exposition, Series};

pub(crate) struct Bench {
    pub(crate) exporter: Exporter,
    pub(crate) vendors: Vec<Vendor>,
}

/// What one source says, as if it were alone.
pub(crate) type Said = BTreeMap<Series, f64>;

/// The name of a scenario's source.
pub(crate) fn source(scenario: usize) -> String {
    format!("datto-{scenario}")
}

/// The file with which these vendors are collected.
pub(crate) fn config_file(vendors: &[Vendor]) -> String {
    let mut file = "collection: { interval: 10s, timeout: 30s, requests_per_second: 1000 }\nsources:\n".to_owned();
    for (scenario, Vendor { server, .. }) in vendors.iter().enumerate() {
        let keys = format!("public_key: \"{}\", secret_key: \"{}\"", server.public_key(), server.secret_key());
        let (name, url) = (source(scenario), server.base_url());
        writeln!(file, "  - {{ name: {name}, provider: datto, base_url: \"{url}\", {keys} }}").unwrap();
    }
    file
}

impl Bench {
    /// Asks for everything once an hour, unless `adjust` has it otherwise.
    pub(crate) async fn start(vendors: Vec<Vendor>, adjust: impl Fn(usize, &mut Collection)) -> Self {
        let mut config = parse(&config_file(&vendors));
        for (scenario, source) in config.sources.iter_mut().enumerate() {
            source.collection.interval = Duration::from_secs(3_600);
            // Seats follow the interval too, which tests shorten.
            source.collection.part_intervals.clear();
            adjust(scenario, &mut source.collection);
        }
        Self { exporter: Exporter::start(&config).await, vendors }
    }

    /// The first scrape after every customer was asked for.
    pub(crate) async fn collected(&self) -> Exposition {
        let is_collected = |scrape: &Exposition| (0..self.vendors.len()).all(|one| none_is_pending(scrape, one));
        self.exporter.until("every customer was asked for", is_collected).await
    }

    /// Waits until the parts of a source's customer were observed this often after `since`.
    pub(crate) async fn later(&self, scenario: usize, rounds: usize, since: Exposition) -> Exposition {
        let mut last = since;
        for _ in 0..rounds {
            let before = newest(&last, scenario);
            last = self.exporter.until("another round went by", |scrape| newest(scrape, scenario) > before).await;
        }
        last
    }
}

/// When a source was last listed.
fn newest(scrape: &Exposition, scenario: usize) -> f64 {
    let labels = [("source", &*source(scenario)), ("part", "listing")];
    let observed = scrape.all("saasbackup_observed_timestamp_seconds", &labels);
    observed.iter().map(|(_, at)| *at).fold(0.0, f64::max)
}

/// Whether an attempt at every customer of a source has ended.
pub(crate) fn none_is_pending(scrape: &Exposition, scenario: usize) -> bool {
    let labels = [("source", &*source(scenario)), ("state", "pending")];
    scrape.get("saasbackup_exporter_tenants", &labels) == Some(0.0)
}

/// A value of one source.
pub(crate) fn value(scrape: &Exposition, scenario: usize, name: &str, more: &[(&str, &str)]) -> Option<f64> {
    scrape.get(name, &[&[("source", &*source(scenario))], more].concat())
}

/// The state of a workload.
pub(crate) fn state(scrape: &Exposition, scenario: usize, customer: &str, workload: &str) -> String {
    let labels = [("source", &*source(scenario)), ("tenant_id", customer), ("workload", workload)];
    scrape.state("saasbackup_workload_state", &labels)
}

/// Whether the last attempt at a part worked; `None` before the first ended.
pub(crate) fn works(scrape: &Exposition, scenario: usize, customer: &str, part: &str) -> Option<bool> {
    let labels = [("tenant_id", customer), ("part", part)];
    value(scrape, scenario, "saasbackup_collection_success", &labels).map(|flag| flag == 1.0)
}

/// Everything a source says of its customers, but for when it was observed.
pub(crate) fn said(scrape: &Exposition, scenario: usize) -> Said {
    let own = source(scenario);
    let of_customers = scrape.series().filter(|(series, _)| {
        series.label("source") == own
            && series.labels.contains_key("tenant_id")
            && series.name != "saasbackup_observed_timestamp_seconds"
    });
    of_customers.map(|(series, value)| (without_source(series), value)).collect()
}

/// The same, of one customer.
pub(crate) fn said_of(scrape: &Exposition, scenario: usize, customer: &str) -> Said {
    let mut said = said(scrape, scenario);
    said.retain(|series, _| series.label("tenant_id") == customer);
    said
}

fn without_source(mut series: Series) -> Series {
    series.labels.remove("source");
    series
}

/// The families in which something is said, that of whether attempts worked left out.
pub(crate) fn but_success(mut said: Said) -> Said {
    said.retain(|series, _| series.name != "saasbackup_collection_success");
    said
}
