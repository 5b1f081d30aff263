//! Provides the time of the mocks, so that backups advance in a demo and stand still in a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A source of time; clones share it.
#[derive(Clone, Debug)]
pub struct Clock {
    origin: i64,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

/// What an answer is computed from: the present, and the time against which "stuck for days" is anchored.
///
/// Without the anchor a stuck backup would move along with the present and never grow older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When the clock was made, in milliseconds since the Unix epoch.
    pub origin: i64,
    /// The present, in milliseconds since the Unix epoch.
    pub now: i64,
}

impl Clock {
    /// Follows the machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { origin: system_millis(), source: Source::System }
    }

    /// Stands at `millis` (milliseconds since the Unix epoch) until it is set or advanced.
    #[must_use]
    pub fn fixed(millis: i64) -> Self {
        Self { origin: millis, source: Source::Fixed(Arc::new(AtomicI64::new(millis))) }
    }

    /// Moves a fixed clock and all its clones to `millis`; a system clock ignores it.
    pub fn set(&self, millis: i64) {
        if let Source::Fixed(now) = &self.source {
            now.store(millis, Ordering::SeqCst);
        }
    }

    /// Moves a fixed clock and all its clones forward; a system clock ignores it.
    pub fn advance(&self, step: Duration) {
        if let Source::Fixed(now) = &self.source {
            now.fetch_add(i64::try_from(step.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// The present and the anchor.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let now = match &self.source {
            Source::System => system_millis(),
            Source::Fixed(now) => now.load(Ordering::SeqCst),
        };
        Moment { origin: self.origin, now }
    }
}

#[expect(clippy::disallowed_methods, reason = "the fakes share nothing with the product, its clock included")]
fn system_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_fixed_clock_move_together_and_keep_their_origin() {
        let clock = Clock::fixed(1_000);
        let handle = clock.clone();
        handle.advance(Duration::from_secs(2));
        assert_eq!(clock.moment(), Moment { origin: 1_000, now: 3_000 });
        handle.set(500);
        assert_eq!(clock.moment(), Moment { origin: 1_000, now: 500 });
    }

    #[test]
    fn a_system_clock_cannot_be_set() {
        let clock = Clock::system();
        clock.set(0);
        assert!(clock.moment().now >= clock.moment().origin);
    }
}
