//! Holds the shared state of all requests: the reseller's tokens, the envelopes and the limits.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, RateLimiter};

use super::fleet::Fleet;
use super::refusal::Refusal;
use super::shapes::Shapes;
use crate::faults::{RetryAfter, json_response, with_retry_after};
use crate::random::{draw, uuid};

/// The server's state with the fleet.
pub(super) type Shell = crate::server::Shell<Fleet, Reseller>;

/// The reseller whose tokens open the API, and how the API treats it.
pub struct Reseller {
    pub(super) reseller_token: String,
    pub(super) admin_token: String,
    pub(super) shapes: Shapes,
    pub(super) latency: Duration,
    limiter: Option<DefaultDirectRateLimiter>,
}

impl Reseller {
    pub(super) fn new(options: &super::Options) -> Self {
        let token = |purpose| uuid(&mut draw(options.fleet.seed(), purpose, 0));
        Self {
            reseller_token: token("reseller token"),
            admin_token: token("admin token"),
            shapes: options.shapes,
            latency: options.latency,
            limiter: options.requests_per_second.map(|rate| RateLimiter::direct(governor::Quota::per_second(rate))),
        }
    }

    /// The refusal of a request above the rate.
    pub(super) fn over_the_limit(&self) -> Option<Response> {
        let until = self.limiter.as_ref()?.check().err()?;
        let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let reply = json_response(StatusCode::TOO_MANY_REQUESTS, &Refusal::TooManyRequests.body());
        Some(with_retry_after(reply, RetryAfter::Seconds(seconds), 0))
    }
}

impl fmt::Debug for Reseller {
    /// Leaves out the tokens.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reseller").finish_non_exhaustive()
    }
}
