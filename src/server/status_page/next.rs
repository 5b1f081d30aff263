//! Derives when something is requested next, and why.
//!
//! The poller's schedule starts at the beginning of an attempt and lets tenants come a little early; the state only has
//! the end of the attempt. So the derived time is the latest one.

use std::time::Duration;

use super::words;
use crate::domain::{Attempt, Outcome, Part, SourceState, TenantState, Timestamp, WorkloadReport};
use crate::store::{Backoff, NextAttempt, PollerStatus, Published, TenantPolling};

/// The next attempt at something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Due by this time at the latest, if nothing delays it; during a pause, not before it.
    ///
    /// `None` while it is in progress, before the first attempt, and if nothing is scheduled.
    pub at: Option<Timestamp>,
    /// The reason.
    pub reason: Reason,
}

/// Why something is requested when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is in progress.
    Running,
    /// It waits for its first attempt, or for the first since the start of the exporter after a failure.
    First,
    /// It is due, and waits for the rate limit.
    Budget,
    /// It is due, and waits for one of the few slots for tenants that did not respond last time.
    Unresponsive,
    /// The vendor asked for a pause.
    VendorPause,
    /// It is refreshed at this interval.
    Interval(Duration),
    /// The last attempt failed like this, and is retried after this interval.
    Retry(Outcome, Duration),
    /// This many consecutive attempts failed, so it is requested less often.
    Backoff(Outcome, u32, Duration),
    /// The tenant has not licensed it, so it is rechecked rarely, and at once when the listing changes.
    NotLicensed(Duration),
    /// Nothing is scheduled: the tenant has not been listed since the start, it is dropped, or the part is not collected.
    Unplanned,
}

impl Reason {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::First => "first",
            Self::Budget => "budget",
            Self::Unresponsive => "unresponsive",
            Self::VendorPause => "vendor_pause",
            Self::Interval(_) => "interval",
            Self::Retry(..) => "retry",
            Self::Backoff(..) => "backoff",
            Self::NotLicensed(_) => "not_licensed",
            Self::Unplanned => "unplanned",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Running => "in progress".to_owned(),
            Self::First => "queued for the first attempt".to_owned(),
            Self::Budget => "due, waiting for the rate limit".to_owned(),
            Self::Unresponsive => "due, waiting for a retry slot (no response last time)".to_owned(),
            Self::VendorPause => "paused by the vendor until then".to_owned(),
            Self::Interval(interval) => format!("every {}", words::interval(interval)),
            Self::Retry(outcome, interval) => {
                format!("retry after {}, every {}", words::plain(outcome.as_str()), words::interval(interval))
            }
            Self::Backoff(outcome, failures, interval) => {
                let (outcome, interval) = (words::plain(outcome.as_str()), words::interval(interval));
                format!("{outcome} {failures}x in a row, backed off to every {interval}")
            }
            Self::NotLicensed(interval) => {
                format!("not licensed, rechecked every {} and when the listing changes", words::interval(interval))
            }
            Self::Unplanned => "not scheduled".to_owned(),
        }
    }
}

impl Next {
    pub(super) const UNPLANNED: Self = Self { at: None, reason: Reason::Unplanned };

    /// The next listing of a source.
    #[must_use]
    pub fn listing(poller: Option<&PollerStatus>, last: Option<Attempt>, now: Timestamp) -> Self {
        let Some(poller) = poller else { return Self::UNPLANNED };
        let regular = regular(last, poller.listing_interval, None);
        Self::of(poller.next_listing, regular, Reason::Budget, poller.paused_until, now)
    }

    fn of(next: NextAttempt, regular: Reason, due: Reason, paused_until: Option<Timestamp>, now: Timestamp) -> Self {
        let pause = paused_until.filter(|until| *until > now);
        match (next, pause) {
            (NextAttempt::InProgress, _) => Self { at: None, reason: Reason::Running },
            (NextAttempt::First, Some(until)) => Self { at: Some(until), reason: Reason::VendorPause },
            (NextAttempt::First, None) => Self { at: None, reason: Reason::First },
            (NextAttempt::At(at), Some(until)) if at < until => Self { at: Some(until), reason: Reason::VendorPause },
            (NextAttempt::At(at), _) if at <= now => Self { at: Some(at), reason: due },
            (NextAttempt::At(at), _) => Self { at: Some(at), reason: regular },
        }
    }

