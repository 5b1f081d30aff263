//! Delays every request by the same time, to a tenth of a millisecond.
//!
//! The timer of the async runtime rounds up to whole milliseconds, so that 50 ms would be 51 to 52 in the mean, a
//! difference as large as the measured one.

use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// The line of those who wait; as all wait equally long, the first to come is the first to go.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    time: Duration,
    line: Sender<(Instant, oneshot::Sender<()>)>,
}

impl Latency {
    pub(super) fn new(time: Duration) -> Self {
        let (line, waiting) = mpsc::channel::<(Instant, oneshot::Sender<()>)>();
        thread::spawn(move || {
            for (until, go) in waiting {
                thread::sleep(until.saturating_duration_since(Instant::now()));
                // Whoever has hung up waits no more.
                let _ = go.send(());
            }
        });
        Self { time, line }
    }

    /// Waits.
    pub(super) async fn pass(&self) {
        if self.time.is_zero() {
            return;
        }
        let (go, gone) = oneshot::channel();
        self.line.send((Instant::now() + self.time, go)).unwrap();
        gone.await.unwrap();
    }
}
