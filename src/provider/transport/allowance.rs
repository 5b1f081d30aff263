//! Obeys what the vendor's headers and 429s say about how much may still be asked.
//!
//! Datto counts a weighted budget for each organization (api headers
//! `X-API-Limit-Remaining`, `-Resets` and `-Cost`); nobody documents the format
//! of `-Resets`, so seconds, an epoch and a date are all understood.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;

use super::retry_after;
use crate::domain::Timestamp;

/// How long to pause where the budget is used up and nobody says when it is filled.
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);
/// Budgets are hourly: a longer pause is a misread header.
const MAX_PAUSE: Duration = Duration::from_secs(60 * 60);
/// From here on a number is a moment, not a duration: 2001 in seconds, 1970 in milliseconds.
const EPOCH_SECONDS: f64 = 1e9;
const EPOCH_MILLIS: f64 = 1e12;

/// Until when nothing may be sent.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    paused_until: Mutex<Option<Instant>>,
}

impl Allowance {
    /// How long nothing may be sent from now on.
    pub(super) fn pause(&self) -> Option<Duration> {
        let until = *self.paused_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        until?.checked_duration_since(Instant::now()).filter(|pause| !pause.is_zero())
    }

    /// Sends nothing for this long; a pause under way is never shortened.
    pub(super) fn pause_for(&self, pause: Duration) {
        let until = Instant::now() + pause.min(MAX_PAUSE);
        let mut paused_until = self.paused_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *paused_until = (*paused_until).max(Some(until));
    }

    /// Takes in an answer's headers: what remains of the budget, where they say so.
    pub(super) fn observe(&self, headers: &HeaderMap, now: Timestamp) -> Option<f64> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let number = |name| text(name).and_then(|value| value.parse::<f64>().ok()).filter(|value| value.is_finite());
        let remaining = number("x-api-limit-remaining")?;
        let cost = number("x-api-limit-cost").unwrap_or(1.0).max(1.0);
        if remaining < cost {
            let resets = text("x-api-limit-resets").and_then(|value| resets_in(value, now));
            self.pause_for(resets.unwrap_or(DEFAULT_PAUSE));
        }
        Some(remaining)
    }
}

/// When the budget is filled again, from `now`; `None` where the value cannot be read.
fn resets_in(value: &str, now: Timestamp) -> Option<Duration> {
    let Ok(number) = value.parse::<f64>() else { return retry_after::parse(value, now) };
    let seconds = match number {
        _ if !number.is_finite() || number < 0.0 => return None,
        _ if number >= EPOCH_MILLIS => number / 1000.0 - now.as_seconds(),
        _ if number >= EPOCH_SECONDS => number - now.as_seconds(),
        _ => number,
    };
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000);

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_end_of_a_budget_is_understood_in_every_format() {
        for (value, expected) in [
            ("90", Some(90)),
            ("1763752890", Some(90)),
            ("1763752890000", Some(90)),
            ("1763752000", Some(0)),
            ("Fri, 21 Nov 2025 19:21:30 GMT", Some(90)),
            ("soon", None),
            ("-5", None),
            ("NaN", None),
        ] {
            assert_eq!(resets_in(value, NOW), expected.map(Duration::from_secs), "{value}");
        }
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
            (&[("x-api-limit-remaining", "0"), ("x-api-limit-resets", "99999")], Some(0.0), Some(3600)),
        ] {
            let allowance = Allowance::default();
            assert_eq!(allowance.observe(&headers(pairs), NOW), remaining, "{pairs:?}");
            let left = allowance.pause().map(|pause| pause.as_secs_f64().ceil());
            assert_eq!(left, pause.map(f64::from), "{pairs:?}");
        }
    }

    #[test]
    fn a_pause_is_never_shortened() {
        let allowance = Allowance::default();
        allowance.pause_for(Duration::from_secs(30));
        allowance.pause_for(Duration::from_secs(1));
        assert!(allowance.pause() > Some(Duration::from_secs(29)));
    }
}