    /// The order of what comes next: in progress, due, then by time.
    #[must_use]
    pub const fn order(&self) -> (u8, Option<Timestamp>, bool) {
        // If two are due together, the one with a special reason represents both.
        let is_regular = matches!(self.reason, Reason::Interval(_) | Reason::NotLicensed(_));
        match self.reason {
            Reason::Running => (0, None, is_regular),
            Reason::First => (1, None, is_regular),
            Reason::Unplanned => (3, None, is_regular),
            _ => (2, self.at, is_regular),
        }
    }
}

/// What a poller will do next for one tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upcoming<'a> {
    source: &'a SourceState,
    tenant: &'a TenantState,
    /// `None` while nothing of the source's tenants is requested.
    poller: Option<&'a PollerStatus>,
    /// `None` if it follows from the last attempts and the intervals.
    polling: Option<&'a TenantPolling>,
}

impl<'a> Upcoming<'a> {
    pub(super) fn new(source: &'a Published, tenant: &'a TenantState) -> Self {
        let poller = source.poller.as_deref().filter(|poller| poller.has_tenants);
        let polling = poller.and_then(|poller| poller.tenants.get(&tenant.tenant.id));
        Self { source: &source.state, tenant, poller, polling }
    }

    /// The next attempt at a part.
    pub(super) fn part(&self, part: Part, now: Timestamp) -> Next {
        let last = self.source.last_attempt(self.tenant, part);
        let Some(poller) = self.poller else { return Next::UNPLANNED };
        if part == Part::Listing || (part == Part::Seats && self.tenant.seats_are_listed()) {
            return Next::listing(Some(poller), last, now);
        }
        if self.source.is_dropped(&self.tenant.tenant.id) {
            return Next::UNPLANNED;
        }
        let Some((asked, interval)) = self.asked_as(part, poller) else { return Next::UNPLANNED };
        let is_refused = self.is_refused(part);
        let interval = if is_refused { interval.max(poller.refused_interval) } else { interval };
        let backoffs = self.polling.iter().flat_map(|polling| &polling.backoffs);
        let backoff = backoffs.into_iter().find(|(own, _)| *own == asked).map(|(_, backoff)| *backoff);
        // What worked before a restart keeps its turn; what failed is attempted at once.
        let counts = |attempt: &Attempt| attempt.at >= poller.started_at || attempt.outcome == Outcome::Success;
        let next = match last.filter(counts) {
            _ if self.polling.is_some_and(|polling| polling.in_progress.contains(&asked)) => NextAttempt::InProgress,
            None => NextAttempt::First,
            Some(attempt) => NextAttempt::At(attempt.at.after(backoff.map_or(interval, |backoff| backoff.interval))),
        };
        let is_unresponsive = self.polling.is_some_and(|polling| polling.is_unresponsive);
        let due = if is_unresponsive { Reason::Unresponsive } else { Reason::Budget };
        let regular = if is_refused { Reason::NotLicensed(interval) } else { regular(last, interval, backoff) };
        Next::of(next, regular, due, poller.paused_until, now)
    }

    /// Whether the last attempt at a part was rejected as not licensed.
    fn is_refused(&self, part: Part) -> bool {
        let Part::Workload(workload) = part else { return false };
        let known = self.tenant.workloads.get(&workload);
        known.is_some_and(|known| {
            known.succeeded() == Some(true) && matches!(known.value(), Some(WorkloadReport::NotLicensed))
        })
    }

    /// The part that is requested to refresh this one, and how often: a workload that is not requested by itself comes
    /// with the response for the others. `None` if it is not collected.
    fn asked_as(&self, part: Part, poller: &PollerStatus) -> Option<(Part, Duration)> {
        let asked = || poller.part_intervals.iter().filter(|(own, _)| self.tenant.tenant.parts.contains(own));
        let is_workload = |part| matches!(part, Part::Workload(_));
        let together = || asked().find(|(own, _)| is_workload(*own) && is_workload(part));
        asked().find(|(own, _)| *own == part).or_else(together).copied()
    }
}

