//! Takes connections, as many as there are places, and goes on whatever happens to one of them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Patience;
use super::connection;
use super::gate::Gate;
use super::seldom::Seldom;
use super::web_source::WebSource;

/// How many connections are open at once, over all listeners; half of what a process may usually open.
const PLACES: usize = 512;
/// With fewer free places than this, those that do nothing make room.
const FEW: usize = PLACES / 4;
/// How long to wait when the system has no more room for a connection.
const PAUSE: Duration = Duration::from_millis(500);

/// What all connections have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) gate: Gate,
    pub(super) source: Arc<WebSource>,
    /// No more requests are taken; answers under way end.
    pub(super) stopping: CancellationToken,
    /// Even those end.
    pub(super) giving_up: CancellationToken,
    /// Tells of clients that were refused.
    pub(super) refused: Seldom,
    pub(super) connections: TaskTracker,
    places: Arc<Semaphore>,
    troubles: Seldom,
}

impl Shared {
    pub(super) fn new(gate: Gate, source: Arc<WebSource>, stopping: CancellationToken) -> Self {
        Self {
            gate,
            source,
            stopping,
            giving_up: CancellationToken::new(),
            refused: Seldom::default(),
            connections: TaskTracker::new(),
            places: Arc::new(Semaphore::new(PLACES)),
            troubles: Seldom::default(),
        }
    }

    /// How patient there is reason to be.
    pub(super) fn patience(&self) -> Patience {
        if self.places.available_permits() < FEW { Patience::SHORT } else { Patience::USUAL }
    }

    fn tell(&self, trouble: &str) {
        if let Some(kept_back) = self.troubles.kept_back() {
            tracing::warn!(kept_back, "taking connections: {trouble}");
        }
    }
}

/// Takes connections of one listener until the server stops.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let stopping = shared.stopping.clone();
    let _ = stopping.run_until_cancelled(take_all(&listener, &shared)).await;
}

async fn take_all(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        if shared.places.available_permits() == 0 {
            shared.tell(&format!("all {PLACES} places are taken, and others wait until one is free"));
        }
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&shared.places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let serving = connection::serve(stream, peer, Arc::clone(shared));
                shared.connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Err(error) if concerns_one(&error) => {}
            Err(error) => {
                // Too many open files, or too little memory: it passes, and the listener is still good.
                shared.tell(&error.to_string());
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether only the connection is lost that was about to be taken.
fn concerns_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
