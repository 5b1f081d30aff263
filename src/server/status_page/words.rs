//! Formats times and durations for people and programs.

use std::time::Duration;

use crate::config;
use crate::domain::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The time in RFC 3339, in UTC; `None` if it is out of range.
pub(super) fn rfc3339(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(at.as_millis()).ok().map(|at| at.to_string())
}

/// The time to the second, for people.
pub(super) fn readable(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok();
    at.map_or_else(|| "unknown".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A configured interval.
pub(super) fn interval(interval: Duration) -> String {
    // Intervals are not configured in fractions of a second; only measured values have them.
    config::short(if interval.as_secs() == 0 { interval } else { Duration::from_secs(interval.as_secs()) })
}

/// A duration in its two largest units.
pub(super) fn distance(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h {}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d {}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// A word of the metrics, for people.
pub(super) fn plain(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_has_the_two_units_that_matter() {
        for (seconds, words) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3599, "59m"),
            (12_000, "3h 20m"),
            (86_400, "1d 0h"),
            (450_000, "5d 5h"),
        ] {
            assert_eq!(distance(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn a_moment_is_shown_in_utc() {
        let at = Timestamp::from_millis(1_763_752_800_500);
        assert_eq!(rfc3339(at).as_deref(), Some("2025-11-21T19:20:00.5Z"));
        assert_eq!(readable(at), "2025-11-21 19:20:00 UTC");
        assert_eq!(rfc3339(Timestamp::from_millis(i64::MAX)), None);
        assert_eq!(readable(Timestamp::from_millis(i64::MAX)), "unknown");
    }
}
