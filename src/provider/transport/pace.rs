//! Adapts the request rate: an even rate up to a maximum, lowered when the vendor throttles and raised slowly.
//!
//! A plain value; the time is an argument. The rate is halved when a request is throttled, and grows by a fixed step
//! while requests succeed (additive increase, multiplicative decrease), so it settles below what the vendor accepts. Unused
//! time is not saved up: there is no burst after an outage.

use std::time::Duration;

use tokio::time::Instant;

/// Requests may be this early, so that timer granularity does not lower the rate.
const GRAIN: Duration = Duration::from_millis(20);
/// Approximate time to recover from the lowest rate to the maximum.
const RECOVERY: f64 = 120.0;
/// The rate never falls below this share of the maximum, so that a vendor's recovery is noticed.
const MIN_SHARE: f64 = 1.0 / 64.0;
/// Minimum rate of one request in this many seconds, unless the maximum is lower: recovery would be too slow otherwise.
const MAX_GAP: f64 = 60.0;
/// Minimum for the maximum rate: one request in this many seconds, so that delays stay finite.
const MAX_CEILING_GAP: f64 = 24.0 * 60.0 * 60.0;
/// Capacity of the retry token bucket, which starts full.
const MAX_RETRY_TOKENS: f64 = 20.0;
/// Tokens earned per success: a vendor that fails more than one in eight requests gets no retries.
const RETRY_TOKENS_PER_SUCCESS: f64 = 0.125;

/// The request rate of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    ceiling: f64,
    rate: f64,
    /// When the next request may be sent.
    next: Instant,
    lowered_at: Option<Instant>,
    raised_at: Instant,
    retry_tokens: f64,
}

impl Pace {
    /// Starts at the maximum, in requests per second.
    pub(super) fn new(ceiling: f64, now: Instant) -> Self {
        let ceiling = sane(ceiling);
        Self { ceiling, rate: ceiling, next: now, lowered_at: None, raised_at: now, retry_tokens: MAX_RETRY_TOKENS }
    }

    /// The current rate, in requests per second.
    pub(super) const fn rate(&self) -> f64 {
        self.rate
    }

    /// Reserves the next slot; returns how long to wait for it.
    pub(super) fn reserve(&mut self, now: Instant) -> Duration {
        let slot = self.next.max(now.checked_sub(GRAIN).unwrap_or(now));
        self.next = slot + Duration::from_secs_f64(1.0 / self.rate);
        slot.saturating_duration_since(now)
    }

    /// Sets another maximum: a rate lowered by throttling stays low.
    pub(super) fn set_ceiling(&mut self, ceiling: f64) {
        let ceiling = sane(ceiling);
        let is_lowered = self.rate < self.ceiling;
        self.rate = if is_lowered { self.rate.min(ceiling) } else { ceiling };
        self.ceiling = ceiling;
    }

    /// Records that a request sent at `sent_at` was throttled.
    ///
    /// Throttled requests that were sent before the rate was lowered count once. Slots that were reserved before are void:
    /// they are closer together than the vendor accepts.
    pub(super) fn throttled(&mut self, sent_at: Instant, now: Instant) {
        if !self.is_lowered_since(sent_at) {
            let lowest = (self.ceiling * MIN_SHARE).max(1.0 / MAX_GAP).min(self.ceiling);
            self.rate = (self.rate / 2.0).max(lowest);
            self.next = now + Duration::from_secs_f64(1.0 / self.rate);
            self.lowered_at = Some(now);
            self.raised_at = now;
        }
    }

    /// Whether the rate was lowered at `moment` or later.
    pub(super) fn is_lowered_since(&self, moment: Instant) -> bool {
        self.lowered_at.is_some_and(|at| at >= moment)
    }

    /// Records a successful request.
    pub(super) fn succeeded(&mut self, now: Instant) {
        // A long silence is no success: it earns no more than the time between two requests.
        let earned = (1.0 / self.rate).max(1.0);
        let elapsed = now.saturating_duration_since(self.raised_at).as_secs_f64().min(earned);
        self.rate = (self.rate + self.ceiling / RECOVERY * elapsed).min(self.ceiling);
        self.raised_at = now;
        self.retry_tokens = (self.retry_tokens + RETRY_TOKENS_PER_SUCCESS).min(MAX_RETRY_TOKENS);
    }

    /// Takes tokens to retry this many requests; returns false if there are not enough.
    pub(super) fn may_retry(&mut self, requests: u32) -> bool {
        let tokens = f64::from(requests);
        if self.retry_tokens < tokens {
            return false;
        }
        self.retry_tokens -= tokens;
        true
    }
}

