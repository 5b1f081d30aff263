//! Reads what the headers of a response say about rate limits.
//!
//! Any response may contain `Retry-After`. Datto has a weighted API quota per organization (headers
//! `X-API-Limit-Remaining`, `-Resets` and `-Cost`); the format of `-Resets` is undocumented, so it is read like
//! `Retry-After`.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::MAX_WAIT;
use super::retry_after::{self, Form, Wait};
use crate::domain::Timestamp;

/// The pause if the vendor asks for one of unknown length.
pub(super) const DEFAULT_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause in a standard form: after a day all values have expired.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest pause in a non-standard form or for a quota. Quotas are hourly: a longer pause is a misread header.
pub(super) const MAX_DOUBTFUL_PAUSE: Duration = Duration::from_secs(60 * 60);
/// An exhausted quota is never refilled immediately.
const MIN_BUDGET_PAUSE: Duration = Duration::from_secs(1);

/// The rate limit headers of one response.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Allowance {
    /// The delay in `Retry-After`; `None` if missing.
    pub(super) retry_after: Option<Duration>,
    /// The remaining quota, in the vendor's units; `None` if missing.
    pub(super) remaining: Option<f64>,
    /// Time until an exhausted quota is refilled.
    pub(super) refill: Option<Duration>,
}

impl Allowance {
    /// Reads the headers of a response with any status, received at `now`.
    ///
    /// Dates are compared with the `Date` of the response if it has one, because the local clock may be wrong.
    pub(super) fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let now = sent_at(headers).unwrap_or(now);
        let number = |name| text(name).and_then(|value| value.parse::<f64>().ok()).filter(|value| value.is_finite());
        let remaining = number("x-api-limit-remaining");
        let cost = number("x-api-limit-cost").unwrap_or(1.0).max(1.0);
        let refill = remaining.filter(|remaining| *remaining < cost).map(|_| {
            let resets = text("x-api-limit-resets").and_then(|value| retry_after::parse(value, now));
            let pause = resets.map_or(DEFAULT_PAUSE, |wait| wait.duration);
            pause.clamp(MIN_BUDGET_PAUSE, MAX_DOUBTFUL_PAUSE)
        });
        Self { retry_after: asked(headers, now), remaining, refill }
    }

    /// How long nothing may be sent; `None` if there is no pause.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.retry_after.max(self.refill).filter(|pause| !pause.is_zero())
    }
}

/// The time in the `Date` of a response.
fn sent_at(headers: &HeaderMap) -> Option<Timestamp> {
    headers.get(DATE)?.to_str().ok().map(str::trim).and_then(retry_after::http_date)
}

/// The delay in a header of a response received at `now`; `None` if there is none, or it is unreadable.
#[must_use]
pub fn delay(headers: &HeaderMap, name: &str, now: Timestamp) -> Option<Duration> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    retry_after::parse(value, sent_at(headers).unwrap_or(now)).map(bounded)
}

/// Whether a response with these headers, received at `now`, stops the requests of a collection instead of delaying them.
#[must_use]
pub fn stops_requests(headers: &HeaderMap, now: Timestamp) -> bool {
    Allowance::of(headers, now).pause().is_some_and(|pause| pause > MAX_WAIT)
}

/// The delay in `Retry-After`. If there are several lines, all are respected: both the vendor and a proxy may add one.
fn asked(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let lines = headers.get_all(RETRY_AFTER).iter();
    let waits = lines.map(|value| value.to_str().ok().and_then(|value| retry_after::parse(value, now)));
    waits.map(|wait| wait.map_or(DEFAULT_PAUSE, bounded)).max()
}

