//! Reads when to retry: the `Retry-After` header (RFC 9110, section 10.2.3) and similar ones.

use std::time::{Duration, UNIX_EPOCH};

use crate::domain::Timestamp;

/// From here on a number is a timestamp, not a duration: 2001 in seconds and in milliseconds.
const MIN_EPOCH_SECONDS: f64 = 1e9;
const MIN_EPOCH_MILLIS: f64 = 1e12;
/// From here on a number is no timestamp in milliseconds either (the year 5138), but perhaps one in microseconds.
const MAX_EPOCH_MILLIS: f64 = 1e14;
/// A time this recently in the past means now: dates have whole seconds, and responses take a while.
const JUST_PASSED: Duration = Duration::from_secs(5);

/// A delay, and the form it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) duration: Duration,
    pub(super) form: Form,
}

/// How a delay is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As in the standard: whole seconds, or an HTTP date.
    Standard,
    /// Any other form, whose meaning is less certain.
    Odd,
}

/// The delay from `now`; `None` if the value is meaningless or ambiguous.
///
/// Seconds and dates are read as in the standard. Other forms are accepted if unambiguous: fractions (`3.2`), a unit
/// (`120s`), a value repeated by a proxy (`3, 3`), and timestamps in ISO 8601 or since the Unix epoch. A time in the
/// distant past comes from a wrong clock, and says nothing.
pub(super) fn parse(value: &str, now: Timestamp) -> Option<Wait> {
    let value = value.trim();
    let standard = |duration| Wait { duration, form: Form::Standard };
    let odd = |duration| Wait { duration, form: Form::Odd };
    if let Some(date) = http_date(value) {
        return until(date, now).map(standard);
    }
    if let Ok(moment) = value.parse::<jiff::Timestamp>() {
        return until(Timestamp::from_millis(moment.as_millisecond()), now).map(odd);
    }
    let mut parts = value.split(',').map(str::trim);
    let first = number(parts.next()?, now)?;
    let is_same = parts.all(|part| number(part, now) == Some(first));
    is_same.then(|| if is_whole_seconds(value) { standard(first) } else { odd(first) })
}

/// Parses an HTTP date in any of its three forms.
pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since_epoch.as_millis()).ok().map(Timestamp::from_millis)
}

/// Whether a valid value is in whole seconds: without unit or fraction, not repeated, and no timestamp.
fn is_whole_seconds(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit()) && value.parse::<f64>().is_ok_and(|it| it < MIN_EPOCH_SECONDS)
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
        _ if bare.is_some() || number < MIN_EPOCH_SECONDS => return Duration::try_from_secs_f64(number).ok(),
        _ if number < MIN_EPOCH_MILLIS => number * 1000.0,
        _ if number < MAX_EPOCH_MILLIS => number,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "it is below 1e15")]
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
            assert_eq!(parse(value, NOW).map(|wait| wait.duration.as_secs_f64()), expected, "{value}");
        }
    }

    #[test]
    fn only_whole_seconds_and_http_dates_are_standard() {
        for (value, form) in [
            ("30", Form::Standard),
            ("007", Form::Standard),
            ("999999999", Form::Standard),
            ("Fri, 21 Nov 2025 19:21:30 GMT", Form::Standard),
            ("Friday, 21-Nov-25 19:21:30 GMT", Form::Standard),
            ("Fri Nov 21 19:21:30 2025", Form::Standard),
            ("3.0", Form::Odd),
            ("3, 3", Form::Odd),
            ("120s", Form::Odd),
            ("2025-11-21T19:21:30Z", Form::Odd),
            ("1763752890", Form::Odd),
            ("1763752890000", Form::Odd),
            ("99999999999999", Form::Odd),
        ] {
            assert_eq!(parse(value, NOW).map(|wait| wait.form), Some(form), "{value}");
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
            "100000000000000",
            "1763752890000000",
            "100000000000000000000",
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
            let expected = Wait { duration: Duration::from_secs(seconds), form: Form::Standard };
            prop_assert_eq!(parse(&seconds.to_string(), NOW), Some(expected));
        }
    }
}
