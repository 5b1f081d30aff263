//! Tracks when each part of one tenant was requested and with what result, and when it is due again.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::partial::PartialOutages;
use crate::domain::{Compact, Outcome, Part};
use crate::poller::cadence::longest;
use crate::poller::memory::Memory;
use crate::poller::{Cadence, backoff};
use crate::provider::Listed;
use crate::store::{Backoff, TenantPolling};

/// Seats that the vendor cannot list are still requested once a day.
const MAX_STRETCHED: Duration = Duration::from_secs(24 * 60 * 60);
/// Nor are they requested more often than this shortly before they expire: each attempt takes the vendor a minute.
const MIN_STRETCHED: Duration = Duration::from_secs(10 * 60);
/// The maximum share of an interval by which a tenant may be early, to spread the load.
const JITTER: f64 = 0.1;
/// A retry not granted within this time becomes a regular turn: values collected once a day would expire otherwise.
const MAX_RETRY_WAIT: Duration = Duration::from_secs(10 * 60);

/// The share of the previous cost that remains at the next collection: some collect only mail, and say little.
const COST_KEPT: f64 = 0.75;

/// Which slots a tenant may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Ordinary,
    /// It holds a slot many times as long as others.
    Large,
    /// Its last collection got no response.
    Unresponsive,
}

/// When each part of one tenant is due.
#[derive(Debug)]
pub(super) struct TenantSchedule {
    pub(super) listed: Arc<Listed>,
    /// The parts in progress; `None` if there are none.
    pub(super) running: Option<Vec<Part>>,
    /// Whether the last collection got no response: such tenants may not use all slots.
    pub(super) is_unresponsive: bool,
    /// Whether its collections take many times as long as others.
    is_large: bool,
    /// The cost of a collection: the decaying maximum so far. `None` before the first response.
    cost: Option<Duration>,
    /// When each part was last started; absent if never.
    started: Compact<Part, Instant>,
    /// The products that the vendor last rejected as not licensed.
    refused: Vec<Part>,
    /// When the last successful attempt at the seats was started; `None` if none succeeded.
    seats_worked: Option<Instant>,
    /// The parts whose last attempt failed.
    failures: BTreeMap<Part, Failure>,
    /// The tenant's fixed phase between 0 and 1.
    phase: f64,
}

/// Consecutive failures of one part.
#[derive(Clone, Copy, Debug)]
struct Failure {
    count: u32,
    /// The last consecutive ones that mean that the part is too large to be listed.
    too_large: u32,
    at: Instant,
    next: Next,
}

/// What follows a failure.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A retry at this time, if granted.
    Retry(Instant),
    /// An immediate turn: the outage that caused the failure is over.
    Now,
    /// The next turn, after this interval.
    Interval(Duration),
    /// A regular turn at this time: the part succeeds again for others.
    Turn(Instant),
}

/// The terms of retries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    pub(super) cadence: &'a Cadence,
    /// The age at which values expire.
    pub(super) stale_after: Duration,
    pub(super) partial: &'a PartialOutages,
}

/// When a part is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    /// At its regular turn, which needs no grant; `None` means at once.
    pub(super) turn: Option<Instant>,
    /// For a retry; `None` if none is needed.
    pub(super) retry: Option<Instant>,
}

impl TenantSchedule {
    /// A tenant that was never collected.
    pub(super) fn new(listed: Arc<Listed>) -> Self {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(listed.id());
        Self {
            listed,
            running: None,
            is_unresponsive: false,
            is_large: false,
            cost: None,
            started: Compact::default(),
            refused: Vec::new(),
            seats_worked: None,
            failures: BTreeMap::new(),
            phase: f64::from(u16::try_from(hash >> 48).unwrap_or(0)) / f64::from(u16::MAX),
        }
    }