fn regular(last: Option<Attempt>, interval: Duration, backoff: Option<Backoff>) -> Reason {
    let failed = last.map(|attempt| attempt.outcome).filter(|outcome| *outcome != Outcome::Success);
    match (failed, backoff) {
        (Some(outcome), Some(backoff)) => Reason::Backoff(outcome, backoff.failures, backoff.interval),
        (Some(outcome), None) => Reason::Retry(outcome, interval),
        (None, _) => Reason::Interval(interval),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{
        Event, Listing, Objectives, PartResult, Policy, Provider, SeatReport, SourceIdentity, Tenant, Workload,
    };

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    /// A tenant of which this attempt at its seats ended, and the poller that made it.
    fn published(last: Option<Attempt>, poller: Option<PollerStatus>) -> Published {
        let policy = Arc::new(Policy { stale_after: MINUTE, workloads: Vec::new(), objectives: Objectives::default() });
        let tenant = Tenant { id: "a".into(), parts: &[Part::Seats], ..Tenant::default() };
        let identity = SourceIdentity { provider: Provider::Datto, name: "datto".into() };
        let listing = Listing { tenants: vec![Arc::new(tenant)], ..Listing::default() };
        let mut state = SourceState::new(identity, policy).advance(Event::Listed(Ok(listing)), at(0));
        if let Some(Attempt { at, outcome }) = last {
            let result = if outcome == Outcome::Success { Ok(SeatReport::default()) } else { Err(outcome) };
            let event = Event::Collected { tenant: "a".into(), parts: vec![PartResult::Seats(result)] };
            state = state.advance(event, at);
        }
        Published { state: Arc::new(state), poller: poller.map(Arc::new) }
    }

    fn poller(polling: Option<TenantPolling>, paused_until: Option<i64>) -> PollerStatus {
        PollerStatus {
            started_at: at(-5000),
            next_listing: NextAttempt::First,
            listing_interval: MINUTE,
            has_tenants: true,
            part_intervals: vec![(Part::Seats, 15 * MINUTE)],
            refused_interval: 18 * 60 * MINUTE,
            tenants: polling.map(|polling| ("a".into(), polling)).into_iter().collect(),
            paused_until: paused_until.map(at),
            requests_per_second: 5.0,
            effective_interval: None,
            requests_per_tenant_and_day: None,
            requests: Vec::new(),
            budget_remaining: None,
        }
    }

    /// What is said at 100 seconds of the seats of the only tenant.
    fn seats(last: Option<(i64, Outcome)>, poller: Option<PollerStatus>) -> (Option<i64>, Reason) {
        let last = last.map(|(seconds, outcome)| Attempt { at: at(seconds), outcome });
        let published = published(last, poller);
        let next = Upcoming::new(&published, &published.state.tenants[&"a".into()]).part(Part::Seats, at(100));
        (next.at.map(|at| at.as_millis() / 1000), next.reason)
    }

    #[test]
    fn the_next_attempt_follows_from_the_last_one_and_the_interval() {
        use Outcome::{ServerError, Success, Timeout};
        let every = Reason::Interval(15 * MINUTE);
        for (last, paused_until, expected) in [
            (None, None, (None, Reason::First)),
            (None, Some(200), (Some(200), Reason::VendorPause)),
            (None, Some(90), (None, Reason::First)),
            (Some((50, Success)), None, (Some(950), every)),
            (Some((50, Success)), Some(90), (Some(950), every)),
            (Some((50, Success)), Some(949), (Some(950), every)),
            (Some((50, Success)), Some(951), (Some(951), Reason::VendorPause)),
            (Some((50, Timeout)), None, (Some(950), Reason::Retry(Timeout, 15 * MINUTE))),
            (Some((-800, Success)), None, (Some(100), Reason::Budget)),
            (Some((-5000, ServerError)), None, (Some(-4100), Reason::Budget)),
            (Some((-5001, Success)), None, (Some(-4101), Reason::Budget)),
            (Some((-5001, ServerError)), None, (None, Reason::First)),
        ] {
            assert_eq!(seats(last, Some(poller(None, paused_until))), expected, "{last:?} {paused_until:?}");
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_said() {
        let failed = Some((50, Outcome::ServerError));
        let backoff = Backoff { interval: 60 * MINUTE, failures: 2 };
        let backing_off = TenantPolling { backoffs: vec![(Part::Seats, backoff)], ..TenantPolling::default() };
        let expected = (Some(3650), Reason::Backoff(Outcome::ServerError, 2, 60 * MINUTE));
        assert_eq!(seats(failed, Some(poller(Some(backing_off), None))), expected);

        let in_progress = TenantPolling { in_progress: vec![Part::Seats], ..TenantPolling::default() };
        for last in [None, failed] {
            assert_eq!(seats(last, Some(poller(Some(in_progress.clone()), Some(200)))), (None, Reason::Running));
        }

        let unresponsive = || TenantPolling { is_unresponsive: true, ..TenantPolling::default() };
        let due = Some((-900, Outcome::Timeout));
        assert_eq!(seats(due, Some(poller(Some(unresponsive()), None))), (Some(0), Reason::Unresponsive));
        let later = seats(failed, Some(poller(Some(unresponsive()), None)));
        assert_eq!(later, (Some(950), Reason::Retry(Outcome::ServerError, 15 * MINUTE)));
    }

    #[test]
    fn nothing_is_said_of_what_is_not_scheduled() {
        let last = Some((50, Outcome::Success));
        let unlisted = PollerStatus { has_tenants: false, ..poller(None, None) };
        let unconfigured = PollerStatus { part_intervals: vec![(Part::Coverage, MINUTE)], ..poller(None, None) };
        for poller in [None, Some(unlisted), Some(unconfigured)] {
            assert_eq!(seats(last, poller), (None, Reason::Unplanned));
        }
        let mut published = published(None, Some(poller(None, None)));
        let state = SourceState::clone(&published.state).advance(Event::Dropped(["a".into()].into()), at(0));
        published.state = Arc::new(state);
        let next = Upcoming::new(&published, &published.state.tenants[&"a".into()]).part(Part::Seats, at(100));
        assert_eq!(next, Next::UNPLANNED, "nothing is asked about a tenant that is dropped");
    }

    #[test]
    fn what_is_not_licensed_is_due_after_its_own_interval() {
        let mail = Part::Workload(Workload::Mail);
        for (result, expected) in [
            (Ok(WorkloadReport::NotLicensed), (Some(64_850), Reason::NotLicensed(18 * 60 * MINUTE))),
            (Err(Outcome::Forbidden), (Some(950), Reason::Retry(Outcome::Forbidden, 15 * MINUTE))),
        ] {
            let tenant =
                Arc::new(Tenant { id: "a".into(), parts: &[Part::Workload(Workload::Mail)], ..Tenant::default() });
            let identity = SourceIdentity { provider: Provider::Dropsuite, name: "us".into() };
            let policy = Policy {
                stale_after: 24 * 60 * MINUTE,
                workloads: vec![Workload::Mail],
                objectives: Objectives::default(),
            };
            let state = SourceState::new(identity, Arc::new(policy))
                .advance(Event::Listed(Ok(Listing { tenants: vec![tenant], ..Listing::default() })), at(0))
                .advance(
                    Event::Collected { tenant: "a".into(), parts: vec![PartResult::Workload(Workload::Mail, result)] },
                    at(50),
                );
            let poller = PollerStatus { part_intervals: vec![(mail, 15 * MINUTE)], ..poller(None, None) };
            let published = Published { state: Arc::new(state), poller: Some(Arc::new(poller)) };
            let next = Upcoming::new(&published, &published.state.tenants[&"a".into()]).part(mail, at(100));
            assert_eq!((next.at.map(|at| at.as_millis() / 1000), next.reason), expected);
        }
    }

    #[test]
    fn a_reason_is_a_sentence() {
        for (reason, sentence) in [
            (Reason::Interval(90 * MINUTE), "every 90m"),
            (Reason::Retry(Outcome::ServerError, 15 * MINUTE), "retry after server error, every 15m"),
            (Reason::NotLicensed(18 * 60 * MINUTE), "not licensed, rechecked every 18h and when the listing changes"),
            (Reason::Backoff(Outcome::Timeout, 3, 120 * MINUTE), "timeout 3x in a row, backed off to every 2h"),
        ] {
            assert_eq!(reason.sentence(), sentence);
        }
    }
}
