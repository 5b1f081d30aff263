//! Limits the requests to one vendor account: rate, pauses and retries.
//!
//! What the vendor asked for applies to the account: it outlives clients, pollers and configurations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::MAX_WAIT;
use super::allowance::MAX_PAUSE;
use super::pace::Pace;
use crate::domain::{CredentialMark, Pause, Provider, Restraint, Timestamp};

/// The rate limits of all accounts used so far.
#[derive(Clone, Debug, Default)]
pub struct Accounts(Arc<Mutex<BTreeMap<Account, Arc<Pacing>>>>);

/// One account of a vendor; a reload treats an equal one as the same source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// The vendor.
    pub provider: Provider,
    /// The base URL.
    pub base_url: String,
    /// The name of its source, to distinguish several accounts.
    pub name: String,
}

impl Accounts {
    /// The rate limit of an account, including what the vendor asked for before; a new one starts at this maximum.
    #[must_use]
    pub fn pacing(&self, account: Account, requests_per_second: f64) -> Arc<Pacing> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accounts.entry(account).or_insert_with(|| Arc::new(Pacing::new(requests_per_second))))
    }

    /// What holds back the requests to an account at `now`.
    #[must_use]
    pub fn restraint(&self, account: &Account, now: Timestamp) -> Restraint {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.get(account).map(|pacing| pacing.restraint(now)).unwrap_or_default()
    }
}

/// The rate limit of one account.
#[derive(Debug)]
pub struct Pacing(Mutex<State>);

#[derive(Debug)]
struct State {
    pace: Pace,
    paused_until: Option<Instant>,
    /// The credentials that the vendor rejected for the listing, and has not accepted since.
    refused: Option<CredentialMark>,
}

/// What to do before a request is sent.
enum Turn {
    Now,
    After(Duration),
    Paused(Duration),
}

impl State {
    fn pause(&self, now: Instant) -> Option<Duration> {
        self.paused_until?.checked_duration_since(now).filter(|pause| !pause.is_zero())
    }

    fn turn(&mut self, now: Instant) -> Turn {
        if let Some(pause) = self.pause(now) {
            return Turn::Paused(pause);
        }
        match self.pace.reserve(now) {
            Duration::ZERO => Turn::Now,
            wait => Turn::After(wait),
        }
    }

    /// Whether a slot reserved at that time is still valid: no pause has begun and the rate was not lowered since.
    fn holds(&self, reserved_at: Instant, now: Instant) -> bool {
        self.pause(now).is_none() && !self.pace.is_lowered_since(reserved_at)
    }
}

