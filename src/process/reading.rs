//! Reads files beside the async workers, one read at a time, and notices one that hangs.
//!
//! A read cannot be interrupted: a file on a hanging network file system occupies a thread until it responds. So no second
//! read begins meanwhile, and nobody waits for it but its own reload.

use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};

/// A read that takes longer hangs: files are small.
pub(crate) const HANGS_AFTER: Duration = Duration::from_secs(10);

/// The read in progress, if any.
#[derive(Debug)]
pub(crate) struct Reading<T> {
    running: JoinSet<T>,
    /// When it counts as hanging; `None` once that was reported.
    hangs_at: Option<Instant>,
}

/// What became of a read.
#[derive(Debug)]
pub(crate) enum Progress<T> {
    /// It ended; an error is a panic.
    Ended(Result<T, JoinError>),
    /// It still has not ended, which is reported once.
    Hangs,
}

impl<T: Send + 'static> Reading<T> {
    pub(crate) fn new() -> Self {
        Self { running: JoinSet::new(), hangs_at: None }
    }

    /// Whether a read is in progress.
    pub(crate) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Starts a read, unless one is in progress.
    pub(crate) fn start(&mut self, read: impl FnOnce() -> T + Send + 'static) {
        if !self.is_running() {
            self.running.spawn_blocking(read);
            self.hangs_at = Some(Instant::now() + HANGS_AFTER);
        }
    }

    /// Waits for the read in progress; forever if there is none. Nothing is lost if this is cancelled.
    pub(crate) async fn progress(&mut self) -> Progress<T> {
        let ended = match self.hangs_at {
            Some(hangs_at) => timeout_at(hangs_at, self.running.join_next()).await,
            None => Ok(self.running.join_next().await),
        };
        match ended {
            Ok(Some(ended)) => {
                self.hangs_at = None;
                Progress::Ended(ended)
            }
            Ok(None) => std::future::pending().await,
            Err(_) => {
                self.hangs_at = None;
                Progress::Hangs
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_read_that_hangs_is_reported_once_and_counts_when_it_ends() {
        let mut reading = Reading::new();
        let (release, hung) = mpsc::channel();
        reading.start(move || hung.recv().unwrap());
        reading.start(|| panic!("one at a time"));
        advance(HANGS_AFTER - Duration::from_millis(1)).await;
        let is_silent = timeout_at(Instant::now(), reading.progress()).await.is_err();
        assert!(is_silent && reading.is_running());
        advance(Duration::from_millis(2)).await;
        assert!(matches!(reading.progress().await, Progress::Hangs));
        advance(10 * HANGS_AFTER).await;
        assert!(timeout_at(Instant::now(), reading.progress()).await.is_err(), "it was reported");
        release.send(7).unwrap();
        assert!(matches!(reading.progress().await, Progress::Ended(Ok(7))));
        assert!(!reading.is_running());
        reading.start(|| 8);
        assert!(matches!(reading.progress().await, Progress::Ended(Ok(8))), "the next one is as good as the first");
    }
}
