//! Says when something is asked for next, and why then.

use std::time::Duration;

use super::words;
use crate::domain::{Attempt, Outcome, Part, Timestamp};
use crate::store::plan::{Plan, TenantPlan, Turn};

/// The next attempt at something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Not before this moment; `None` while it runs, where it has no time yet, and where nothing is planned.
    pub at: Option<Timestamp>,
    /// Why then.
    pub reason: Reason,
}

/// Why something is asked for when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is being asked for.
    Running,
    /// It was never asked for, and is in line.
    First,
    /// It is due, and in line for a place within the budget.
    Budget,
    /// It is due, and in line for one of the places of those who do not answer.
    Suspect,
    /// The vendor asks to wait.
    VendorPause,
    /// It is asked for regularly.
    Interval(Duration),
    /// The last attempt failed in this way, and the next comes in its turn.
    Retry(Outcome, Duration),
    /// So many attempts failed in a row that it is asked for less often.
    Backoff(Outcome, u32, Duration),
    /// Nobody has planned it.
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
            Self::Suspect => "suspect",
            Self::VendorPause => "vendor_pause",
            Self::Interval(_) => "interval",
            Self::Retry(..) => "retry",
            Self::Backoff(..) => "backoff",
            Self::Unplanned => "unplanned",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Running => "being asked now".to_owned(),
            Self::First => "in line for its first turn".to_owned(),
            Self::Budget => "due, waits for a place within the budget".to_owned(),
            Self::Suspect => "due, did not answer last time and waits for one of the few places for such".to_owned(),
            Self::VendorPause => "the vendor asks to wait until then".to_owned(),
            Self::Interval(interval) => format!("every {}", words::interval(interval)),
            Self::Retry(outcome, interval) => {
                format!("again after {}, every {}", words::plain(outcome.as_str()), words::interval(interval))
            }
            Self::Backoff(outcome, failures, interval) => {
                let (outcome, interval) = (words::plain(outcome.as_str()), words::interval(interval));
                format!("retry {failures} after {outcome}, now every {interval}")
            }
            Self::Unplanned => "not planned yet".to_owned(),
        }
    }
}

impl Next {
    pub(super) const UNPLANNED: Self = Self { at: None, reason: Reason::Unplanned };

    /// The next listing of a source.
    #[must_use]
    pub fn listing(plan: Option<&Plan>, last: Option<Attempt>, now: Timestamp) -> Self {
        let Some(plan) = plan else { return Self::UNPLANNED };
        Self::of(plan.listing, regular(last, plan.listing_interval, 0), Reason::Budget, plan.paused_until, now)
    }

    /// The next attempt at a part of a tenant.
    #[must_use]
    pub fn part(
        plan: Option<&Plan>,
        tenant: Option<&TenantPlan>,
        part: Part,
        last: Option<Attempt>,
        now: Timestamp,
    ) -> Self {
        if part == Part::Listing {
            return Self::listing(plan, last, now);
        }
        let (Some(plan), Some(tenant)) = (plan, tenant) else { return Self::UNPLANNED };
        let Some(planned) = tenant.of(part) else { return Self::UNPLANNED };
        let regular = regular(last, planned.interval, planned.failures);
        let due = if tenant.is_suspect { Reason::Suspect } else { Reason::Budget };
        Self::of(planned.turn, regular, due, plan.paused_until, now)
    }

    fn of(turn: Turn, regular: Reason, due: Reason, paused_until: Option<Timestamp>, now: Timestamp) -> Self {
        let pause = paused_until.filter(|until| *until > now);
        match (turn, pause) {
            (Turn::Running, _) => Self { at: None, reason: Reason::Running },
            (Turn::First, Some(until)) => Self { at: Some(until), reason: Reason::VendorPause },
            (Turn::First, None) => Self { at: None, reason: Reason::First },
            (Turn::At(at), Some(until)) if at < until => Self { at: Some(until), reason: Reason::VendorPause },
            (Turn::At(at), _) if at <= now => Self { at: Some(at), reason: due },
            (Turn::At(at), _) => Self { at: Some(at), reason: regular },
        }
    }

