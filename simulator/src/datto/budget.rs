//! Counts requests against an hourly quota in which some cost more than others.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::endpoint::Endpoint;
use crate::faults::RetryAfter;

const HOUR: i64 = 3_600_000;

/// How much a key may ask within an hour, and how the vendor announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What all requests of an hour may cost together; the hour is that of the fake's clock, in UTC.
    pub units_per_hour: u32,
    /// What one request costs.
    pub costs: Costs,
    /// How `X-API-Limit-Resets` is written.
    pub resets: ResetsFormat,
    /// How the `Retry-After` of a 429 is written.
    pub retry_after: RetryAfterFormat,
}

/// The cost of one request, in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// `/domains`.
    pub domains: u32,
    /// `/seats`.
    pub seats: u32,
    /// `/applications`.
    pub applications: u32,
    /// `/bulkSeatChange`.
    pub seat_change: u32,
}

/// How a header says when the budget is full again; no client has published its format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResetsFormat {
    /// Seconds from now.
    #[default]
    Seconds,
    /// Seconds since the Unix epoch.
    EpochSeconds,
    /// Words: `in 12 minutes`.
    Text,
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryAfterFormat {
    /// In seconds.
    #[default]
    Seconds,
    /// As an HTTP date.
    Date,
}

impl Default for Budget {
    /// Generous: five thousand customers can be collected every few minutes.
    fn default() -> Self {
        Self {
            units_per_hour: 1_000_000,
            costs: Costs { domains: 10, seats: 5, applications: 5, seat_change: 10 },
            resets: ResetsFormat::default(),
            retry_after: RetryAfterFormat::default(),
        }
    }
}

/// What was spent within the present hour.
#[derive(Debug, Default)]
pub(super) struct Meter {
    inner: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    hour: i64,
    units: u32,
}

/// The budget after one request was counted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Charge {
    /// Whether the budget still held the request's cost; if not, nothing was taken.
    pub(super) admitted: bool,
    remaining: u32,
    cost: u32,
    /// When the hour ends, in milliseconds since the Unix epoch.
    ends: i64,
}

impl Meter {
    /// Counts one request; `now` is in milliseconds since the Unix epoch.
    pub(super) fn charge(&self, budget: &Budget, endpoint: Endpoint, now: i64) -> Charge {
        let cost = match endpoint {
            Endpoint::Domains => budget.costs.domains,
            Endpoint::Seats => budget.costs.seats,
            Endpoint::Applications => budget.costs.applications,
            Endpoint::SeatChange => budget.costs.seat_change,
        };
        let hour = now.div_euclid(HOUR);
        let mut spent = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.hour != hour {
            *spent = Spent { hour, units: 0 };
        }
        let left = budget.units_per_hour.saturating_sub(spent.units);
        let admitted = cost <= left;
        if admitted {
            spent.units += cost;
        }
        Charge { admitted, remaining: budget.units_per_hour - spent.units, cost, ends: (hour + 1) * HOUR }
    }
}

impl Charge {
    /// Adds the three headers of the vendor's limit.
    pub(super) fn add_headers(&self, budget: &Budget, now: i64, headers: &mut HeaderMap) {
        let seconds = self.seconds_left(now);
        let resets = match budget.resets {
            ResetsFormat::Seconds => HeaderValue::from(seconds),
            ResetsFormat::EpochSeconds => HeaderValue::from(self.ends / 1_000),
            ResetsFormat::Text => {
                let words = format!("in {} minutes", seconds.div_ceil(60));
                HeaderValue::try_from(words).unwrap_or(HeaderValue::from_static("soon"))
            }
        };
        headers.insert(HeaderName::from_static("x-api-limit-remaining"), HeaderValue::from(self.remaining));
        headers.insert(HeaderName::from_static("x-api-limit-resets"), resets);
        headers.insert(HeaderName::from_static("x-api-limit-cost"), HeaderValue::from(self.cost));
    }

    /// When a refused request may come back.
    pub(super) fn retry_after(&self, budget: &Budget, now: i64) -> RetryAfter {
        let seconds = self.seconds_left(now);
        match budget.retry_after {
            RetryAfterFormat::Seconds => RetryAfter::Seconds(seconds),
            RetryAfterFormat::Date => RetryAfter::Date(Duration::from_secs(seconds)),
        }
    }

    fn seconds_left(&self, now: i64) -> u64 {
        u64::try_from(self.ends - now).unwrap_or_default().div_ceil(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_costs_too_much_takes_nothing_and_the_next_hour_starts_afresh() {
        let budget = Budget { units_per_hour: 14, ..Budget::default() };
        let meter = Meter::default();
        let charge = |endpoint, now| {
            let charge = meter.charge(&budget, endpoint, now);
            (charge.admitted, charge.remaining)
        };
        assert_eq!(charge(Endpoint::Domains, 1_000), (true, 4));
        assert_eq!(charge(Endpoint::Seats, 2_000), (false, 4));
        assert_eq!(charge(Endpoint::Domains, HOUR), (true, 4));
    }

    #[test]
    fn a_quota_can_be_used_up_to_its_last_unit() {
        let budget = Budget { units_per_hour: 5, ..Budget::default() };
        let meter = Meter::default();
        assert!(meter.charge(&budget, Endpoint::Seats, 0).admitted);
        assert!(!meter.charge(&budget, Endpoint::Seats, 0).admitted);
    }
}
