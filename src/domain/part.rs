//! Names the parts of a tenant that are asked for, and fail, apart from each other.

use std::collections::BTreeMap;

use super::{Coverage, Domains, Lifecycle, LifecycleFact, Outcome, SeatReport, Workload, WorkloadReport};

/// One separately collected part of what is known about a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// That the tenant exists, and what the listing says of it.
    Listing,
    /// The licence counters.
    Seats,
    /// The connected domains; asked for together with the coverage, which has accounts below each of them.
    Domains,
    /// What could be protected.
    Coverage,
    /// Deactivated and deleted accounts, invitations, delegated users, retention.
    Lifecycle,
    /// One workload's backups.
    Workload(Workload),
}

impl Part {
    /// The word used in the config file and as label value; a workload's own name for a workload.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Seats => "seats",
            Self::Domains => "domains",
            Self::Coverage => "coverage",
            Self::Lifecycle => "lifecycle",
            Self::Workload(workload) => workload.as_str(),
        }
    }
}

/// What an attempt at one part of one tenant brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartResult {
    /// The licence counters.
    Seats(Result<SeatReport, Outcome>),
    /// The connected domains.
    Domains(Result<Domains, Outcome>),
    /// The connected domains without those whose rows could not be read, and why these could not.
    PartialDomains(Domains, Outcome),
    /// What could be protected.
    Coverage(Result<Coverage, Outcome>),
    /// What could be protected, with the accounts of some domains unknown, and why these could not be asked for.
    PartialCoverage(Coverage, Outcome),
    /// The life-cycle facts.
    Lifecycle(Result<Lifecycle, Outcome>),
    /// The life-cycle facts without those whose lists failed, and why these did.
    PartialLifecycle(Lifecycle, Vec<LifecycleFact>, Outcome),
    /// One workload.
    Workload(Workload, Result<WorkloadReport, Outcome>),
    /// One workload of which some lists failed, and why: what is below them counts as unknown.
    PartialWorkload(Workload, WorkloadReport, Outcome),
    /// The vendor itself refuses this workload, from the first page on: it is not licensed if another one of the tenant
    /// answers, and the attempt failed if none does.
    Refused(Workload, Outcome),
    /// All workloads of the tenant at once, from a vendor that reports them in one answer.
    Workloads(Result<Workloads, Outcome>),
}

impl PartResult {
    /// A failed attempt at a part; `None` for the listing, which is no part that a tenant is asked for.
    #[must_use]
    pub const fn failed(part: Part, outcome: Outcome) -> Option<Self> {
        Some(match part {
            Part::Listing => return None,
            Part::Seats => Self::Seats(Err(outcome)),
            Part::Domains => Self::Domains(Err(outcome)),
            Part::Coverage => Self::Coverage(Err(outcome)),
            Part::Lifecycle => Self::Lifecycle(Err(outcome)),
            Part::Workload(workload) => Self::Workload(workload, Err(outcome)),
        })
    }

    /// The same result once it is decided which are not believed: their attempts failed, and other refusals are
    /// statements.
    pub(super) fn decided(self, doubts: &[(Workload, Outcome)]) -> Self {
        let doubt = |workload| doubts.iter().find(|(doubted, _)| *doubted == workload).map(|(_, outcome)| *outcome);
        match self {
            Self::Workload(workload, Ok(report)) => Self::Workload(workload, doubt(workload).map_or(Ok(report), Err)),
            Self::PartialWorkload(workload, report, outcome) => match doubt(workload) {
                Some(outcome) => Self::Workload(workload, Err(outcome)),
                None => Self::PartialWorkload(workload, report, outcome),
            },
            Self::Refused(workload, _) => {
                Self::Workload(workload, doubt(workload).map_or(Ok(WorkloadReport::NotLicensed), Err))
            }
            other => other,
        }
    }
}

/// All workloads of a tenant: where the report is complete, one that is missing here is not reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workloads {
    /// Whether every record of the report could be read.
    pub is_complete: bool,
    /// What is reported of each.
    pub reports: BTreeMap<Workload, WorkloadReport>,
    /// Bytes that the tenant is billed for, retained versions included; not the sum of its workloads.
    pub customer_storage_bytes: Option<u64>,
}
