//! Reads when to retry: the `Retry-After` header (RFC 9110, section 10.2.3) and similar ones.

use std::time::{Duration, UNIX_EPOCH};

use crate::domain::Timestamp;

/// From here on a number is a timestamp, not a duration: 2001 in seconds, 1970 in milliseconds.
const EPOCH_SECONDS: f64 = 1e9;
const EPOCH_MILLIS: f64 = 1e12;
/// A time this recently in the past means now: dates have whole seconds, and responses take a while.
const JUST_PASSED: Duration = Duration::from_secs(5);

/// The delay from `now`; `None` if the value is meaningless or ambiguous.
///
/// Seconds and dates are read as in the standard. Other forms are accepted if unambiguous: fractions (`3.2`), a unit
/// (`120s`), a value repeated by a proxy (`3, 3`), and timestamps in ISO 8601 or since the Unix epoch. A time in the
/// distant past comes from a wrong clock, and says nothing.
pub(super) fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Some(moment) = moment(value) {
        return until(moment, now);
    }
    let mut waits = value.split(',').map(|part| number(part.trim(), now));
    let first = waits.next().flatten()?;
    waits.all(|wait| wait == Some(first)).then_some(first)
}

fn moment(value: &str) -> Option<Timestamp> {
    let millis = match httpdate::parse_http_date(value) {
        Ok(date) => i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?,
        Err(_) => value.parse::<jiff::Timestamp>().ok()?.as_millisecond(),
    };
    Some(Timestamp::from_millis(millis))
}

fn number(value: &str, now: Timestamp) -> Option<Duration> {
    let bare = ["seconds", "second", "secs", "sec", "s"].iter().find_map(|unit| value.strip_suffix(unit));
    let digits = bare.unwrap_or(value).trim_end();
    // Rust accepts more numbers than a header may contain: signs, exponents, infinity.
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || !digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let number: f64 = digits.parse().ok()?;
    let millis = match number {
        _ if bare.is_some() || number < EPOCH_SECONDS => return Duration::try_from_secs_f64(number).ok(),
        _ if number < EPOCH_MILLIS => number * 1000.0,
        _ => number,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a moment beyond all time is one all the same")]
    let moment = Timestamp::from_millis(millis as i64);
    until(moment, now)
}

fn until(moment: Timestamp, now: Timestamp) -> Option<Duration> {
    match moment.since(now) {
        Duration::ZERO if now.since(moment) > JUST_PASSED => None,
        wait => Some(wait),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000); // Fri, 21 Nov 2025 19:20:00 GMT

    #[test]
    fn what_can_mean_one_thing_only_is_understood() {
        for (value, expected) in [
            ("30", Some(30.0)),
            (" 0 ", Some(0.0)),
            ("007", Some(7.0)),
            ("3.2", Some(3.2)),
            ("3, 3", Some(3.0)),
            ("3,3 , 3s", Some(3.0)),
            ("120s", Some(120.0)),
            ("120 seconds", Some(120.0)),
            ("999999999", Some(999_999_999.0)),
            ("Fri, 21 Nov 2025 19:21:30 GMT", Some(90.0)),
            ("Friday, 21-Nov-25 19:21:30 GMT", Some(90.0)),
            ("Fri Nov 21 19:21:30 2025", Some(90.0)),
            ("2025-11-21T19:21:30Z", Some(90.0)),
            ("2025-11-21T20:21:30+01:00", Some(90.0)),
            ("1763752890", Some(90.0)),
            ("1763752890.5", Some(90.5)),
            ("1763752890000", Some(90.0)),
            ("Fri, 21 Nov 2025 19:19:59 GMT", Some(0.0)),
            ("1763752798", Some(0.0)),
        ] {
            assert_eq!(parse(value, NOW).map(|wait| wait.as_secs_f64()), expected, "{value}");
        }
    }

    #[test]
    fn what_means_nothing_or_several_things_is_not_guessed() {
        for value in [
            "",
            "soon",
            "-5",
            "+5",
            "3, 5",
            "3,",
            ",3",
            "3 5",
            "2m",
            "1h",
            "500ms",
            "1e3",
            "inf",
            "NaN",
            "0x10",
            ".5",
            "1.2.3",
            "\u{663}",
            "Fri, 21 Nov 2025 18:00:00 GMT",
            "1763752000",
            "1763752000000",
            "0001-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(value, NOW), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_survived(value in "\\PC*", millis in any::<i64>()) {
            let _ = parse(&value, Timestamp::from_millis(millis));
        }

        #[test]
        fn seconds_are_obeyed_as_they_stand(seconds in 0_u64..1_000_000_000) {
            prop_assert_eq!(parse(&seconds.to_string(), NOW), Some(Duration::from_secs(seconds)));
        }
    }
}
