//! Runs many small vendors in parallel, each a source of one exporter with its own scenario and counters.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use strum::IntoEnumIterator as _;

use saasbackup_exporter::config::{Collection, SlowPart};
use saasbackup_exporter::domain::Workload;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::Options;
use saasbackup_simulator::dropsuite::fleet::Fleet;
use saasbackup_simulator::faults::{Fault, Injection};

use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::{Exposition, Series};
use crate::support::vendor::Vendor;

/// The tenant that faults are aimed at, and how many mailboxes it has.
pub(crate) const PATIENT: &str = "Riverside Veterinary Clinic";
pub(crate) const MAILBOXES: f64 = 24.0;
/// A healthy tenant beside it.
const NEIGHBOUR: &str = "Juniper Wellness";

pub(crate) struct Bench {
    pub(crate) exporter: Exporter,
    pub(crate) vendors: Vec<Vendor>,
}

/// What one source says, as if it were alone.
pub(crate) type Said = BTreeMap<Series, f64>;

impl Bench {
    /// One vendor for each scenario, all alike; `prepare` sees each before anything is asked, `adjust` its settings.
    pub(crate) async fn start(
        scenarios: usize,
        prepare: impl Fn(usize, &saasbackup_simulator::dropsuite::Server),
        adjust: impl Fn(usize, &mut Collection),
    ) -> Self {
        let clock = Clock::fixed(clock::now().as_millis());
        let mut vendors = Vec::new();
        let mut file = "collection: { timeout: 30s, requests_per_second: 1000 }\nsources:\n".to_owned();
        for scenario in 0..scenarios {
            let vendor = Vendor::serving(Options::new(Fleet::demo(47, 7), clock.clone())).await;
            for organization in vendor.server.organizations() {
                if ![PATIENT, NEIGHBOUR].contains(&organization.name.as_str()) {
                    vendor.server.remove_organization(&organization.name);
                }
            }
            prepare(scenario, &vendor.server);
            let (url, server) = (vendor.server.base_url(), &vendor.server);
            let tokens = [server.reseller_token(), server.admin_token()];
            let keys = format!("provider: dropsuite, base_url: \"{url}\", reseller_token: {}", tokens[0]);
            writeln!(file, "  - {{ name: scenario-{scenario}, {keys}, access_token: {} }}", tokens[1]).unwrap();
            vendors.push(vendor);
        }
        let mut config = parse(&file);
        for (scenario, source) in config.sources.iter_mut().enumerate() {
            source.collection.interval = Duration::from_secs(3);
            // Tasks follow the interval too.
            source.collection.part_intervals.clear();
            source.collection.parts.clear();
            source.collection.workloads = [Workload::Mail, Workload::Tasks].into();
            adjust(scenario, &mut source.collection);
        }
        Self { exporter: Exporter::start(&config).await, vendors }
    }

    pub(crate) fn inject(&self, scenario: usize, fault: &Fault, endpoint: &str) {
        self.vendors[scenario].server.inject(aimed(fault, endpoint));
    }

    /// Aims the fault at everything that is asked of the patient.
    pub(crate) fn inject_everywhere(&self, scenario: usize, fault: &Fault) {
        self.vendors[scenario].server.inject(Injection::new(fault.clone()).for_organization(PATIENT));
    }

    /// Waits until every source worked in all parts, and gives what each then says.
    pub(crate) async fn healthy(&self) -> Exposition {
        let parts = self.vendors.len() * 2 * 4;
        let all_work = |scrape: &Exposition| {
            let parts_that_work =
                scrape.all("saasbackup_collection_success", &[]).iter().filter(|(_, one)| *one == 1.0).count();
            parts_that_work == parts && scrape.sum("saasbackup_listing_complete", &[]) == self.vendors.len() as f64
        };
        self.exporter.until("every part of every source works", all_work).await
    }

    /// Waits until another round of every source went by.
    pub(crate) async fn another_round(&self, since: &Exposition) -> Exposition {
        let later = |scrape: &Exposition| {
            let all = 0..self.vendors.len();
            all.into_iter().all(|one| observed(scrape, one, "tasks") > observed(since, one, "tasks"))
        };
        self.exporter.until("another round of every source went by", later).await
    }
}

/// The fault at an endpoint; where the endpoint is an organization's, at the patient's alone.
pub(crate) fn aimed(fault: &Fault, endpoint: &str) -> Injection {
    let injection = Injection::new(fault.clone()).on(endpoint);
    if endpoint == "/users" { injection } else { injection.for_organization(PATIENT) }
}

/// All slow parts too.
pub(crate) fn with_slow_parts(collection: &mut Collection) {
    collection.parts = SlowPart::iter().collect();
}

pub(crate) fn source(scenario: usize) -> String {
    format!("scenario-{scenario}")
}

/// When a part of the patient was observed, in seconds since the Unix epoch; `None` while it was not.
pub(crate) fn observed(scrape: &Exposition, scenario: usize, part: &str) -> Option<f64> {
    let labels = [("source", &*source(scenario)), ("tenant", PATIENT), ("part", part)];
    scrape.get("saasbackup_observed_timestamp_seconds", &labels)
}

/// A value of the patient.
pub(crate) fn of_patient(scrape: &Exposition, scenario: usize, name: &str, more: &[(&str, &str)]) -> Option<f64> {
    scrape.get(name, &[&[("source", &*source(scenario)), ("tenant", PATIENT)], more].concat())
}

/// The state of a workload of the patient.
pub(crate) fn state(scrape: &Exposition, scenario: usize, workload: &str) -> String {
    let labels = [("source", &*source(scenario)), ("tenant", PATIENT), ("workload", workload)];
    scrape.state("saasbackup_workload_state", &labels)
}

/// Everything a source says of its tenants and its listing, but for times of observation and the exporter's own work.
pub(crate) fn said(scrape: &Exposition, scenario: usize) -> Said {
    let own = source(scenario);
    let of_source = scrape.series().filter(|(series, _)| series.label("source") == own);
    let lasting = of_source.filter(|(series, _)| {
        let name = series.name.as_str();
        let is_own = name.starts_with("saasbackup_exporter_") || name == "saasbackup_schema_drift_total";
        !is_own && name != "saasbackup_observed_timestamp_seconds"
    });
    lasting
        .map(|(mut series, value)| {
            series.labels.remove("source");
            (series, value)
        })
        .collect()
}

/// A changed value: the name of the series, some of their labels, and what they show instead.
pub(crate) type Change<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

/// Replaces the values that a change is expected to change; each must be there.
pub(crate) fn but(mut said: Said, changes: &[Change<'_>]) -> Said {
    for (name, labels, value) in changes {
        let mut hits = 0;
        for (series, old) in &mut said {
            if series.name == *name && labels.iter().all(|(label, wanted)| series.label(label) == *wanted) {
                (*old, hits) = (*value, hits + 1);
            }
        }
        assert!(hits > 0, "no {name}{labels:?}");
    }
    said
}

/// How the requests to an endpoint ended, without those that never did.
pub(crate) fn outcomes(scrape: &Exposition, scenario: usize, endpoint: &str) -> BTreeMap<String, f64> {
    let labels = [("source", &*source(scenario)), ("endpoint", endpoint)];
    let all = scrape.all("saasbackup_exporter_api_requests_total", &labels);
    all.into_iter()
        .filter(|(_, count)| *count > 0.0)
        .map(|(series, count)| (series.label("outcome").to_owned(), count))
        .collect()
}
