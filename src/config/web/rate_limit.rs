//! Reads the rate limit of requests, a token bucket.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::config::decoder::Field;

const KEYS: &[&str] = &["interval", "burst"];
const MIN_INTERVAL: Duration = Duration::from_micros(1);
const MAX_INTERVAL: Duration = Duration::from_hours(1);

/// A bucket of `burst` requests that gains one each `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which one more request is allowed.
    pub interval: Duration,
    /// The number of requests allowed at once.
    pub burst: NonZeroU32,
}

/// `None` if and only if a problem was reported; `Some(None)` means that there is no limit.
pub(super) fn decode(field: &Field<'_>) -> Option<Option<RateLimit>> {
    let section = field.section(KEYS)?;
    if field.is_empty() {
        // Its keys may be commented out, and requests would be unlimited.
        field.problem("is empty; remove it to answer any number of requests");
        return None;
    }
    let interval = section.get("interval").map_or(Some(None), |field| interval(&field));
    let burst =
        section.get("burst").map_or(Some(0), |field| field.number("a whole number of requests", |_: &u32| true));
    let (interval, burst) = (interval?, burst?);
    if burst > 0 && section.get("interval").is_none() {
        section.problem_at("interval", "is missing (the time after which one more request is allowed)");
        return None;
    }
    let Some(interval) = interval else { return Some(None) };
    let Some(burst) = NonZeroU32::new(burst) else {
        section.problem_at("burst", "is required with an interval: a burst of 0 would reject every request");
        return None;
    };
    Some(Some(RateLimit { interval, burst }))
}

/// Zero disables the limit.
fn interval(field: &Field<'_>) -> Option<Option<Duration>> {
    let text = field.text()?;
    let is_zero = text.value.trim().trim_end_matches(char::is_alphabetic) == "0";
    if is_zero { Some(None) } else { field.duration(MIN_INTERVAL, MAX_INTERVAL).map(Some) }
}
