//! Defines the cost above which a tenant is large: its collection holds a slot many times as long as others.

use std::time::Duration;

/// A tenant is large if its collection takes this many times the mean.
const MIN_RATIO: f64 = 8.0;
/// Minimum cost: shorter collections delay no other tenant.
const MIN_COST: Duration = Duration::from_secs(1);

/// The cost from which a tenant is large, given the costs of all; `None` while no cost is known.
///
/// The mean is geometric: with the arithmetic one, no tenant of a fleet with many large ones would be large.
pub(super) fn threshold(costs: impl Iterator<Item = Duration>) -> Option<Duration> {
    let logarithms = costs.map(|cost| cost.max(MIN_COST).as_secs_f64().ln());
    let (sum, count) = logarithms.fold((0.0, 0.0), |(sum, count), logarithm| (sum + logarithm, count + 1.0));
    let mean = (count > 0.0).then(|| (sum / count).exp())?;
    Duration::try_from_secs_f64(mean * MIN_RATIO).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_is_what_takes_many_times_what_is_usual() {
        for (costs, larger, smaller) in [
            (vec![1; 200], 9, 7),
            // They take nearly all of the time, and are still large.
            ([vec![3; 200], vec![1_000; 16]].concat(), 40, 24),
            ([vec![3; 100], vec![1_000; 50]].concat(), 200, 24),
            // No tenant is larger than the others.
            (vec![1_000; 16], 8_001, 7_999),
            (vec![0; 10], 9, 7),
        ] {
            let from = threshold(costs.iter().copied().map(Duration::from_secs)).expect("there are tenants");
            assert!(Duration::from_secs(smaller) < from && from < Duration::from_secs(larger), "{costs:?}: {from:?}");
        }
        assert_eq!(threshold(std::iter::empty()), None);
    }
}
