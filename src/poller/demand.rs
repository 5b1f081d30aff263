//! Says how often each tenant can be looked at within the request budget.

use std::time::Duration;

/// Collections over which the mean is taken, at least: fewer say little about the next round.
const FEWEST: f64 = 10.0;

/// What one look at a tenant costs, as measured.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    /// Requests of one collection; `None` before the first has ended.
    mean: Option<f64>,
    collections: f64,
    sent: u64,
}

impl Demand {
    /// A collection ended, after so many requests of the source since the start.
    ///
    /// The mean runs over about one round of all tenants, so that slow parts,
    /// which are asked for in some rounds only, are spread over it.
    #[expect(clippy::cast_precision_loss, reason = "requests are counted below 2^53")]
    pub(super) fn collected(self, sent: u64, tenants: usize) -> Self {
        let cost = sent.saturating_sub(self.sent) as f64;
        let collections = (self.collections + 1.0).min((tenants as f64).max(FEWEST));
        let mean = self.mean.map_or(cost, |mean| mean + (cost - mean) / collections);
        Self { mean: Some(mean), collections, sent }
    }

    /// The time between two looks at one tenant: what is configured, or longer where the rate allows no more.
    #[expect(clippy::cast_precision_loss, reason = "tenants are counted below 2^53")]
    pub(super) fn effective_interval(self, tenants: usize, rate: f64, configured: Duration) -> Option<Duration> {
        let needed = Duration::try_from_secs_f64(tenants as f64 * self.mean? / rate).ok()?;
        Some(needed.max(configured))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_interval_follows_from_tenants_calls_and_budget() {
        let mut demand = Demand::default();
        assert_eq!(demand.effective_interval(100, 5.0, MINUTE), None, "nothing was measured");
        for round in 1..=100 {
            demand = demand.collected(round * 30, 100);
        }
        assert_eq!(demand.effective_interval(100, 5.0, MINUTE), Some(10 * MINUTE));
        assert_eq!(demand.effective_interval(1, 5.0, MINUTE), Some(MINUTE), "the budget is wide enough");
    }

    #[test]
    fn a_dear_round_is_forgotten_after_the_next() {
        let mut demand = Demand::default();
        let mut sent = 0;
        for collection in 0..300 {
            sent += if collection < 100 { 40 } else { 10 };
            demand = demand.collected(sent, 100);
        }
        let interval = demand.effective_interval(100, 10.0, MINUTE).unwrap().as_secs_f64();
        assert!((100.0..150.0).contains(&interval), "{interval}");
    }
}
