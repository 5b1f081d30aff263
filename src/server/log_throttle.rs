//! Keeps clients from flooding the log.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Minimum time between messages of one kind.
const PAUSE: Duration = Duration::from_secs(60);

/// One kind of message, logged at most once a minute.
#[derive(Debug, Default)]
pub(super) struct LogThrottle {
    state: Mutex<(Option<Instant>, u64)>,
}

impl LogThrottle {
    /// The number of messages suppressed since the last one, if this one should be logged.
    pub(super) fn kept_back(&self) -> Option<u64> {
        self.kept_back_at(Instant::now())
    }

    fn kept_back_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.is_some_and(|last| now - last < PAUSE) {
            state.1 += 1;
            return None;
        }
        state.0 = Some(now);
        Some(std::mem::take(&mut state.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_logged_once_a_minute_with_the_number_of_the_others() {
        let (throttle, first) = (LogThrottle::default(), Instant::now());
        let logged = [0, 1, 59, 60, 61].map(|second| throttle.kept_back_at(first + Duration::from_secs(second)));
        assert_eq!(logged, [Some(0), None, None, Some(2), None]);
    }
}
