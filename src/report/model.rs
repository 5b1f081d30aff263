//! Holds what a report says, before it becomes a page, a table or a document.

use std::collections::{BTreeMap, BTreeSet};

use super::period::{Grid, Period};
use super::share::Summary;

/// What identifies a customer; its name may change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The vendor.
    pub provider: String,
    /// The account at the vendor.
    pub source: String,
    /// The vendor's id of the customer.
    pub tenant_id: String,
}

/// A workload over the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// The label value, such as `mail`.
    pub workload: String,
    /// Its times.
    pub summary: Summary,
}

/// Values at one time; what is absent is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Numbers without further labels, by metric: `saasbackup_seats_used`.
    pub numbers: BTreeMap<String, f64>,
    /// Accounts by state.
    pub accounts: BTreeMap<String, f64>,
    /// Seats by state, of all types.
    pub seats: BTreeMap<String, f64>,
    /// Connected domains and their state.
    pub domains: BTreeMap<String, String>,
    /// Workloads that were sold, and whether they are protected.
    pub sold: BTreeMap<String, bool>,
    /// The newest restore test by workload and result, in seconds since the Unix epoch.
    pub restore_tests: BTreeMap<(String, String), f64>,
}

/// What a page is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    /// What identifies it.
    pub key: Key,
    /// Its last name.
    pub name: String,
    /// Other names in the period.
    pub former_names: BTreeSet<String>,
    /// Workloads that were to be backed up at any time, the worst first.
    pub workloads: Vec<Month>,
    /// Workloads that were not licensed, paused or empty all the time.
    pub unused: Vec<String>,
    /// On the first day of the period.
    pub before: Facts,
    /// On the last day of the period.
    pub after: Facts,
    /// Alerts that fired, with their severity and the positions of the days.
    pub alerts: BTreeMap<(String, String), BTreeSet<usize>>,
}

impl Customer {
    /// Seconds outside the objective, and in doubt, of the worst workload: what customers are sorted by.
    #[must_use]
    pub fn badness(&self) -> (u64, u64) {
        let times = self.workloads.iter().map(|month| (month.summary.total.outside, month.summary.total.in_doubt()));
        times.max().unwrap_or((0, 0))
    }
}

/// What was found for a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The time that it is about.
    pub period: Period,
    /// When the series were evaluated.
    pub grid: Grid,
    /// Seconds of the period in which Prometheus saw the exporter.
    pub seen: u64,
    /// The worst first.
    pub customers: Vec<Customer>,
    /// What Prometheus has no data about.
    pub missing: Vec<&'static str>,
    /// Whether some days were computed because the recorded series were missing.
    pub is_computed: bool,
    /// The queries that were sent, each once.
    pub queries: BTreeSet<String>,
}