    /// A tenant with what an earlier poller knew, updated from a new listing; another organization under the same id is
    /// another customer.
    pub(super) fn remembered(memory: Memory, listed: Listed) -> Self {
        let Memory { tenant, asked, refused, seats_worked } = memory;
        let organizations = tenant.organization_id.as_ref().zip(listed.tenant.organization_id.as_ref());
        if organizations.is_some_and(|(known, listed)| known != listed) {
            return Self::new(Arc::new(listed));
        }
        let known = Self::new(Arc::new(Listed { tenant, target: listed.target.clone() }));
        Self { started: asked, refused, seats_worked, ..known }.relisted(listed)
    }

    /// Updates the tenant from a new listing.
    pub(super) fn relisted(self, listed: Listed) -> Self {
        // Keep the existing `Arc` if nothing changed: otherwise there would be two copies of each tenant.
        let is_same = self.listed.tenant == listed.tenant;
        let known = if is_same && self.listed.target == listed.target { self } else { self.without_refusals() };
        let tenant = if is_same { Arc::clone(&known.listed.tenant) } else { listed.tenant };
        Self { listed: Arc::new(Listed { tenant, ..listed }), ..known }
    }

    /// Forgets rejections: another plan, status or token may have changed them.
    fn without_refusals(self) -> Self {
        let Self { refused, started, .. } = self;
        let started = started.into_iter().filter(|(part, _)| !refused.contains(part)).collect();
        Self { refused: Vec::new(), started, ..self }
    }

    /// The parts to collect, with their refresh intervals in the absence of failures.
    pub(super) fn parts(
        &self,
        cadence: &Cadence,
        refused_interval: Duration,
    ) -> impl Iterator<Item = (Part, Duration)> {
        let interval = move |(part, interval): (Part, Duration)| {
            (part, if self.refused.contains(&part) { interval.max(refused_interval) } else { interval })
        };
        cadence.parts_of(&self.listed.tenant).map(interval)
    }

    /// Records which of the requested parts were rejected as not licensed.
    pub(super) fn refuse(&mut self, asked: &[Part], refused: &[Part]) {
        self.refused.retain(|part| !asked.contains(part));
        self.refused.extend(refused);
    }

    /// Which slots it may take.
    pub(super) const fn standing(&self) -> Standing {
        match (self.is_unresponsive, self.is_large) {
            (true, _) => Standing::Unresponsive,
            (false, true) => Standing::Large,
            (false, false) => Standing::Ordinary,
        }
    }

    /// The cost of a collection; `None` before the first response.
    pub(super) const fn cost(&self) -> Option<Duration> {
        self.cost
    }

    /// Marks the tenant as large if its cost reaches the threshold; `None` if no tenant is large.
    pub(super) fn measure(&mut self, threshold: Option<Duration>) {
        self.is_large = self.cost.zip(threshold).is_some_and(|(cost, threshold)| cost >= threshold);
    }

    /// When any part was last started; `None` means never.
    pub(super) fn last_start(&self) -> Option<Instant> {
        self.started.values().max().copied()
    }

    /// When a part is due.
    pub(super) fn due(&self, part: Part, interval: Duration) -> Due {
        let Some(started) = self.started.get(&part) else { return Due { turn: None, retry: None } };
        match self.failures.get(&part).map(|failure| failure.next) {
            None => Due { turn: Some(*started + interval), retry: None },
            Some(Next::Now) => Due { turn: None, retry: None },
            Some(Next::Interval(longer)) => Due { turn: Some(*started + longer), retry: None },
            Some(Next::Turn(at)) => Due { turn: Some(at), retry: None },
            Some(Next::Retry(at)) => {
                Due { turn: Some((*started + interval).min(at + MAX_RETRY_WAIT)), retry: Some(at) }
            }
        }
    }

    /// When the first part is due; `None` if no part is collected.
    pub(super) fn first_due(&self, cadence: &Cadence, refused_interval: Duration) -> Option<Due> {
        let dues = self.parts(cadence, refused_interval).map(|(part, interval)| self.due(part, interval));
        dues.reduce(|one, other| Due {
            turn: one.turn.min(other.turn),
            retry: [one.retry, other.retry].into_iter().flatten().min(),
        })
    }

