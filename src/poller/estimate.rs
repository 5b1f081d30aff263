//! Estimates the requests, the time and the resulting refresh intervals of collecting a fleet.

use std::time::Duration;

use crate::config::Collection;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Size and cost of a fleet.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Tenants that can be collected.
    pub tenants: u64,
    /// Requests per listing.
    pub listing: u64,
    /// Requests per group of parts of one tenant, and the refresh interval of the group.
    pub groups: Vec<(u64, Duration)>,
    /// Mean latency of one request.
    pub latency: Duration,
}

/// What limits the request rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The number of requests in flight.
    Concurrency,
    /// The configured rate limit.
    RequestsPerSecond,
}

impl Limit {
    /// The configuration key.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::RequestsPerSecond => "requests_per_second",
        }
    }
}

/// The estimated cost of a fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Requests for one tenant, all parts once.
    pub per_tenant: u64,
    /// Requests per tenant and day at the configured intervals.
    pub per_tenant_and_day: f64,
    /// Requests for one full collection.
    pub total: u64,
    /// Duration of one full collection at the possible rate.
    pub first_round: Duration,
    /// Requests per second that the configured intervals need.
    pub needed: f64,
    /// Requests per second that are possible.
    pub possible: f64,
    /// What limits them.
    pub limit: Limit,
    /// Factor by which every interval is stretched; 1 if the rate suffices.
    pub stretch: f64,
}

impl Estimate {
    /// Estimates the cost of this fleet at the configured intervals.
    #[must_use]
    pub fn of(fleet: &Fleet, collection: &Collection) -> Self {
        let per_tenant: u64 = fleet.groups.iter().map(|(requests, _)| requests).sum();
        let total = fleet.listing + fleet.tenants * per_tenant;
        let rate = |requests: u64, interval: Duration| as_number(requests) / interval.as_secs_f64();
        let of_tenant: f64 = fleet.groups.iter().map(|(requests, interval)| rate(*requests, *interval)).sum();
        let needed = rate(fleet.listing, collection.interval) + as_number(fleet.tenants) * of_tenant;
        let per_tenant_and_day = of_tenant * DAY.as_secs_f64();
        let (possible, limit) =
            possible(collection.requests_per_second, collection.concurrency, fleet.tenants, fleet.latency);
        let first_round = Duration::try_from_secs_f64(as_number(total) / possible).unwrap_or(Duration::MAX);
        Self {
            per_tenant,
            per_tenant_and_day,
            total,
            first_round,
            needed,
            possible,
            limit,
            stretch: (needed / possible).max(1.0),
        }
    }

    /// The effective interval for a configured one.
    #[must_use]
    pub fn stretched(&self, interval: Duration) -> Duration {
        Duration::try_from_secs_f64(interval.as_secs_f64() * self.stretch).unwrap_or(Duration::MAX)
    }
}

/// The possible requests per second with this rate limit, concurrency and latency, and which of them limits it.
pub(super) fn possible(requests_per_second: f64, concurrency: usize, tenants: u64, latency: Duration) -> (f64, Limit) {
    // The parts of a tenant are collected one after the other, so few tenants cannot use many slots.
    let slots = as_number((concurrency as u64).min(tenants.max(1)));
    let by_concurrency = slots / latency.as_secs_f64().max(1e-6);
    if by_concurrency < requests_per_second {
        (by_concurrency, Limit::Concurrency)
    } else {
        (requests_per_second, Limit::RequestsPerSecond)
    }
}

#[expect(clippy::cast_precision_loss, reason = "no fleet needs 2^53 requests")]
const fn as_number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn fleet(tenants: u64, latency: Duration) -> Fleet {
        Fleet { tenants, listing: 3, groups: vec![(10, 15 * MINUTE), (20, 24 * 60 * MINUTE)], latency }
    }

    #[test]
    fn a_small_fleet_keeps_its_intervals() {
        let estimate = Estimate::of(&fleet(100, Duration::from_millis(200)), &Collection::default());
        assert_eq!((estimate.per_tenant, estimate.total, estimate.limit), (30, 3_003, Limit::RequestsPerSecond));
        assert_eq!(estimate.first_round, Duration::from_millis(600_600));
        let expected = 3.0 / 900.0 + 1_000.0 / 900.0 + 2_000.0 / 86_400.0;
        assert!((estimate.needed - expected).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.per_tenant_and_day - (10.0 * 96.0 + 20.0)).abs() < 1e-6, "{estimate:?}");
        assert_eq!(estimate.stretched(15 * MINUTE), 15 * MINUTE);
    }

    #[test]
    fn a_fleet_that_needs_twice_the_budget_is_collected_half_as_often() {
        let collection = Collection { requests_per_second: 0.5, ..Collection::default() };
        let estimate = Estimate::of(&fleet(100, Duration::from_millis(200)), &collection);
        let factor = estimate.needed / 0.5;
        assert!(factor > 2.0);
        assert_eq!(estimate.stretched(15 * MINUTE), (15 * MINUTE).mul_f64(factor));
    }

    #[test]
    fn a_slow_vendor_is_limited_by_concurrency_and_by_the_number_of_tenants() {
        let slow = Duration::from_secs(20);
        let estimate = Estimate::of(&fleet(100, slow), &Collection::default());
        assert_eq!((estimate.possible, estimate.limit), (0.4, Limit::Concurrency));
        assert_eq!(Estimate::of(&fleet(2, slow), &Collection::default()).possible, 0.1);
        assert_eq!(Estimate::of(&fleet(0, slow), &Collection::default()).stretch, 1.0);
    }
}
