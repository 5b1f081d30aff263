//! Measures the cost of collections, and derives the effective refresh interval.

use std::time::Duration;

use super::estimate;

/// Minimum window of the means, in collections: fewer say little about the next round.
const MIN_COLLECTIONS: f64 = 10.0;

/// Measured cost of collecting one tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// Mean requests and seconds per collection; `None` before the first has ended.
    means: Option<(f64, f64)>,
    collections: f64,
    sent: u64,
}

impl Demand {
    /// Starts without measurements; `sent` is the number of requests that the source has sent so far.
    pub(super) const fn new(sent: u64) -> Self {
        Self { means: None, collections: 0.0, sent }
    }

    /// Records a collection that took `took`; `sent` is the total number of requests of the source.
    ///
    /// The means cover about one round of all tenants, which spreads the cost of slow parts that are not collected in
    /// every round.
    #[expect(clippy::cast_precision_loss, reason = "requests are counted below 2^53")]
    pub(super) fn collected(self, sent: u64, took: Duration, tenants: usize) -> Self {
        let requests = sent.saturating_sub(self.sent) as f64;
        let seconds = took.as_secs_f64();
        let collections = (self.collections + 1.0).min((tenants as f64).max(MIN_COLLECTIONS));
        let toward = |mean: f64, value: f64| mean + (value - mean) / collections;
        let means = self.means.map_or((requests, seconds), |(mean_requests, mean_seconds)| {
            (toward(mean_requests, requests), toward(mean_seconds, seconds))
        });
        Self { means: Some(means), collections, sent }
    }

    /// Requests per tenant and day at this refresh interval; `None` before a collection has ended.
    pub(super) fn in_a_day(self, every: Duration) -> Option<f64> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        self.means.map(|(requests, _)| requests * DAY.as_secs_f64() / every.as_secs_f64())
    }

    /// The effective refresh interval: the configured one, or longer if the rate limit or the concurrency requires it;
    /// `None` before a collection has ended.
    ///
    /// Waiting for the rate limit makes a collection slower. Concurrency then appears to allow exactly what the rate
    /// limit does, so the result is the same.
    #[expect(clippy::cast_precision_loss, reason = "tenants are counted below 2^53")]
    pub(super) fn effective_interval(
        self,
        tenants: usize,
        rate: f64,
        concurrency: usize,
        configured: Duration,
    ) -> Option<Duration> {
        let (requests, seconds) = self.means?;
        let latency = Duration::try_from_secs_f64(seconds / requests.max(1.0)).ok()?;
        let (possible, _) = estimate::possible(rate, concurrency, tenants as u64, latency);
        Some(estimate::effective_interval(configured, tenants as f64 * requests, possible))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Collection;
    use crate::poller::estimate::{Estimate, Fleet};

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_interval_follows_from_tenants_calls_and_request_rate() {
        let mut demand = Demand::new(0);
        assert_eq!(demand.effective_interval(100, 5.0, 8, MINUTE), None, "nothing was measured");
        for round in 1..=100 {
            demand = demand.collected(round * 30, SECOND, 100);
        }
        assert_eq!(demand.effective_interval(100, 5.0, 8, MINUTE), Some(10 * MINUTE));
        assert_eq!(demand.effective_interval(1, 5.0, 8, MINUTE), Some(MINUTE), "the budget is wide enough");
        assert_eq!(Demand::new(0).in_a_day(MINUTE), None);
        assert_eq!(demand.in_a_day(10 * MINUTE), Some(30.0 * 144.0));
    }

    #[test]
    fn a_slow_vendor_is_limited_by_concurrency() {
        let demand = Demand::new(0).collected(2, 40 * SECOND, 100);
        let interval = |tenants, concurrency| demand.effective_interval(tenants, 5.0, concurrency, MINUTE);
        assert_eq!(interval(100, 8), Some(500 * SECOND));
        assert_eq!(interval(100, 1), Some(4_000 * SECOND));
        assert_eq!(interval(1, 8), Some(MINUTE));
    }

    #[test]
    fn what_is_measured_of_a_fleet_is_what_was_estimated() {
        for (tenants, requests, latency, rate, concurrency, minutes) in [
            (100, 10, Duration::from_millis(200), 5.0, 8, 15.0),
            (900, 10, Duration::from_millis(200), 5.0, 8, 30.0),
            (900, 10, Duration::from_millis(200), 100.0, 1, 30.0),
            (300, 10, 20 * SECOND, 5.0, 8, 125.0),
            (3, 60, 20 * SECOND, 5.0, 8, 20.0),
        ] {
            let collection = Collection { requests_per_second: rate, concurrency, ..Collection::default() };
            let interval = collection.interval;
            let groups = vec![(requests, interval)];
            let fleet = Fleet { tenants, listing: 0, groups, latency };
            let estimated = Estimate::of(&fleet, &collection).stretched(interval);
            let took = latency * u32::try_from(requests).unwrap();
            let tenants = usize::try_from(tenants).unwrap();
            let demand = Demand::new(0).collected(requests, took, tenants);
            let measured = demand.effective_interval(tenants, rate, concurrency, interval).unwrap();
            assert!(estimated.abs_diff(measured) < Duration::from_millis(1), "{estimated:?} {measured:?} {fleet:?}");
            assert!((measured.as_secs_f64() / 60.0 - minutes).abs() < 1e-6, "{measured:?} {fleet:?}");
        }
    }

    #[test]
    fn requests_that_wait_for_the_rate_limit_are_not_counted_twice() {
        // Eight slots share one request per second, so thirty requests of one tenant take eight times thirty seconds.
        let demand = Demand::new(0).collected(30, 240 * SECOND, 100);
        assert_eq!(demand.effective_interval(100, 1.0, 8, MINUTE), Some(3_000 * SECOND));
    }

    #[test]
    fn what_an_earlier_poller_sent_is_not_the_cost_of_the_first_collection() {
        let demand = Demand::new(1_000_000).collected(1_000_030, SECOND, 100);
        assert_eq!(demand.effective_interval(100, 5.0, 8, MINUTE), Some(10 * MINUTE));
    }

    #[test]
    fn a_dear_round_is_forgotten_after_the_next() {
        let mut demand = Demand::new(0);
        let mut sent = 0;
        for collection in 0..300 {
            sent += if collection < 100 { 40 } else { 10 };
            demand = demand.collected(sent, SECOND, 100);
        }
        let interval = demand.effective_interval(100, 10.0, 100, MINUTE).unwrap().as_secs_f64();
        assert!((100.0..150.0).contains(&interval), "{interval}");
    }
}
