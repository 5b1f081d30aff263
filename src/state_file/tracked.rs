//! Mirrors a value with when it was observed and how the last attempt at it ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::word::Word;
use crate::domain::{self, Outcome, Timestamp};

/// Clocks differ a little; what was seen later than this after now was written with a clock that was wrong.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// A moment, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Millis(i64);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tracked<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Observed<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Observed<T> {
    at: Millis,
    value: T,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attempt {
    at: Millis,
    outcome: Word<Outcome>,
}

impl From<Timestamp> for Millis {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_millis())
    }
}

impl From<Millis> for Timestamp {
    fn from(millis: Millis) -> Self {
        Self::from_millis(millis.0)
    }
}

impl<T> Tracked<T> {
    pub(super) fn of<'a, D>(tracked: &'a domain::Tracked<D>, value: impl FnOnce(&'a D) -> T) -> Self {
        let domain::Tracked { observed, attempt } = tracked;
        Self {
            observed: observed
                .as_ref()
                .map(|domain::Observed { at, value: observed }| Observed { at: (*at).into(), value: value(observed) }),
            attempt: attempt.map(|domain::Attempt { at, outcome }| Attempt { at: at.into(), outcome: Word(outcome) }),
        }
    }

    /// What is known at `now`.
    ///
    /// What claims to be of the future is not: it would never grow stale.
    pub(super) fn restore<D>(self, now: Timestamp, value: impl FnOnce(T) -> D) -> domain::Tracked<D> {
        let is_past = |at: Millis| Timestamp::from(at) <= now.after(CLOCK_TOLERANCE);
        let observed = self.observed.filter(|observed| is_past(observed.at));
        let attempt = self.attempt.filter(|attempt| is_past(attempt.at));
        domain::Tracked {
            observed: observed.map(|known| domain::Observed { at: known.at.into(), value: value(known.value) }),
            attempt: attempt.map(|known| domain::Attempt { at: known.at.into(), outcome: known.outcome.0 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn minutes(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    #[test]
    fn a_value_and_its_attempt_come_back_as_they_were_unless_they_are_of_the_future() {
        let nothing = domain::Tracked::default();
        let good = nothing.clone().advance(Ok(7_u64), minutes(10));
        let failed = good.clone().advance(Err(Outcome::Timeout), minutes(20));
        let restored = |tracked: &domain::Tracked<u64>, now| Tracked::of(tracked, |value| *value).restore(now, |it| it);
        for tracked in [&nothing, &good, &failed] {
            assert_eq!(restored(tracked, minutes(20)), *tracked);
            assert_eq!(restored(tracked, minutes(16)).observed, tracked.observed);
        }
        assert_eq!(restored(&failed, minutes(15)), failed, "clocks differ a little");
        assert_eq!(restored(&failed, minutes(14)), domain::Tracked { attempt: None, ..good });
        assert_eq!(restored(&failed, minutes(4)), nothing);
    }
}
