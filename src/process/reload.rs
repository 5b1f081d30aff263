//! Asks the running exporter to read its configuration again, and brings the answer back.

use tokio::sync::{mpsc, oneshot};

/// Why the configuration was not taken over; what ran before runs on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file is not good, or what it asks for cannot be set up; every problem that was found, for people to read.
    #[error("{0}")]
    Problems(String),
    /// The exporter is stopping.
    #[error("the exporter is shutting down")]
    Stopping,
}

/// One wish to reload, and where the answer goes.
#[derive(Debug)]
pub struct Request(oneshot::Sender<Result<(), Error>>);

/// The right to ask for a reload.
#[derive(Clone, Debug)]
pub struct Reloader(mpsc::Sender<Request>);

/// Where the wishes arrive, one after the other.
#[derive(Debug)]
pub struct Requests(mpsc::Receiver<Request>);

/// Both ends.
#[must_use]
pub fn channel() -> (Reloader, Requests) {
    let (sender, receiver) = mpsc::channel(1);
    (Reloader(sender), Requests(receiver))
}

impl Reloader {
    /// Asks for a reload and waits until it is done.
    ///
    /// # Errors
    ///
    /// When the old configuration stays.
    pub async fn reload(&self) -> Result<(), Error> {
        let (sender, answer) = oneshot::channel();
        self.0.send(Request(sender)).await.map_err(|_| Error::Stopping)?;
        answer.await.map_err(|_| Error::Stopping)?
    }
}

impl Requests {
    /// The next wish; `None` once nobody is left who could have one.
    pub async fn next(&mut self) -> Option<Request> {
        self.0.recv().await
    }
}

impl Request {
    /// Tells whoever asked how it went.
    pub fn answer(self, result: Result<(), Error>) {
        // Whoever asked may have gone; the log tells the result as well.
        let _ = self.0.send(result);
    }
}