    /// The parts that are due at `now`, and how many of them are retries.
    pub(super) fn due_parts(&self, cadence: &Cadence, refused_interval: Duration, now: Instant) -> (Vec<Part>, usize) {
        let (mut parts, mut retries) = (Vec::new(), 0);
        for (part, interval) in self.parts(cadence, refused_interval) {
            let due = self.due(part, interval);
            let early = if due.retry.is_some() {
                self.head_start(cadence.shortest())
            } else {
                self.head_start(interval).max(cadence.companionship(interval))
            };
            let is_turn = due.turn.is_none_or(|turn| turn <= now + early);
            let is_retry = due.retry.is_some_and(|retry| retry <= now);
            if is_turn || is_retry {
                parts.push(part);
                retries += usize::from(!is_turn);
            }
        }
        (parts, retries)
    }

    /// What does not follow from the last attempt and the interval of each part; `None` if nothing.
    pub(super) fn polling(&self, cadence: &Cadence) -> Option<TenantPolling> {
        if self.running.is_none() && self.failures.is_empty() && !self.is_unresponsive {
            return None;
        }
        let backoff = |(part, _)| {
            let Failure { count: failures, at, next, .. } = *self.failures.get(&part)?;
            let interval = match next {
                Next::Retry(retry) => retry - at,
                Next::Interval(longer) => longer,
                Next::Now | Next::Turn(_) => return None,
            };
            Some((part, Backoff { interval, failures }))
        };
        Some(TenantPolling {
            in_progress: self.running.clone().unwrap_or_default(),
            backoffs: cadence.parts_of(&self.listed.tenant).filter_map(backoff).collect(),
            is_unresponsive: self.is_unresponsive,
        })
    }

    /// How early a part may start: spreads the load while keeping the order.
    pub(super) fn head_start(&self, interval: Duration) -> Duration {
        interval.mul_f64(JITTER * self.phase)
    }

    /// Records that these parts are started at `now`.
    pub(super) fn start(&mut self, parts: &[Part], now: Instant) {
        for part in parts {
            self.started.insert(*part, now);
        }
        self.running = Some(parts.to_vec());
    }

    /// Records that the collection of these parts ended at `now`.
    ///
    /// Failures are retried on these terms, at the latest after their interval; with `None` there are no retries.
    pub(super) fn end(&mut self, parts: &[Part], failed: &[(Part, Outcome)], terms: Option<Terms<'_>>, now: Instant) {
        let began = self.running.take().and_then(|running| self.started.get(running.first()?).copied());
        self.is_unresponsive = failed.iter().any(|(part, outcome)| *part != Part::Seats && outcome.is_unanswered());
        if let Some(began) = began.filter(|_| !self.is_unresponsive) {
            let took = now.saturating_duration_since(began);
            self.cost = Some(self.cost.map_or(took, |cost| cost.mul_f64(COST_KEPT).max(took)));
        }
        let Some(Terms { cadence, stale_after, partial }) = terms else { return };
        let mut parts = parts.to_vec();
        // What a failure of the seats means depends on the other parts.
        parts.sort_by_key(|part| *part == Part::Seats);
        for part in parts {
            let Some((_, outcome)) = failed.iter().find(|(own, _)| *own == part) else {
                self.failures.remove(&part);
                if part == Part::Seats {
                    self.seats_worked = self.started.get(&part).copied();
                }
                continue;
            };
            let interval = cadence.interval_of(part);
            let known = self.failures.get(&part);
            let count = known.map_or(0, |failure| failure.count).saturating_add(1);
            let too_large = if self.looks_too_large(part, *outcome) {
                known.map_or(0, |failure| failure.too_large).saturating_add(1)
            } else {
                0
            };
            // The first failure may be transient, and must not make the values expire.
            let next = if too_large > 1 {
                Next::Interval(self.stretched(too_large - 1, interval, stale_after))
            } else if partial.is_current(part) {
                // One tenant at a time tries it, in addition to everyone's regular turns.
                Next::Interval(interval)
            } else {
                Next::Retry(now + backoff::after(*outcome, count, interval))
            };
            self.failures.insert(part, Failure { count, too_large, at: now, next });
        }
    }