impl Pacing {
    /// Creates the rate limit of a new account.
    pub(super) fn new(requests_per_second: f64) -> Self {
        let pace = Pace::new(requests_per_second, Instant::now());
        Self(Mutex::new(State { pace, paused_until: None, refused: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets another maximum of requests per second; a rate lowered by throttling stays low.
    pub(in crate::provider) fn set_ceiling(&self, requests_per_second: f64) {
        self.state().pace.set_ceiling(requests_per_second);
    }

    /// Waits until a request may be sent, and returns that time.
    ///
    /// Checks again after waiting: a pause may have begun or the rate may have been lowered in the meantime, and the
    /// reserved slot is then void. Otherwise each request of a queued burst would be throttled and lower the rate again.
    ///
    /// # Errors
    ///
    /// The rest of a pause that is too long to wait for.
    pub(super) async fn turn(&self) -> Result<Instant, Duration> {
        loop {
            let reserved_at = Instant::now();
            // The lock must not be held while waiting.
            let turn = self.state().turn(reserved_at);
            match turn {
                Turn::Now => return Ok(reserved_at),
                Turn::Paused(pause) if pause > MAX_WAIT => return Err(pause),
                Turn::Paused(pause) => sleep(pause).await,
                Turn::After(wait) => {
                    sleep(wait).await;
                    let now = Instant::now();
                    if self.state().holds(reserved_at, now) {
                        return Ok(now);
                    }
                }
            }
        }
    }

    /// Sends nothing for this long; never shortens a pause in progress.
    pub(super) fn pause_for(&self, pause: Duration) {
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(Instant::now() + pause));
    }

    /// How long nothing may be sent from now on; `None` if there is no pause.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.state().pause(Instant::now())
    }

    /// The current maximum of requests per second.
    pub(super) fn rate(&self) -> f64 {
        self.state().pace.rate()
    }

    /// Records that a request sent at this time was throttled.
    pub(super) fn throttled(&self, sent_at: Instant) {
        self.state().pace.throttled(sent_at, Instant::now());
    }

    /// Records a successful request.
    pub(super) fn succeeded(&self) {
        self.state().pace.succeeded(Instant::now());
    }

    /// Takes tokens to retry this many requests; call it only right before retrying.
    pub(in crate::provider) fn may_retry(&self, requests: u32) -> bool {
        self.state().pace.may_retry(requests)
    }

    /// Records which credentials of the account the vendor rejected for the listing; `None` if it accepted them.
    pub(in crate::provider) fn set_refused(&self, refused: Option<CredentialMark>) {
        self.state().refused = refused;
    }

    /// The credentials that the vendor rejected, and has not accepted since.
    pub(in crate::provider) fn refused(&self) -> Option<CredentialMark> {
        self.state().refused
    }

    /// What holds back the requests at `now`.
    fn restraint(&self, now: Timestamp) -> Restraint {
        let pause = self.pause().map(|left| Pause { seen_at: now, until: now.after(left) });
        Restraint { pause, refused: self.refused() }
    }

    /// Continues at `now` with what held back the requests before.
    pub(in crate::provider) fn resume(&self, restraint: &Restraint, now: Timestamp) {
        if let Some(pause) = restraint.pause {
            self.pause_for(pause.left(now).min(MAX_PAUSE));
        }
        self.set_refused(restraint.refused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Account {
        Account { provider: Provider::Datto, base_url: "https://api.datto.com".to_owned(), name: name.to_owned() }
    }

    /// When each of `count` requests that begin at once may be sent, from the start.
    async fn sent(pacing: &Arc<Pacing>, count: usize) -> Vec<Result<f64, u64>> {
        let start = Instant::now();
        let waiting: Vec<_> = (0..count)
            .map(|_| {
                let pacing = Arc::clone(pacing);
                tokio::spawn(async move {
                    pacing.turn().await.map(|at| (at - start).as_secs_f64()).map_err(|pause| pause.as_secs())
                })
            })
            .collect();
        let mut moments = Vec::new();
        for waiting in waiting {
            moments.push(waiting.await.unwrap());
        }
        moments
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_those_who_were_waiting_for_their_turn() {
        let pacing = Arc::new(Pacing::new(1.0));
        let waiting = tokio::spawn({
            let pacing = Arc::clone(&pacing);
            async move { sent(&pacing, 8).await }
        });
        sleep(Duration::from_millis(1500)).await;
        pacing.pause_for(Duration::from_secs(50));
        let moments: Vec<f64> = waiting.await.unwrap().into_iter().map(Result::unwrap).collect();
        let (before, after): (Vec<f64>, Vec<f64>) = moments.into_iter().partition(|moment| *moment < 1.5);
        assert_eq!((before.len(), after.len()), (2, 6));
        assert!(after.iter().all(|moment| *moment >= 51.4), "{after:?}");
        let last = after.iter().copied().fold(0.0, f64::max);
        assert!(last >= 56.0, "they come one by one again: {after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_wait_while_the_rate_is_lowered_wait_at_the_lower_one() {
        let pacing = Arc::new(Pacing::new(4.0));
        let start = Instant::now();
        let waiting = tokio::spawn({
            let pacing = Arc::clone(&pacing);
            async move { sent(&pacing, 8).await }
        });
        sleep(Duration::from_millis(300)).await;
        pacing.throttled(start);
        let mut moments: Vec<f64> = waiting.await.unwrap().into_iter().map(Result::unwrap).collect();
        moments.sort_by(f64::total_cmp);
        let expected = [0.0, 0.25, 0.8, 1.3, 1.8, 2.3, 2.8, 3.3];
        let differ = |(moment, expected): (&f64, f64)| (moment - expected).abs() > 0.05;
        assert!(!moments.iter().zip(expected).any(differ), "{moments:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_waits_for_a_pause_that_is_too_long() {
        let pacing = Arc::new(Pacing::new(1.0));
        let waiting = tokio::spawn({
            let pacing = Arc::clone(&pacing);
            async move { sent(&pacing, 3).await }
        });
        sleep(Duration::from_millis(100)).await;
        pacing.pause_for(Duration::from_secs(600));
        let moments = waiting.await.unwrap();
        assert!(matches!(moments[..], [Ok(_), Err(500..), Err(500..)]), "{moments:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_never_shortened() {
        let pacing = Pacing::new(1.0);
        pacing.pause_for(Duration::from_secs(30));
        pacing.pause_for(Duration::from_secs(1));
        assert_eq!(pacing.pause(), Some(Duration::from_secs(30)));
        sleep(Duration::from_secs(31)).await;
        assert_eq!(pacing.pause(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_vendor_asked_for_outlives_whoever_asked() {
        let accounts = Accounts::default();
        let pacing = accounts.pacing(account("datto"), 4.0);
        pacing.pause_for(Duration::from_secs(50));
        pacing.throttled(Instant::now());
        assert_eq!((0..15).filter(|_| pacing.may_retry(1)).count(), 15);
        drop(pacing);
        let again = accounts.pacing(account("datto"), 4.0);
        assert_eq!(again.pause(), Some(Duration::from_secs(50)));
        assert!((again.rate() - 2.0).abs() < 1e-9);
        assert_eq!((0..100).filter(|_| again.may_retry(1)).count(), 5);
        assert_eq!(accounts.pacing(account("other"), 4.0).pause(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_vendor_asked_for_continues_after_a_restart() {
        const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
        let seconds = Duration::from_secs;
        let before = Accounts::default();
        assert_eq!(before.restraint(&account("datto"), NOW), Restraint::default());
        let pacing = before.pacing(account("datto"), 4.0);
        pacing.pause_for(seconds(50));
        pacing.set_refused(Some(CredentialMark(7)));
        let restraint = before.restraint(&account("datto"), NOW);
        for (later, left) in [(0, Some(50)), (20, Some(30)), (50, None), (90, None)] {
            let after = Accounts::default();
            let pacing = after.pacing(account("datto"), 4.0);
            pacing.resume(&restraint, NOW.after(seconds(later)));
            assert_eq!(pacing.pause(), left.map(seconds), "{later}");
            assert_eq!(pacing.refused(), Some(CredentialMark(7)));
        }
        // No vendor can have asked for more: it comes from a clock that was wrong.
        let endless = Pause { seen_at: NOW, until: NOW.after(10 * MAX_PAUSE) };
        let pacing = Pacing::new(4.0);
        pacing.resume(&Restraint { pause: Some(endless), refused: None }, NOW);
        assert_eq!(pacing.pause(), Some(MAX_PAUSE));
    }

    #[tokio::test(start_paused = true)]
    async fn another_configured_rate_leaves_a_lowered_rate_low() {
        let pacing = Pacing::new(4.0);
        pacing.set_ceiling(8.0);
        assert!((pacing.rate() - 8.0).abs() < 1e-9, "nothing speaks against the new ceiling");
        pacing.throttled(Instant::now());
        pacing.set_ceiling(100.0);
        assert!((pacing.rate() - 4.0).abs() < 1e-9);
        pacing.set_ceiling(1.0);
        assert!((pacing.rate() - 1.0).abs() < 1e-9);
    }
}
