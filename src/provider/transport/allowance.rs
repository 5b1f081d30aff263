//! Reads what the headers of a response say about rate limits.
//!
//! Any response may contain `Retry-After`. Datto has a weighted API quota per organization (headers
//! `X-API-Limit-Remaining`, `-Resets` and `-Cost`); the format of `-Resets` is undocumented, so it is read like
//! `Retry-After`.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::retry_after;
use crate::domain::Timestamp;

/// The pause if the vendor asks for one of unknown length.
pub(super) const DEFAULT_PAUSE: Duration = Duration::from_secs(60);
/// Quotas are hourly: a longer pause is a misread header.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(60 * 60);
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
    /// Reads the headers of a response with any status.
    pub(super) fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let number = |name| text(name).and_then(|value| value.parse::<f64>().ok()).filter(|value| value.is_finite());
        let remaining = number("x-api-limit-remaining");
        let cost = number("x-api-limit-cost").unwrap_or(1.0).max(1.0);
        let refill = remaining.filter(|remaining| *remaining < cost).map(|_| {
            let resets = text("x-api-limit-resets").and_then(|value| retry_after::parse(value, now));
            resets.unwrap_or(DEFAULT_PAUSE).clamp(MIN_BUDGET_PAUSE, MAX_PAUSE)
        });
        Self { retry_after: asked(headers, now), remaining, refill }
    }

    /// How long nothing may be sent; `None` if there is no pause.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.retry_after.max(self.refill).filter(|pause| !pause.is_zero())
    }
}

/// The delay in `Retry-After`. If there are several lines, all are respected: both the vendor and a proxy may add one.
fn asked(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let lines = headers.get_all(RETRY_AFTER).iter();
    let waits = lines.map(|value| value.to_str().ok().and_then(|value| retry_after::parse(value, now)));
    waits.map(|wait| wait.unwrap_or(DEFAULT_PAUSE).min(MAX_PAUSE)).max()
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
    fn a_used_up_budget_pauses_and_another_does_not() {
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
            (&["100000000000000000000"], Some(3600)),
            (&["999999999"], Some(3600)),
        ] {
            let pairs: Vec<_> = values.iter().map(|value| ("retry-after", *value)).collect();
            assert_eq!(allowance(&pairs).pause(), expected.map(Duration::from_secs), "{values:?}");
        }
    }

    #[test]
    fn the_longer_of_two_pauses_is_obeyed() {
        let both = |wait| [("retry-after", wait), ("x-api-limit-remaining", "0"), ("x-api-limit-resets", "20")];
        assert_eq!(allowance(&both("30")).pause(), Some(Duration::from_secs(30)));
        assert_eq!(allowance(&both("10")).pause(), Some(Duration::from_secs(20)));
    }
}
