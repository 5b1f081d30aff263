//! Summarizes one tenant for its row, with the details of each part.

use super::next::{Next, Upcoming};
use super::query::{Query, Wanted};
use super::verdict::{self, Verdict};
use crate::domain::{Attempt, Outcome, Part, TenantState, Timestamp, Workload, WorkloadState};
use crate::store::Published;

/// A summary of one tenant.
#[derive(Clone, Debug)]
pub struct TenantRow<'a> {
    /// Its source.
    pub source: &'a Published,
    /// Its state.
    pub tenant: &'a TenantState,
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether the last attempt at every workload succeeded; otherwise some values are stale or missing.
    pub is_confirmed: bool,
    /// The part with the oldest value, and when it was collected; `None` if no part has a value.
    pub oldest: Option<(Part, Timestamp)>,
    /// Parts without a value: never collected, or expired.
    pub parts_without_value: usize,
    /// When an attempt at any part last ended; `None` before the first.
    pub last_attempt_at: Option<Timestamp>,
    /// The parts whose last attempt failed; except the listing, which is shown with the source.
    pub failed: Vec<(Part, Outcome)>,
    /// The next attempt at any part; except the listing, which is shown with the source.
    pub next: Next,
    upcoming: Upcoming<'a>,
}

/// One part of a tenant.
#[derive(Clone, Copy, Debug)]
pub struct PartRow {
    /// The part.
    pub part: Part,
    /// The state of a workload; `None` for other parts.
    pub state: Option<WorkloadState>,
    /// When the current value was collected; `None` if there is none.
    pub observed_at: Option<Timestamp>,
    /// The last attempt; `None` before the first.
    pub attempt: Option<Attempt>,
    /// The next attempt.
    pub next: Next,
}

impl<'a> TenantRow<'a> {
    /// The tenant at `now`.
    #[must_use]
    pub fn new(source: &'a Published, tenant: &'a TenantState, now: Timestamp) -> Self {
        let mut row = Self {
            source,
            tenant,
            verdict: Verdict::of(tenant),
            is_confirmed: verdict::is_confirmed(tenant),
            oldest: None,
            parts_without_value: 0,
            last_attempt_at: None,
            failed: Vec::new(),
            next: Next::UNPLANNED,
            upcoming: Upcoming::new(source, tenant),
        };
        for part in tenant.parts() {
            let own = row.part(part, now);
            match own.observed_at {
                Some(at) => row.oldest = Some(row.oldest.filter(|(_, oldest)| *oldest <= at).unwrap_or((part, at))),
                None => row.parts_without_value += 1,
            }
            if part != Part::Listing {
                let failed = own.attempt.filter(|attempt| attempt.outcome != Outcome::Success);
                row.failed.extend(failed.map(|attempt| (part, attempt.outcome)));
                row.last_attempt_at = row.last_attempt_at.max(own.attempt.map(|attempt| attempt.at));
                if own.next.order() < row.next.order() {
                    row.next = own.next;
                }
            }
        }
        row
    }

    /// Its parts, the listing first.
    pub fn parts(&self, now: Timestamp) -> impl Iterator<Item = PartRow> {
        self.tenant.parts().map(move |part| self.part(part, now))
    }

    /// Its workloads with their states.
    pub fn workloads(&self) -> impl Iterator<Item = (Workload, WorkloadState)> {
        self.tenant.workloads.keys().filter_map(|workload| Some((*workload, self.tenant.workload_state(*workload)?)))
    }

    fn part(&self, part: Part, now: Timestamp) -> PartRow {
        let state = &self.source.state;
        let attempt = state.last_attempt(self.tenant, part);
        PartRow {
            part,
            state: match part {
                Part::Workload(workload) => self.tenant.workload_state(workload),
                _ => None,
            },
            observed_at: state.observed_at(self.tenant, part),
            attempt,
            next: self.upcoming.part(part, now),
        }
    }

    /// Whether this tenant matches the query; `name_part` is the query's text in lower case.
    pub(super) fn is_wanted(&self, query: &Query, name_part: &str) -> bool {
        let is_in_state = |wanted| match wanted {
            Wanted::Verdict(verdict) => self.verdict == verdict,
            Wanted::Workload(state) => verdict::states(self.tenant).any(|own| own == state),
            Wanted::UnknownWorkload => verdict::states(self.tenant).any(|own| own == WorkloadState::Unknown),
            Wanted::Unconfirmed => !self.is_confirmed,
        };
        let is_named = || {
            query.tenant.is_empty()
                || self.tenant.tenant.id.as_str() == query.tenant
                || self.tenant.display_name().to_lowercase().contains(name_part)
        };
        (query.source.is_empty() || *self.source.state.identity.name == *query.source)
            && is_named()
            && query.state.is_none_or(is_in_state)
    }

    /// Worst first: by the worst workload, then stale ones, then the older data.
    pub(super) fn severity(&self) -> impl Ord + use<> {
        let worst = verdict::worst_state(self.tenant).unwrap_or(WorkloadState::Unknown);
        (worst.severity(), self.is_confirmed, self.oldest.map(|(_, at)| at))
    }
}
