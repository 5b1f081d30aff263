//! Defines the parts of a tenant, which are collected, and fail, independently.

use std::collections::BTreeMap;

use super::{Coverage, Domains, Lifecycle, LifecycleFact, Outcome, SeatReport, Workload, WorkloadReport};

/// One separately collected part of a tenant's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The tenant's existence, and its data in the listing.
    Listing,
    /// The licence counters.
    Seats,
    /// The connected domains; collected together with the coverage, which lists the accounts below each of them.
    Domains,
    /// The protectable accounts.
    Coverage,
    /// Deactivated and deleted accounts, invitations, delegated users, retention.
    Lifecycle,
    /// One workload's backups.
    Workload(Workload),
}

impl Part {
    /// The word in the configuration and as label value; for a workload its name.
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

/// The result of an attempt to collect one part of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartResult {
    /// The licence counters.
    Seats(Result<SeatReport, Outcome>),
    /// The connected domains.
    Domains(Result<Domains, Outcome>),
    /// The connected domains without those whose rows could not be read, and the outcome.
    PartialDomains(Domains, Outcome),
    /// The protectable accounts.
    Coverage(Result<Coverage, Outcome>),
    /// The protectable accounts except those of domains that failed, which count as unknown, and the outcome.
    PartialCoverage(Coverage, Outcome),
    /// The life-cycle facts.
    Lifecycle(Result<Lifecycle, Outcome>),
    /// The life-cycle facts without those whose lists failed or were rejected, and the outcome: a success if the vendor
    /// rejected all of these, because it may not have them for this tenant.
    PartialLifecycle(Lifecycle, Vec<LifecycleFact>, Outcome),
    /// One workload.
    Workload(Workload, Result<WorkloadReport, Outcome>),
    /// One workload of which some lists failed, whose resources count as unknown, and the outcome.
    PartialWorkload(Workload, WorkloadReport, Outcome),
    /// The vendor itself rejected this workload from the first page on. It is not licensed if another workload of the
    /// tenant is readable; otherwise the attempt failed.
    Refused(Workload, Outcome),
    /// All workloads of the tenant, from a vendor that reports them in one response.
    Workloads(Result<Workloads, Outcome>),
}

impl PartResult {
    /// A failed attempt at a part; `None` for the listing, which is not collected per tenant.
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

    /// The same result after inconclusive ones were turned into failures; other rejections are conclusive.
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

/// All workloads of a tenant; in a complete report, workloads missing here are not reported by the vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workloads {
    /// Whether every record of the report was readable.
    pub is_complete: bool,
    /// The report of each workload.
    pub reports: BTreeMap<Workload, WorkloadReport>,
    /// Billed bytes of the tenant, including retained versions; not the sum of its workloads.
    pub customer_storage_bytes: Option<u64>,
}
