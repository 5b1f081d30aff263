//! Decides the health of a tenant, and which one is shown first.

use crate::domain::{TenantState, WorkloadState};

/// How a tenant is: exactly one holds, the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Some workload is failing, was never backed up, has stopped, or is late.
    NotFine,
    /// Nothing is known to be wrong, and not everything is known.
    Unknown,
    /// Everything is known, and nothing is there to be backed up: paused, empty or not licensed.
    Inactive,
    /// Everything is known; what is active is backed up within its objective.
    Fine,
}

impl Verdict {
    /// Every verdict, worst first.
    pub const ALL: [Self; 4] = [Self::NotFine, Self::Unknown, Self::Inactive, Self::Fine];

    /// The word used in a query and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFine => "not_fine",
            Self::Unknown => "unknown",
            Self::Inactive => "inactive",
            Self::Fine => "fine",
        }
    }

    /// What the states of a tenant's workloads amount to.
    #[must_use]
    pub fn of(tenant: &TenantState) -> Self {
        let Some(worst) = worst_state(tenant) else { return Self::Unknown };
        match worst {
            WorkloadState::Failing | WorkloadState::Never | WorkloadState::Stopped | WorkloadState::Late => {
                Self::NotFine
            }
            WorkloadState::Unknown => Self::Unknown,
            WorkloadState::Ok => Self::Fine,
            WorkloadState::Paused | WorkloadState::Empty | WorkloadState::NotLicensed => Self::Inactive,
        }
    }
}

/// The states of a tenant's workloads.
pub(super) fn states(tenant: &TenantState) -> impl Iterator<Item = WorkloadState> + '_ {
    tenant.workloads.keys().filter_map(|workload| tenant.workload_state(*workload))
}

/// The worst state; `None` where the tenant has no workload.
pub(super) fn worst_state(tenant: &TenantState) -> Option<WorkloadState> {
    states(tenant).min_by_key(|state| state.severity())
}

/// Whether the last attempt at every workload succeeded; otherwise some values are stale or missing.
pub(super) fn is_confirmed(tenant: &TenantState) -> bool {
    tenant.workloads.values().all(|report| report.succeeded() == Some(true))
}
