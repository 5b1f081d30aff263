//! Estimates what the collection of a fleet takes: requests, time, and the intervals that follow.

use std::time::Duration;

use crate::config::Collection;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of a fleet.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The tenants that can be asked for.
    pub tenants: u64,
    /// Requests for one listing.
    pub listing: u64,
    /// Requests for each group of parts of one tenant, and the time between two attempts at the group.
    pub groups: Vec<(u64, Duration)>,
    /// The mean time of one request.
    pub latency: Duration,
}

/// What limits the requests that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The requests in flight, each of which waits for its answer.
    Concurrency,
    /// The pace.
    RequestsPerSecond,
}

impl Limit {
    /// The key of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::RequestsPerSecond => "requests_per_second",
        }
    }
}

/// What a fleet takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Requests for one tenant, everything once.
    pub per_tenant: u64,
    /// Requests for one tenant in a day, every part as often as configured.
    pub per_tenant_and_day: f64,
    /// Requests to ask for everything once.
    pub total: u64,
    /// How long that takes at full speed.
    pub first_round: Duration,
    /// Requests a second that the configured intervals need.
    pub needed: f64,
    /// Requests a second that can be made.
    pub possible: f64,
    /// What limits them.
    pub limit: Limit,
}

impl Estimate {
    /// What this fleet takes, collected as configured.
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
        let first_round = effective_interval(Duration::ZERO, as_number(total), possible);
        Self { per_tenant, per_tenant_and_day, total, first_round, needed, possible, limit }
    }

    /// What a configured interval becomes.
    #[must_use]
    pub fn stretched(&self, interval: Duration) -> Duration {
        effective_interval(interval, self.needed * interval.as_secs_f64(), self.possible)
    }

    /// Whether every interval can be kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.needed <= self.possible
    }
}

/// What an interval becomes in which so many requests are to be sent, where so many are possible in a second: itself, or
/// longer where they take longer.
pub(super) fn effective_interval(configured: Duration, requests: f64, possible: f64) -> Duration {
    Duration::try_from_secs_f64(requests / possible).unwrap_or(Duration::MAX).max(configured)
}

/// Requests a second that can be made at this pace, with so many slots and so long for each request, and what limits
/// them.
pub(super) fn possible(requests_per_second: f64, concurrency: usize, tenants: u64, latency: Duration) -> (f64, Limit) {
    // A tenant's parts are asked for one after the other, so few tenants cannot use many slots.
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
        assert!(Estimate::of(&fleet(0, slow), &Collection::default()).is_kept());
    }
}