    /// The order in which people expect what comes next: what is under way, what is in line, then by time.
    #[must_use]
    pub const fn order(&self) -> (u8, Option<Timestamp>, bool) {
        // Of two that come together the one with something to tell stands for both.
        let is_regular = matches!(self.reason, Reason::Interval(_));
        match self.reason {
            Reason::Running => (0, None, is_regular),
            Reason::First => (1, None, is_regular),
            Reason::Unplanned => (3, None, is_regular),
            _ => (2, self.at, is_regular),
        }
    }
}

fn regular(last: Option<Attempt>, interval: Duration, failures: u32) -> Reason {
    match last.map(|attempt| attempt.outcome) {
        Some(outcome) if outcome != Outcome::Success && failures > 0 => Reason::Backoff(outcome, failures, interval),
        Some(outcome) if outcome != Outcome::Success => Reason::Retry(outcome, interval),
        _ => Reason::Interval(interval),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn whoever_waits_is_told_what_for() {
        let failed = |outcome| Some(Attempt { at: at(0), outcome });
        let every = Reason::Interval(15 * MINUTE);
        for (turn, paused_until, last, is_suspect, failures, expected) in [
            (Turn::Running, Some(200), None, false, 0, (None, Reason::Running)),
            (Turn::First, None, None, false, 0, (None, Reason::First)),
            (Turn::First, Some(200), None, false, 0, (Some(200), Reason::VendorPause)),
            (Turn::At(at(150)), None, None, false, 0, (Some(150), every)),
            (Turn::At(at(150)), Some(200), None, false, 0, (Some(200), Reason::VendorPause)),
            (Turn::At(at(250)), Some(200), None, false, 0, (Some(250), every)),
            (Turn::At(at(150)), Some(90), None, false, 0, (Some(150), every)),
            (Turn::At(at(100)), None, None, false, 0, (Some(100), Reason::Budget)),
            (Turn::At(at(99)), None, failed(Outcome::Timeout), true, 0, (Some(99), Reason::Suspect)),
            (Turn::At(at(150)), None, failed(Outcome::Success), false, 0, (Some(150), every)),
            (
                Turn::At(at(150)),
                None,
                failed(Outcome::Timeout),
                true,
                0,
                (Some(150), Reason::Retry(Outcome::Timeout, 15 * MINUTE)),
            ),
            (
                Turn::At(at(150)),
                None,
                failed(Outcome::ServerError),
                false,
                3,
                (Some(150), Reason::Backoff(Outcome::ServerError, 3, 15 * MINUTE)),
            ),
        ] {
            let planned = crate::store::plan::PartPlan { part: Part::Seats, turn, interval: 15 * MINUTE, failures };
            let tenant = TenantPlan { is_suspect, parts: [planned].into() };
            let plan = Plan {
                listing: Turn::First,
                listing_interval: MINUTE,
                paused_until: paused_until.map(at),
                requests_per_second: 5.0,
                effective_interval: None,
                budget_remaining: None,
                tenants: std::sync::Arc::default(),
            };
            let next = Next::part(Some(&plan), Some(&tenant), Part::Seats, last, at(100));
            assert_eq!((next.at, next.reason), (expected.0.map(at), expected.1), "{turn:?} {paused_until:?} {last:?}");
        }
        assert_eq!(Next::part(None, None, Part::Seats, None, at(0)), Next::UNPLANNED);
    }

    #[test]
    fn a_reason_is_a_sentence() {
        for (reason, sentence) in [
            (Reason::Interval(90 * MINUTE), "every 90m"),
            (Reason::Retry(Outcome::ServerError, 15 * MINUTE), "again after server error, every 15m"),
            (Reason::Backoff(Outcome::Timeout, 3, 120 * MINUTE), "retry 3 after timeout, now every 2h"),
        ] {
            assert_eq!(reason.sentence(), sentence);
        }
    }
}
