//! Takes in the headers that limit requests, as the transport does: for the fuzz targets.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::allowance::{Allowance, bounded};
use crate::domain::Timestamp;

/// What the headers of one answer say about how much may still be asked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What remains of the budget; `None` where they do not say.
    pub remaining: Option<f64>,
    /// How long nothing may be sent; `None` for not at all.
    pub pause: Option<Duration>,
}

impl Limits {
    /// Reads `X-API-Limit-Remaining`, `-Cost` and `-Resets`; one that cannot stand in a header is left out.
    #[must_use]
    pub fn observe(remaining: &[u8], cost: &[u8], resets: &[u8], now: Timestamp) -> Self {
        let headers =
            [("x-api-limit-remaining", remaining), ("x-api-limit-cost", cost), ("x-api-limit-resets", resets)]
                .into_iter()
                .filter_map(|(name, value)| {
                    Some((HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?))
                });
        let allowance = Allowance::of(&HeaderMap::from_iter(headers), now);
        Self { remaining: allowance.remaining, pause: allowance.pause() }
    }
}

/// How long a `Retry-After` of this value asks to wait, and what the transport makes of it.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<(Duration, Option<Duration>)> {
    let wait = super::retry_after::parse(value, now)?;
    Some((wait.duration, Some(bounded(wait)).filter(|pause| !pause.is_zero())))
}
