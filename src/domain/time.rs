//! Represents time in milliseconds since the Unix epoch.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

/// Wall time, with a precision of milliseconds.
///
/// Stored relative to the minimum, which itself is excluded, so that zero is free and `Option<Timestamp>` takes no more
/// memory. A large fleet has several hundred thousand of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

/// The year 2000. There were no backups before, so an earlier time is a zero date or another error.
const EARLIEST: i64 = 946_684_800_000;

/// Maximum difference between clocks.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60 * 60);

/// The Unix epoch relative to the minimum.
const EPOCH: u64 = 1 << 63;

impl Timestamp {
    /// Creates the time this many milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        match NonZeroU64::new(EPOCH.wrapping_add_signed(millis)) {
            Some(moment) => Self(moment),
            None => Self(NonZeroU64::MIN),
        }
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.get().wrapping_sub(EPOCH).cast_signed()
    }

    /// Seconds since the Unix epoch, as in Prometheus.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are exact in an f64 for 285,000 years")]
    pub fn as_seconds(self) -> f64 {
        self.as_millis() as f64 / 1000.0
    }

    /// The time since `earlier`; zero if this is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.as_millis().saturating_sub(earlier.as_millis())).unwrap_or(0))
    }

    /// Whether this is further after `now` than clocks may differ, so that nothing can have happened then.
    #[must_use]
    pub fn is_future(self, now: Self) -> bool {
        self > now.after(CLOCK_TOLERANCE)
    }

    /// Whether this is a plausible time of a backup, as of `now`: neither before such services existed, nor in the
    /// future.
    #[must_use]
    pub fn is_possible(self, now: Self) -> bool {
        self.as_millis() >= EARLIEST && !self.is_future(now)
    }

    /// By how much the clock was set back, if it shows this after `latest`; `None` if clocks may differ by that much.
    #[must_use]
    pub fn set_back_from(self, latest: Self) -> Option<Duration> {
        latest.is_future(self).then(|| latest.since(self))
    }

    /// This time minus `duration`.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self::from_millis(self.as_millis().saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This time plus `duration`.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self::from_millis(self.as_millis().saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Timestamp").field(&self.as_millis()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_may_be_missing_takes_no_more_room() {
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<i64>());
    }

    #[test]
    fn a_clock_is_set_back_by_more_than_clocks_differ() {
        let minute = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        for (latest, now, expected) in [(10, 10, None), (0, 90, None), (60, 0, None), (61, 0, Some(61))] {
            let set_back = minute(now).set_back_from(minute(latest));
            assert_eq!(set_back, expected.map(|minutes: u64| Duration::from_secs(minutes * 60)), "{latest} {now}");
            assert_eq!(set_back.map(|set_back| minute(latest).before(set_back)), set_back.map(|_| minute(now)));
        }
        let earliest = Timestamp::from_millis(i64::MIN);
        assert_eq!(earliest.before(Duration::MAX), earliest);
    }

    #[test]
    fn moments_keep_their_order_on_both_sides_of_the_epoch() {
        let ordered = [i64::MIN + 1, -1, 0, 1, 1_763_752_800_000, i64::MAX];
        assert_eq!(ordered.map(|millis| Timestamp::from_millis(millis).as_millis()), ordered);
        assert!(ordered.map(Timestamp::from_millis).is_sorted());
        assert_eq!(Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MIN + 1), "the earliest there is");
        assert_eq!(format!("{:?}", Timestamp::from_millis(-7)), "Timestamp(-7)");
    }
}
