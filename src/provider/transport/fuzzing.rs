//! Reads rate limit headers as the transport does: for the fuzz targets.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::allowance::{Allowance, MAX_PAUSE};
use crate::domain::Timestamp;

/// The rate limit headers of one response.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The remaining quota; `None` if missing.
    pub remaining: Option<f64>,
    /// How long nothing may be sent; `None` if there is no pause.
    pub pause: Option<Duration>,
}

impl Limits {
    /// Reads `X-API-Limit-Remaining`, `-Cost` and `-Resets`; invalid header values are omitted.
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

/// The delay in a `Retry-After` header with this value, and how the transport applies it.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<(Duration, Option<Duration>)> {
    let wait = super::retry_after::parse(value, now)?;
    Some((wait, Some(wait.min(MAX_PAUSE)).filter(|pause| !pause.is_zero())))
}