/// The part of a delay that is obeyed.
pub(super) fn bounded(wait: Wait) -> Duration {
    wait.duration.min(match wait.form {
        Form::Standard => MAX_PAUSE,
        Form::Odd => MAX_DOUBTFUL_PAUSE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000);

    fn allowance(pairs: &[(&'static str, &'static str)]) -> Allowance {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        Allowance::of(&headers, NOW)
    }

    #[test]
    fn a_used_up_quota_pauses_and_another_does_not() {
        for (pairs, remaining, pause) in [
            (&[][..], None, None),
            (&[("x-api-limit-remaining", "plenty")], None, None),
            (&[("x-api-limit-remaining", "500"), ("x-api-limit-cost", "20")], Some(500.0), None),
            (
                &[("x-api-limit-remaining", "10"), ("x-api-limit-cost", "20"), ("x-api-limit-resets", "30")],
                Some(10.0),
                Some(30),
            ),
            (&[("x-api-limit-remaining", "0")], Some(0.0), Some(60)),
            (&[("x-api-limit-remaining", "0"), ("x-api-limit-resets", "1763752890")], Some(0.0), Some(90)),
            (&[("x-api-limit-remaining", "0"), ("x-api-limit-resets", "0")], Some(0.0), Some(1)),
            (&[("x-api-limit-remaining", "0"), ("x-api-limit-resets", "1763752000")], Some(0.0), Some(60)),
            (&[("x-api-limit-remaining", "0"), ("x-api-limit-resets", "soon")], Some(0.0), Some(60)),
            (&[("x-api-limit-remaining", "-3"), ("x-api-limit-resets", "-5")], Some(-3.0), Some(60)),
            (&[("x-api-limit-remaining", "0"), ("x-api-limit-resets", "99999")], Some(0.0), Some(3600)),
        ] {
            let found = allowance(pairs);
            assert_eq!((found.remaining, found.pause()), (remaining, pause.map(Duration::from_secs)), "{pairs:?}");
        }
    }

    #[test]
    fn what_retry_after_asks_for_is_obeyed_and_what_cannot_be_read_is_a_minute() {
        for (values, expected) in [
            (&["30"][..], Some(30)),
            (&["0"], None),
            (&["30", "10"], Some(30)),
            (&["30", "30"], Some(30)),
            (&["soon"], Some(60)),
            (&["3, 5"], Some(60)),
            (&["-5"], Some(60)),
            (&["\u{fc}"], Some(60)),
            (&["100000000000000000000"], Some(60)),
            (&["1763752890000000"], Some(60)),
            (&["86400"], Some(86_400)),
            (&["86401"], Some(86_400)),
            (&["999999999"], Some(86_400)),
            (&["Sat, 22 Nov 2025 15:20:00 GMT"], Some(72_000)),
            (&["Wed, 26 Nov 2025 19:20:00 GMT"], Some(86_400)),
            (&["2025-11-22T15:20:00Z"], Some(3600)),
            (&["1763824800"], Some(3600)),
            (&["1763824800000"], Some(3600)),
            (&["7200.5"], Some(3600)),
            (&["7200s"], Some(3600)),
            (&["7200, 7200"], Some(3600)),
        ] {
            let pairs: Vec<_> = values.iter().map(|value| ("retry-after", *value)).collect();
            assert_eq!(allowance(&pairs).pause(), expected.map(Duration::from_secs), "{values:?}");
        }
    }

    /// Whatever the local clock shows; [`NOW`] is 19:20.
    #[test]
    fn moments_are_measured_against_the_date_of_the_answer() {
        let at_half_past = "Fri, 21 Nov 2025 19:30:00 GMT";
        for (date, retry_after, expected) in [
            (None, at_half_past, Some(600)),
            (Some("Fri, 21 Nov 2025 19:29:00 GMT"), at_half_past, Some(60)),
            (Some("Friday, 21-Nov-25 19:29:00 GMT"), at_half_past, Some(60)),
            (Some("Fri, 21 Nov 2025 12:30:00 GMT"), at_half_past, Some(25_200)),
            (Some("Thu, 01 Jan 2026 00:00:00 GMT"), at_half_past, Some(60)),
            (Some(at_half_past), at_half_past, None),
            (Some("at tea time"), at_half_past, Some(600)),
            (Some("Fri, 21 Nov 2025 19:29:00 GMT"), "2025-11-21T19:30:00Z", Some(60)),
            (Some("Fri, 21 Nov 2025 19:29:00 GMT"), "30", Some(30)),
        ] {
            let date = date.map(|date| ("date", date));
            let pairs: Vec<_> = date.into_iter().chain([("retry-after", retry_after)]).collect();
            assert_eq!(allowance(&pairs).pause(), expected.map(Duration::from_secs), "{pairs:?}");
        }
        let budget = [
            ("date", "Fri, 21 Nov 2025 19:21:00 GMT"),
            ("x-api-limit-remaining", "0"),
            ("x-api-limit-resets", "1763752890"),
        ];
        assert_eq!(allowance(&budget).pause(), Some(Duration::from_secs(30)));
    }

    #[test]
    fn the_longer_of_two_pauses_is_obeyed() {
        let both = |wait| [("retry-after", wait), ("x-api-limit-remaining", "0"), ("x-api-limit-resets", "20")];
        assert_eq!(allowance(&both("30")).pause(), Some(Duration::from_secs(30)));
        assert_eq!(allowance(&both("10")).pause(), Some(Duration::from_secs(20)));
    }
}
