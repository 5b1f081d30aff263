//! Writes the days of the demo's lists relative to the present.

use std::time::Duration;

use crate::domain::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

/// The day so many days ago.
pub(super) fn ago(now: Timestamp, days: u32) -> String {
    written(now.before(DAY * days))
}

/// The day in so many days.
pub(super) fn ahead(now: Timestamp, days: u32) -> String {
    written(now.after(DAY * days))
}

fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
