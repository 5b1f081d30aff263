//! Names the parts of a tenant that are asked for, and fail, apart from each other.

use super::{Coverage, Lifecycle, Outcome, SeatCounts, Workload, WorkloadReport};

/// One separately collected part of what is known about a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// That the tenant exists, and what the listing says of it.
    Listing,
    /// The licence counters.
    Seats,
    /// What could be protected, and the connected domains.
    Coverage,
    /// Deactivated and deleted accounts, invitations, delegated users, retention.
    Lifecycle,
    /// One workload's backups.
    Workload(Workload),
}

impl Part {
    /// The word used in the config file and as label value; a workload's own name for a workload.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Seats => "seats",
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
    Seats(Result<SeatCounts, Outcome>),
    /// What could be protected.
    Coverage(Result<Coverage, Outcome>),
    /// The life-cycle facts.
    Lifecycle(Result<Lifecycle, Outcome>),
    /// One workload.
    Workload(Workload, Result<WorkloadReport, Outcome>),
}

impl PartResult {
    /// Which part was attempted.
    #[must_use]
    pub const fn part(&self) -> Part {
        match self {
            Self::Seats(_) => Part::Seats,
            Self::Coverage(_) => Part::Coverage,
            Self::Lifecycle(_) => Part::Lifecycle,
            Self::Workload(workload, _) => Part::Workload(*workload),
        }
    }

    /// How the attempt ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let failure = match self {
            Self::Seats(result) => result.as_ref().err(),
            Self::Coverage(result) => result.as_ref().err(),
            Self::Lifecycle(result) => result.as_ref().err(),
            Self::Workload(_, result) => result.as_ref().err(),
        };
        failure.copied().unwrap_or(Outcome::Success)
    }
}
