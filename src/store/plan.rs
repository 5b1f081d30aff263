//! Holds what a poller means to do next: who is asked when, and what that waits for.
//!
//! A plan is published beside the state and is no part of it: it says nothing
//! of the vendor, is not kept over a restart, and has no series.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Part, TenantId, Timestamp};

/// When something is asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// As soon as there is a place: it was never asked for.
    First,
    /// It is being asked for.
    Running,
    /// Not before this moment, and then as soon as there is a place.
    At(Timestamp),
}

/// What is planned for one part of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPlan {
    /// Which part.
    pub part: Part,
    /// When.
    pub turn: Turn,
    /// The time between two attempts, at present.
    pub interval: Duration,
    /// Failures in a row that made this time longer than it is configured.
    pub failures: u32,
}

/// What is planned for one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantPlan {
    /// Whether it did not answer last time, so that it shares a few of the places with others like it.
    pub is_suspect: bool,
    /// Its parts, in the order in which they are asked for.
    pub parts: Box<[PartPlan]>,
}

/// What is planned for each tenant of a source.
pub type TenantPlans = BTreeMap<TenantId, Arc<TenantPlan>>;

/// What is planned for one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// When the tenants are listed next.
    pub listing: Turn,
    /// The time between two listings.
    pub listing_interval: Duration,
    /// Until when nothing is sent, as the vendor asks; `None` if it does not.
    pub paused_until: Option<Timestamp>,
    /// Requests a second that are sent at most, at present.
    pub requests_per_second: f64,
    /// The time between two looks at one tenant that the budget allows; `None` before the first look has ended.
    pub effective_interval: Option<Duration>,
    /// What remains of the budget that the vendor announces, in its units; `None` if it announces none.
    pub budget_remaining: Option<f64>,
    /// The tenants that are collected; shared with the poller, which copies it when it changes.
    pub tenants: Arc<TenantPlans>,
}

impl TenantPlan {
    /// What is planned for a part; `None` where it is not asked for.
    #[must_use]
    pub fn of(&self, part: Part) -> Option<&PartPlan> {
        let asked_for = self.parts.iter().find(|plan| plan.part == part);
        // A workload that is not known comes in the answer that brings the known ones.
        let is_workload = |plan: &&PartPlan| matches!((plan.part, part), (Part::Workload(_), Part::Workload(_)));
        asked_for.or_else(|| self.parts.iter().find(is_workload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Workload;

    #[test]
    fn an_unknown_workload_comes_with_the_known_ones() {
        let planned = |part| PartPlan { part, turn: Turn::First, interval: Duration::ZERO, failures: 0 };
        let plan =
            TenantPlan { is_suspect: false, parts: [Part::Seats, Part::Workload(Workload::Mail)].map(planned).into() };
        let found = plan.of(Part::Workload(Workload::Other("planner"))).unwrap();
        assert_eq!(found.part, Part::Workload(Workload::Mail));
        assert_eq!(plan.of(Part::Coverage), None);
    }
}
