//! Derives from the state of a source when each part of a tenant was requested, so that neither a restart nor a reload
//! requests fresh parts again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Cadence;
use crate::domain::{
    Attempt, Compact, Outcome, Part, SourceState, Tenant, TenantId, TenantState, Timestamp, Tracked, WorkloadReport,
};

/// What an earlier poller knew about one tenant.
#[derive(Debug)]
pub(super) struct Memory {
    /// The tenant as listed then.
    pub(super) tenant: Arc<Tenant>,
    /// When the last attempt at each part ended, if it succeeded; missing parts are due at once.
    pub(super) asked: Compact<Part, Instant>,
    /// The products that are not licensed.
    pub(super) refused: Vec<Part>,
    /// When the seats were last listed; `None` if unknown.
    pub(super) seats_worked: Option<Instant>,
}

/// What an earlier poller knew about each tenant.
pub(super) type Memories = BTreeMap<TenantId, Memory>;

/// Derives it from `state` at `now`, whose wall time is `wall`.
pub(super) fn of(state: &SourceState, cadence: &Cadence, wall: Timestamp, now: Instant) -> Memories {
    let memory = |tenant: &Arc<TenantState>| {
        let instant = |at: Timestamp| {
            // Times in the future mean that the clock was set back, and expired values are not fresh.
            let age = Some(wall.since(at)).filter(|age| at <= wall && *age < state.policy.stale_after);
            age.and_then(|age| now.checked_sub(age))
        };
        let asked: Vec<_> = cadence
            .parts_of(&tenant.tenant)
            .filter_map(|(part, interval)| Some((part, interval, instant(worked_at(state, tenant, part)?)?)))
            .collect();
        // A single rejection may be wrong: only one older than the product's refresh interval was repeated.
        let is_refused =
            |(part, interval, at): &&(Part, _, Instant)| is_not_licensed(tenant, *part) && now - *at >= *interval;
        Memory {
            tenant: Arc::clone(&tenant.tenant),
            refused: asked.iter().filter(is_refused).map(|(part, ..)| *part).collect(),
            asked: asked.iter().map(|(part, _, at)| (*part, *at)).collect(),
            seats_worked: tenant.seats.observed_at().and_then(instant),
        }
    };
    state.tenants.iter().map(|(id, tenant)| (id.clone(), memory(tenant))).collect()
}

/// When credentials that the last listing showed to be rejected may be tried again; `None` means at once.
pub(super) fn next_probe(state: &SourceState, interval: Duration, wall: Timestamp, now: Instant) -> Option<Instant> {
    let refused = state.listing.attempt.filter(|attempt| attempt.outcome == Outcome::Unauthorized)?;
    // A clock that was set back since says nothing.
    let left = interval.checked_sub(wall.since(refused.at)).filter(|_| refused.at <= wall)?;
    Some(now + left)
}

/// When the last attempt at a part ended, if it succeeded.
fn worked_at(state: &SourceState, tenant: &TenantState, part: Part) -> Option<Timestamp> {
    let worked = |attempt: Attempt| (attempt.outcome == Outcome::Success).then_some(attempt.at);
    match part {
        // A response with all workloads omits those that the tenant does not have.
        Part::Workload(workload) if !tenant.workloads.contains_key(&workload) => {
            let others = tenant.workloads.values().filter_map(|known| known.attempt.and_then(worked));
            others.max().max(tenant.all_reported_at)
        }
        part => state.last_attempt(tenant, part).and_then(worked),
    }
}

fn is_not_licensed(tenant: &TenantState, part: Part) -> bool {
    let Part::Workload(workload) = part else { return false };
    let known = tenant.workloads.get(&workload).and_then(Tracked::value);
    matches!(known, Some(WorkloadReport::NotLicensed))
}
