//! Compares this machine's clock with the vendor's, from the `Date` header of a response (RFC 9110, section 6.6.1).
//!
//! By a clock that is behind, a backup looks younger than it is; by one that is ahead it only looks older.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap};

use crate::domain::Timestamp;

/// How many milliseconds the vendor's clock was ahead at its last response; 0 if no more than clocks usually differ.
#[derive(Debug, Default)]
pub(super) struct VendorClock(AtomicU64);

impl VendorClock {
    /// Records a response received at `now`; one without a readable date is ignored.
    pub(super) fn answered(&self, headers: &HeaderMap, now: Timestamp) {
        if let Some(date) = date(headers) {
            let ahead = if date.is_future(now) { date.since(now) } else { Duration::ZERO };
            self.0.store(u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// The later of this machine's `now` and the vendor's.
    pub(super) fn latest(&self, now: Timestamp) -> Timestamp {
        now.after(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?.trim()).ok()?;
    let millis = date.duration_since(UNIX_EPOCH).ok()?.as_millis();
    Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000); // Fri, 21 Nov 2025 19:20:00 GMT

    #[test]
    fn only_a_vendors_clock_that_is_ahead_by_more_than_clocks_differ_is_followed() {
        let clock = VendorClock::default();
        assert_eq!(clock.latest(NOW), NOW, "no vendor has responded");
        for (date, hours) in [
            ("Sat, 22 Nov 2025 15:20:00 GMT", 20),
            // What cannot be read leaves it as it was.
            ("tomorrow", 20),
            ("", 20),
            ("Fri, 21 Nov 2025 20:20:00 GMT", 0),
            ("Fri, 21 Nov 2025 21:20:00 GMT", 2),
            ("Fri, 21 Nov 2025 19:20:01 GMT", 0),
            ("Thu, 20 Nov 2025 19:20:00 GMT", 0),
        ] {
            clock.answered(&HeaderMap::from_iter([(DATE, date.parse().unwrap())]), NOW);
            assert_eq!(clock.latest(NOW), NOW.after(Duration::from_secs(hours * 60 * 60)), "{date}");
        }
        clock.answered(&HeaderMap::new(), NOW);
        assert_eq!(clock.latest(NOW), NOW);
    }
}
