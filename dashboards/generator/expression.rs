//! Builds the `PromQL` that several dashboards share: the state of a workload, and whether it is current or stale.

use saasbackup_exporter::domain::WorkloadState;
use strum::IntoEnumIterator as _;

use crate::look::rank;
use crate::metric::Series;

/// The labels that identify a workload of a tenant.
pub(crate) const WORKLOAD: &[&str] = &["provider", "source", "tenant_id", "tenant", "workload"];
/// The labels that identify a tenant.
pub(crate) const TENANT: &[&str] = &["provider", "source", "tenant_id", "tenant"];
/// The labels that identify an account at a vendor.
pub(crate) const SOURCE: &[&str] = &["provider", "source"];

/// The variables of a dashboard as filters of every query in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope(pub(crate) &'static [(&'static str, &'static str)]);

/// `sum by (...) (...)`, or `sum (...)` over everything.
pub(crate) fn sum(labels: &[&str], vector: &str) -> String {
    aggregated("sum", labels, vector)
}

pub(crate) fn aggregated(by: &str, labels: &[&str], vector: &str) -> String {
    if labels.is_empty() { format!("{by} ({vector})") } else { format!("{by} by ({}) ({vector})", labels.join(", ")) }
}

/// How long ago these times were.
pub(crate) fn age(times: &str) -> String {
    format!("time() - {times}")
}

impl Scope {
    /// The series of a metric that the variables select.
    pub(crate) fn series(self, name: &str) -> Series {
        Series::of(name, self.0)
    }

    /// One value for each thing; see [`Series::max`].
    pub(crate) fn max(self, name: &str) -> String {
        self.series(name).max()
    }

    fn state(self, matcher: &str) -> Series {
        self.series("saasbackup_workload_state").and("state", matcher)
    }

    /// 1 for each workload in this unhealthy state according to any replica, and 0 for each other.
    pub(crate) fn unhealthy(self, state: &str) -> String {
        aggregated("max", WORKLOAD, &self.state(&format!("=\"{state}\"")).all())
    }

    /// 1 for each workload that is unknown to every replica, and 0 for each other.
    pub(crate) fn unknown(self) -> String {
        aggregated("min", WORKLOAD, &self.state("=\"unknown\"").all())
    }

    /// 1 for each workload that is ok according to a replica and unhealthy according to none, and 0 for each other.
    pub(crate) fn healthy(self) -> String {
        let worse = aggregated("max", WORKLOAD, &self.state("=~\"failing|late|never|stopped\"").all());
        format!("({} > bool {worse})", self.unhealthy("ok"))
    }

    /// 1 for each stale workload: its last collection failed in every replica, and older values are still exported.
    pub(crate) fn stale(self) -> String {
        format!("({} == bool 0) * ({} == bool 0)", self.attempts(), self.unknown())
    }

    /// 1 where the last collection of a workload succeeded in any replica, and 0 where it failed.
    pub(crate) fn attempts(self) -> String {
        aggregated("max", WORKLOAD, &self.by_workload("saasbackup_collection_success"))
    }

    /// When the current values of each licensed workload were collected; others have a long refresh interval.
    pub(crate) fn observed_if_licensed(self) -> String {
        let not_licensed = aggregated("max", WORKLOAD, &self.state("=\"not_licensed\"").all());
        format!("({} unless ({not_licensed} == 1))", self.observed())
    }

    /// When the current values of each workload were collected.
    pub(crate) fn observed(self) -> String {
        aggregated("max", WORKLOAD, &self.by_workload("saasbackup_observed_timestamp_seconds"))
    }

    /// The parts that are workloads, named as such: the others match no workload.
    fn by_workload(self, name: &str) -> String {
        let series = self.series(name).and("part", "!~\"listing|seats|coverage|lifecycle\"");
        let has_choice = self.0.iter().any(|(label, _)| *label == "workload");
        let series = if has_choice { series.and("part", "=~\"$workload\"") } else { series };
        format!("label_replace({}, \"workload\", \"$1\", \"part\", \"(.+)\")", series.all())
    }

    /// The state of each workload as a number by which it can be sorted; see [`crate::look::severities`].
    ///
    /// Of several replicas the worst state wins, but a workload is unknown only if no replica knows its state.
    pub(crate) fn severity(self) -> String {
        let known = WorkloadState::iter()
            .filter(|state| *state != WorkloadState::Unknown)
            .map(|state| format!("{} * ({} == 1)", rank(state), self.state(&format!("=\"{}\"", state.as_str())).all()));
        let known = aggregated("max", WORKLOAD, &known.collect::<Vec<_>>().join(" or "));
        format!("({known} or {} * ({} == 1))", rank(WorkloadState::Unknown), self.unknown())
    }

    /// The worst severity of each workload in the day that begins at the evaluated time, of one value an hour; unknown
    /// for a day without any.
    pub(crate) fn worst_of_day(self) -> String {
        let worst = format!("max by (workload) (max_over_time({}[1d:1h] offset -1d))", self.severity());
        // An objective is there for each workload, and never zero.
        let objective = self.series("saasbackup_rpo_seconds").all();
        let present = format!("max by (workload) (last_over_time({objective}[1d] @ end() offset -1d))");
        format!("{worst} or {} * ({present} > bool 0)", rank(WorkloadState::Unknown))
    }

    /// Of these values, one for each workload, those of unhealthy workloads.
    pub(crate) fn where_unhealthy(self, vector: &str) -> String {
        let unhealthy = self.state("=~\"failing|never|stopped|late|unknown|paused\"").all();
        format!("({vector}) and on ({}) ({unhealthy} == 1)", WORKLOAD.join(", "))
    }
}
