//! Schedules listings: at a fixed interval, and with back-off after failures.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Outcome, Timestamp};
use crate::poller::backoff;
use crate::store::NextAttempt;

/// The longest delay between attempts while the vendor is unreachable.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// When the next listing is due.
#[derive(Debug)]
pub(super) struct ListingSchedule {
    state: State,
    /// Consecutive failures.
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Never started.
    First,
    Running {
        started: Instant,
    },
    DueAt(Instant),
}

impl ListingSchedule {
    /// Starts with a listing that is due then; `None` means at once.
    pub(super) fn beginning(due: Option<Instant>) -> Self {
        Self { state: due.map_or(State::First, State::DueAt), failures: 0 }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        match self.state {
            State::First => true,
            State::Running { .. } => false,
            State::DueAt(at) => at <= now,
        }
    }

    pub(super) const fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    /// When it is due; `None` if at once or running.
    pub(super) const fn due_at(&self) -> Option<Instant> {
        match self.state {
            State::DueAt(at) => Some(at),
            State::First | State::Running { .. } => None,
        }
    }

    /// The same as wall time; `wall` is the wall time of the monotonic `now`.
    pub(super) fn next(&self, now: Instant, wall: Timestamp) -> NextAttempt {
        match self.state {
            State::First => NextAttempt::First,
            State::Running { .. } => NextAttempt::InProgress,
            State::DueAt(at) => NextAttempt::At(wall.after(at.saturating_duration_since(now))),
        }
    }

    pub(super) const fn start(&mut self, now: Instant) {
        self.state = State::Running { started: now };
    }

    /// Records a success: the next listing follows after the interval.
    pub(super) fn succeed(&mut self, interval: Duration) {
        self.failures = 0;
        self.wait_from_start(interval);
    }

    /// Records a failure at `now`: the next attempt is soon, and later with each consecutive failure.
    pub(super) fn fail(&mut self, outcome: Outcome, interval: Duration, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        // Rejected credentials stay rejected, and too many attempts lock an account.
        if outcome == Outcome::Unauthorized {
            return self.wait_from_start(interval);
        }
        let longest = if backoff::is_passing(outcome) { interval.min(MAX_DELAY) } else { interval };
        self.state = State::DueAt(now + backoff::after(outcome, self.failures, longest));
    }

    fn wait_from_start(&mut self, interval: Duration) {
        if let State::Running { started } = self.state {
            self.state = State::DueAt(started + interval);
        }
    }

    /// Makes it due at once, unless it is running.
    pub(super) fn bring_forward(&mut self, now: Instant) {
        if let State::DueAt(at) = self.state {
            self.state = State::DueAt(at.min(now));
        }
    }
}
