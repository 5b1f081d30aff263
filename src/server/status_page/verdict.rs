//! Determines the health of a tenant, and the order of tenants.

use crate::domain::{TenantState, WorkloadState};

/// The health of a tenant: the first one that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Some workload is failing, was never backed up, has stopped, or is late.
    NotFine,
    /// No problem is known, but not everything is known.
    Unknown,
    /// Everything is known, and there is nothing to back up: paused, empty or not licensed.
    Inactive,
    /// Everything is known, and all active workloads are backed up within their objectives.
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

    /// The verdict that follows from the states of a tenant's workloads.
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

/// The worst state; `None` if the tenant has no workloads.
pub(super) fn worst_state(tenant: &TenantState) -> Option<WorkloadState> {
    states(tenant).min_by_key(|state| state.severity())
}

/// Whether the last attempt at every workload succeeded; otherwise some values are stale or missing.
pub(super) fn is_confirmed(tenant: &TenantState) -> bool {
    tenant.workloads.values().all(|report| report.succeeded() == Some(true))
}
