//! Passes reload requests to the running exporter, and returns their results.

use tokio::sync::{mpsc, oneshot};

/// Why a reload failed; the previous configuration is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Every problem of the file, or of setting it up.
    #[error("{0}")]
    Problems(String),
    /// The exporter is shutting down.
    #[error("the exporter is shutting down")]
    Stopping,
}

/// A reload request, and where to send its result.
#[derive(Debug)]
pub struct Request(oneshot::Sender<Result<(), Error>>);

/// Requests reloads.
#[derive(Clone, Debug)]
pub struct Reloader(mpsc::Sender<Request>);

/// Receives reload requests one by one.
#[derive(Debug)]
pub struct Requests(mpsc::Receiver<Request>);

/// Creates both ends.
#[must_use]
pub fn channel() -> (Reloader, Requests) {
    let (sender, receiver) = mpsc::channel(1);
    (Reloader(sender), Requests(receiver))
}

impl Reloader {
    /// Requests a reload and waits for its result.
    ///
    /// # Errors
    ///
    /// If the previous configuration is kept.
    pub async fn reload(&self) -> Result<(), Error> {
        let (sender, answer) = oneshot::channel();
        self.0.send(Request(sender)).await.map_err(|_| Error::Stopping)?;
        answer.await.map_err(|_| Error::Stopping)?
    }
}

impl Requests {
    /// The next request; `None` once there can be no more.
    pub async fn next(&mut self) -> Option<Request> {
        self.0.recv().await
    }
}

impl Request {
    /// Returns the result to the requester.
    pub fn answer(self, result: Result<(), Error>) {
        // The requester may be gone; the result is logged as well.
        let _ = self.0.send(result);
    }
}
