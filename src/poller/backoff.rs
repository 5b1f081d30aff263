//! Computes retry delays: exponential back-off with jitter.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};

use crate::domain::Outcome;

/// Delay after the first failure, before jitter. Short, because a network that is not up yet recovers within seconds.
const MIN_DELAY: Duration = Duration::from_secs(1);
/// Minimum delay if the vendor did respond: a retry within a second rarely helps, and rejected credentials can lock the
/// account.
const MIN_DELAY_AFTER_ANSWER: Duration = Duration::from_secs(60);
/// Maximum number of doublings: 2^22 s is 48 days.
const MAX_DOUBLINGS: u32 = 22;

/// The delay after `failures` consecutive failures (at least 1), the last of which ended in `outcome`; at most
/// `longest`.
pub(super) fn after(outcome: Outcome, failures: u32, longest: Duration) -> Duration {
    let shortest = if is_passing(outcome) { MIN_DELAY } else { MIN_DELAY_AFTER_ANSWER };
    doubled(shortest, failures, longest)
}

/// The delay after `failures` consecutive attempts without a response; at most `longest`.
pub(super) fn after_silence(failures: u32, longest: Duration) -> Duration {
    doubled(MIN_DELAY, failures, longest)
}

/// Whether the failure is likely transient: no response, throttling, or a gateway's page instead of JSON.
pub(super) fn is_passing(outcome: Outcome) -> bool {
    outcome.is_unanswered() || matches!(outcome, Outcome::Throttled | Outcome::Decode)
}

fn doubled(shortest: Duration, failures: u32, longest: Duration) -> Duration {
    let delays = ExponentialBuilder::default().with_min_delay(shortest).without_max_delay().without_max_times();
    let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
    let delay = delays.with_jitter().build().nth(doublings as usize);
    delay.map_or(longest, |delay| delay.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_delay_doubles_from_seconds_up_to_the_longest() {
        let longest = 900 * SECOND;
        for failures in 1..=9 {
            let step = SECOND * 2_u32.pow(failures - 1);
            let (least, most) = (step, (2 * step).min(longest));
            let delay = after(Outcome::Timeout, failures, longest);
            assert!(delay >= least && delay <= most, "{failures}: {delay:?}");
        }
        for failures in [11, 100, u32::MAX] {
            assert_eq!(after_silence(failures, longest), longest, "{failures}");
        }
        for answer in [Outcome::Unauthorized, Outcome::NotFound, Outcome::SuspiciousEmpty] {
            assert!(after(answer, 1, longest) >= 60 * SECOND, "{answer:?}");
            assert_eq!(after(answer, 1, 3 * SECOND), 3 * SECOND, "{answer:?}");
        }
    }

    #[test]
    fn two_failures_are_not_followed_at_the_same_moment() {
        let delays: std::collections::BTreeSet<_> = (0..20).map(|_| after_silence(5, 900 * SECOND)).collect();
        assert!(delays.len() > 10, "{delays:?}");
    }
}