/// A usable maximum rate, whatever was configured.
fn sane(ceiling: f64) -> f64 {
    // Not `clamp`, which would let NaN pass.
    ceiling.max(1.0 / MAX_CEILING_GAP)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sends as fast as the rate limit allows for so long: how many requests in each second.
    fn sent(pace: &mut Pace, start: Instant, seconds: u64) -> Vec<u32> {
        let mut per_second = vec![0; usize::try_from(seconds).unwrap()];
        let mut now = start;
        loop {
            now += pace.reserve(now);
            let second = (now - start).as_secs();
            if second >= seconds {
                return per_second;
            }
            per_second[usize::try_from(second).unwrap()] += 1;
        }
    }

    #[tokio::test]
    async fn requests_are_spread_evenly_below_the_ceiling() {
        let now = Instant::now();
        for (ceiling, most) in [(5.0, 6), (100.0, 103), (1000.0, 1021)] {
            let per_second = sent(&mut Pace::new(ceiling, now), now, 10);
            assert!(per_second.iter().all(|requests| *requests <= most), "{ceiling}: {per_second:?}");
            let total: u32 = per_second.iter().sum();
            assert!(f64::from(total) >= ceiling * 10.0 * 0.99, "{ceiling}: {total}");
        }
    }

    #[tokio::test]
    async fn a_pause_is_not_made_up_for() {
        let now = Instant::now();
        let mut pace = Pace::new(10.0, now);
        sent(&mut pace, now, 1);
        let later = now + Duration::from_secs(600);
        assert!(sent(&mut pace, later, 3).iter().all(|requests| *requests <= 11));
    }

    #[tokio::test]
    async fn throttling_halves_the_rate_once_for_all_that_were_in_flight() {
        let now = Instant::now();
        let mut pace = Pace::new(64.0, now);
        let after = |seconds| now + Duration::from_secs(seconds);
        // One takes thirty seconds to be answered, and all were sent before anybody knew.
        (0..8).for_each(|place| pace.throttled(now, after(4 * place)));
        assert!((pace.rate() - 32.0).abs() < 0.001);
        pace.throttled(after(31), after(32));
        assert!((pace.rate() - 16.0).abs() < 0.001);
        (0..100).for_each(|second| pace.throttled(after(40 + 2 * second), after(40 + 2 * second)));
        assert!((pace.rate() - 1.0).abs() < 0.001, "it never falls to nothing: {}", pace.rate());
    }

    proptest! {
        /// Throttled to the bottom, and answered from then on as fast as the rate limit allows.
        #[test]
        fn recovery_takes_two_minutes_whatever_the_ceiling_is(exponent in -3.0_f64..3.0) {
            let ceiling = 10_f64.powf(exponent);
            let start = Instant::now();
            let mut pace = Pace::new(ceiling, start);
            for second in 1..=20 {
                let now = start + Duration::from_secs(second);
                pace.throttled(now, now);
            }
            let begin = start + Duration::from_secs(20);
            let mut now = begin;
            pace.next = now;
            let mut requests = 0_u32;
            while pace.rate() < ceiling * 0.999 && requests < 200_000 {
                now += pace.reserve(now);
                pace.succeeded(now);
                requests += 1;
            }
            let took = (now - begin).as_secs_f64();
            prop_assert!(took <= 185.0, "{ceiling}: {took} s in {requests} requests");
            prop_assert!(took >= 50.0 || ceiling < 0.1, "{ceiling}: at once, after {took} s");
        }

        #[test]
        fn no_ceiling_makes_it_panic(ceiling in any::<f64>(), other in any::<f64>()) {
            let now = Instant::now();
            let mut pace = Pace::new(ceiling, now);
            for _ in 0..3 {
                let _ = pace.reserve(now);
                pace.throttled(now, now);
                pace.succeeded(now);
                pace.set_ceiling(other);
            }
        }
    }

    #[tokio::test]
    async fn successes_raise_the_rate_step_by_step() {
        let now = Instant::now();
        let mut pace = Pace::new(60.0, now);
        (0..20).for_each(|second| {
            pace.throttled(now + Duration::from_secs(2 * second), now + Duration::from_secs(2 * second))
        });
        let start = now + Duration::from_secs(60);
        pace.succeeded(start);
        let lowest = pace.rate();
        for tenth in 1..=600 {
            pace.succeeded(start + Duration::from_millis(100 * tenth));
        }
        assert!(pace.rate() > 25.0 && pace.rate() < 35.0, "half way after a minute: {} from {lowest}", pace.rate());
        for second in 60..240 {
            pace.succeeded(start + Duration::from_secs(second));
        }
        assert!((pace.rate() - 60.0).abs() < 0.001);
    }

    #[tokio::test]
    async fn ten_minutes_of_refusals_are_followed_by_no_burst() {
        let start = Instant::now();
        let (mut pace, mut now, mut sent) = (Pace::new(10.0, start), start, [0_u32; 900]);
        loop {
            now += pace.reserve(now);
            let second = usize::try_from((now - start).as_secs()).unwrap();
            let Some(count) = sent.get_mut(second) else { break };
            *count += 1;
            if second < 600 { pace.throttled(now, now) } else { pace.succeeded(now) }
        }
        assert!(sent.iter().all(|requests| *requests <= 11), "never above the ceiling");
        let refused: u32 = sent[10..600].iter().sum();
        assert!(refused <= 100, "a sixth of a request a second at the most: {refused}");
        let after: u32 = sent[600..605].iter().sum();
        assert!(after <= 5, "a careful start: {after}");
        let recovered: u32 = sent[850..900].iter().sum();
        assert!(recovered >= 480, "and the whole rate again: {recovered}");
    }

    #[tokio::test]
    async fn retries_stop_when_most_requests_fail() {
        let mut pace = Pace::new(10.0, Instant::now());
        let granted = (0..100).filter(|_| pace.may_retry(1)).count();
        assert_eq!(granted, 20);
        (0..8).for_each(|_| pace.succeeded(Instant::now()));
        assert!(!pace.may_retry(2) && pace.may_retry(1) && !pace.may_retry(1), "eight successes earn one");
    }
}
