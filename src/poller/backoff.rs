//! Says how long to wait after failures in a row: exponentially longer, with jitter.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};

/// The wait after the first failure, before jitter: what fails because the network is not up yet works in seconds.
const MIN_DELAY: Duration = Duration::from_secs(1);
/// What refuses a credential does not take it a second later, and may lock the account.
const MIN_DELAY_AFTER_REFUSAL: Duration = Duration::from_secs(60);
/// Doublings after which no delay grows any more: 2^22 s are 48 days.
const MAX_DOUBLINGS: u32 = 22;

/// The delay before the next attempt after so many failures in a row, at least 1: at most `longest`.
pub(super) fn delay(failures: u32, longest: Duration) -> Duration {
    from(MIN_DELAY, failures, longest)
}

/// The same where the last attempt ended in a refusal of the credential.
pub(super) fn delay_after_refusal(failures: u32, longest: Duration) -> Duration {
    from(MIN_DELAY_AFTER_REFUSAL, failures, longest)
}

fn from(shortest: Duration, failures: u32, longest: Duration) -> Duration {
    let mut delays = ExponentialBuilder::default()
        .with_min_delay(shortest)
        .without_max_delay()
        .without_max_times()
        .with_jitter()
        .build();
    let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
    delays.nth(doublings as usize).map_or(longest, |delay| delay.min(longest))
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
            let delay = delay(failures, longest);
            assert!(delay >= least && delay <= most, "{failures}: {delay:?}");
        }
        for failures in [11, 100, u32::MAX] {
            assert_eq!(delay(failures, longest), longest, "{failures}");
        }
        assert!(delay_after_refusal(1, longest) >= 60 * SECOND);
        assert_eq!(delay_after_refusal(1, 3 * SECOND), 3 * SECOND);
    }

    #[test]
    fn two_failures_are_not_followed_at_the_same_moment() {
        let delays: std::collections::BTreeSet<_> = (0..20).map(|_| delay(5, 900 * SECOND)).collect();
        assert!(delays.len() > 10, "{delays:?}");
    }
}