    /// Datto cannot list the seats of large customers: each attempt takes a minute and ends in 504, and so would the next.
    /// If the other parts fail as well, the vendor is down, and this says nothing.
    fn looks_too_large(&self, part: Part, outcome: Outcome) -> bool {
        part == Part::Seats && matches!(outcome, Outcome::ServerError | Outcome::Timeout) && self.others_work()
    }

    /// The interval between two attempts at the seats, doubled this many times; shorter if they would expire meanwhile.
    fn stretched(&self, doublings: u32, interval: Duration, stale_after: Duration) -> Duration {
        let stretched = interval.saturating_mul(1 << doublings.min(16)).min(interval.max(MAX_STRETCHED));
        let expires = self.seats_worked.and_then(|worked| worked.checked_add(stale_after));
        let left = expires.zip(self.started.get(&Part::Seats)).map(|(at, last)| at.saturating_duration_since(*last));
        let in_time = left.filter(|left| !left.is_zero()).map(|left| longest(left).max(MIN_STRETCHED));
        in_time.map_or(stretched, |in_time| stretched.min(in_time))
    }

    /// Whether there are parts other than seats, and the last attempt at each succeeded.
    fn others_work(&self) -> bool {
        let mut others = self.started.keys().filter(|part| **part != Part::Seats).peekable();
        others.peek().is_some() && others.all(|part| !self.failures.contains_key(part))
    }

    /// Records that the collection in progress was stopped: its parts are due as before.
    pub(super) fn abandon(&mut self, now: Instant) {
        for part in self.running.take().into_iter().flatten() {
            let failure =
                self.failures.entry(part).or_insert(Failure { count: 0, too_large: 0, at: now, next: Next::Now });
            failure.next = Next::Now;
        }
    }

    /// Whether the result of an attempt at a part concerns more than this tenant: not if the product is not licensed, nor
    /// for seats that could never be listed.
    pub(super) fn speaks_for(&self, part: Part, worked: bool) -> bool {
        !self.refused.contains(&part) && (worked || part != Part::Seats || self.seats_worked.is_some())
    }

    /// When a part that failed was last started; `None` if it did not fail or is being collected.
    pub(super) fn failing_since(&self, part: Part) -> Option<Instant> {
        let is_idle = self.running.is_none() && self.failures.contains_key(&part);
        self.started.get(&part).copied().filter(|_| is_idle)
    }

    /// Records that a part fails for tenant after tenant since it last succeeded at `worked_at`: it has regular turns at
    /// this interval instead of retries of its own.
    pub(super) fn hold(&mut self, part: Part, worked_at: Option<Instant>, interval: Duration) {
        let failure = self.failures.get_mut(&part).filter(|failure| Some(failure.at) >= worked_at);
        if let Some(failure) = failure.filter(|failure| matches!(failure.next, Next::Retry(_))) {
            failure.next = Next::Interval(interval);
        }
    }

    /// Records that a part that failed for all tenants after `worked_at` succeeds since `now`: it is due now, after all
    /// that are due already.
    pub(super) fn resume(&mut self, part: Part, worked_at: Option<Instant>, now: Instant) {
        let failure = self.failures.get_mut(&part).filter(|failure| Some(failure.at) >= worked_at);
        if let Some(failure) = failure {
            failure.next = Next::Turn(now);
            self.is_unresponsive &= self.running.is_some();
        }
    }

    /// Ends the outage that began after `last_answer`: everything that failed in it is due at once.
    pub(super) fn recover(&mut self, last_answer: Option<Instant>) {
        for failure in self.failures.values_mut().filter(|failure| Some(failure.at) >= last_answer) {
            failure.next = Next::Now;
            self.is_unresponsive = false;
        }
    }
}
