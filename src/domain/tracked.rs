//! Tracks a value, when it was collected, and the outcome of the last attempt.

use std::time::Duration;

use super::{Outcome, Timestamp};

/// A value and the time it was collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed<T> {
    /// The value.
    pub value: T,
    /// The time.
    pub at: Timestamp,
}

/// The last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// Its outcome.
    pub outcome: Outcome,
}

/// The last good value of something that is collected repeatedly.
///
/// A failed attempt keeps the value and its time, so that its age shows; [`Tracked::expire`] drops it once it has
/// expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked<T> {
    /// The last good value; `None` if there is none, or it expired.
    pub observed: Option<Observed<T>>,
    /// The last attempt; `None` before the first has ended.
    pub attempt: Option<Attempt>,
}

impl<T> Default for Tracked<T> {
    fn default() -> Self {
        Self { observed: None, attempt: None }
    }
}

impl<T> Tracked<T> {
    /// The current value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.observed.as_ref().map(|observed| &observed.value)
    }

    /// When the current value was collected.
    #[must_use]
    pub fn observed_at(&self) -> Option<Timestamp> {
        self.observed.as_ref().map(|observed| observed.at)
    }

    /// Whether the last attempt succeeded; `None` before the first.
    #[must_use]
    pub fn succeeded(&self) -> Option<bool> {
        self.attempt.map(|attempt| attempt.outcome == Outcome::Success)
    }

    /// The same times and outcome with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Tracked<U> {
        let observed = self.observed.map(|Observed { value, at }| Observed { value: change(value), at });
        Tracked { observed, attempt: self.attempt }
    }

    /// The state after an attempt that ended at `at`.
    ///
    /// The time of the value never moves back, even if the clock does by less than clocks may differ; for more see
    /// [`Tracked::set_back`].
    #[must_use]
    pub fn advance(self, result: Result<T, Outcome>, at: Timestamp) -> Self {
        match result {
            Ok(value) => {
                let at = self.observed_at().map_or(at, |earlier| earlier.max(at));
                Self {
                    observed: Some(Observed { value, at }),
                    attempt: Some(Attempt { at, outcome: Outcome::Success }),
                }
            }
            Err(outcome) => Self { observed: self.observed, attempt: Some(Attempt { at, outcome }) },
        }
    }

    /// The state after an attempt that ended at `at` with a partial value.
    ///
    /// A complete value stays until it expires, as after any failure, unless the partial one `outranks` it.
    #[must_use]
    pub fn advance_partly(
        self,
        value: T,
        outcome: Outcome,
        at: Timestamp,
        outranks: impl FnOnce(&T, &T) -> bool,
    ) -> Self {
        let is_partial =
            self.observed_at() == self.attempt.map(|attempt| attempt.at) && self.succeeded() == Some(false);
        match self.value() {
            Some(known) if !is_partial && !outranks(&value, known) => self.advance(Err(outcome), at),
            _ => {
                let observed = self.advance(Ok(value), at);
                let attempt = observed.attempt.map(|attempt| Attempt { outcome, ..attempt });
                Self { attempt, ..observed }
            }
        }
    }

    /// The state after the clock was set back by `step`: all times move back with it, so that nothing gets younger.
    #[must_use]
    pub fn set_back(self, step: Duration) -> Self {
        Self {
            observed: self.observed.map(|observed| Observed { at: observed.at.before(step), ..observed }),
            attempt: self.attempt.map(|attempt| Attempt { at: attempt.at.before(step), ..attempt }),
        }
    }

    /// Drops what is in the future: it was recorded with a wrong clock.
    #[must_use]
    pub fn without_future(self, now: Timestamp) -> Self {
        Self {
            observed: self.observed.filter(|observed| !observed.at.is_future(now)),
            attempt: self.attempt.filter(|attempt| !attempt.at.is_future(now)),
        }
    }

    /// Whether the value has expired at `now`.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp, stale_after: Duration) -> bool {
        self.observed_at().is_some_and(|at| now.since(at) > stale_after)
    }

    /// Drops the value if it has expired at `now`; the flag says whether it did.
    #[must_use]
    pub fn expire(self, now: Timestamp, stale_after: Duration) -> (Self, bool) {
        if self.is_stale(now, stale_after) {
            (Self { observed: None, attempt: self.attempt }, true)
        } else {
            (self, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_failure_keeps_the_value_and_its_time() {
        let tracked = Tracked::default().advance(Ok(7), at(10)).advance(Err(Outcome::Timeout), at(20));
        assert_eq!(tracked.observed, Some(Observed { value: 7, at: at(10) }));
        assert_eq!(tracked.attempt, Some(Attempt { at: at(20), outcome: Outcome::Timeout }));
        assert_eq!(tracked.succeeded(), Some(false));
    }

    #[test]
    fn a_partial_value_is_shown_where_no_whole_one_is_known_or_it_outranks_that() {
        let partly = |known: Tracked<u32>, value, seconds, outranks| {
            known.advance_partly(value, Outcome::Timeout, at(seconds), |_, _| outranks)
        };
        let cold = partly(Tracked::default(), 1, 10, false);
        assert_eq!((cold.value(), cold.succeeded()), (Some(&1), Some(false)));
        let again = partly(cold, 2, 20, false);
        assert_eq!((again.value(), again.observed_at()), (Some(&2), Some(at(20))), "a partial one is not kept");
        let whole = Tracked::default().advance(Ok(7), at(10));
        assert_eq!(partly(whole.clone(), 8, 20, false), whole.clone().advance(Err(Outcome::Timeout), at(20)));
        assert_eq!(partly(whole, 8, 20, true).value(), Some(&8));
    }

    #[test]
    fn a_clock_set_back_does_not_make_an_observation_older() {
        let tracked = Tracked::default().advance(Ok(7), at(100)).advance(Ok(8), at(20));
        assert_eq!(tracked.observed, Some(Observed { value: 8, at: at(100) }));
    }

    #[test]
    fn a_value_is_as_old_after_a_step_of_the_clock_as_before() {
        let tracked = Tracked::default().advance(Ok(7), at(100)).advance(Err(Outcome::Timeout), at(200));
        let back = tracked.set_back(Duration::from_secs(50));
        assert_eq!(back.observed, Some(Observed { value: 7, at: at(50) }));
        assert_eq!(back.attempt, Some(Attempt { at: at(150), outcome: Outcome::Timeout }));
    }

    #[test]
    fn what_is_of_the_future_is_not_known() {
        let minutes = |minutes: i64| at(minutes * 60);
        let good = Tracked::default().advance(Ok(7), minutes(100));
        let failed = good.clone().advance(Err(Outcome::Timeout), minutes(200));
        assert_eq!(failed.clone().without_future(minutes(140)), failed, "clocks differ a little");
        assert_eq!(failed.clone().without_future(minutes(139)), Tracked { attempt: None, ..good });
        assert_eq!(failed.without_future(minutes(39)), Tracked::default());
    }

    #[test]
    fn a_value_expires_only_after_it_is_stale() {
        let stale_after = Duration::from_secs(60);
        let tracked = Tracked::default().advance(Ok(7), at(0));
        let (tracked, expired) = tracked.expire(at(60), stale_after);
        assert!(!expired && tracked.value() == Some(&7));
        let (tracked, expired) = tracked.expire(at(61), stale_after);
        assert!(expired && tracked.value().is_none());
        let (_, again) = tracked.expire(at(62), stale_after);
        assert!(!again, "nothing is left to expire");
    }
}
