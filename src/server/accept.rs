//! Accepts connections up to a limit, and continues whatever happens to one of them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::connection;
use super::connections::MAX_CONNECTIONS;
use super::log_throttle::LogThrottle;
use super::shared::Shared;

/// How long to wait when the system has no resources for another connection.
const PAUSE: Duration = Duration::from_millis(500);

/// Accepts connections of one listener until the server stops.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let stopping = shared.stopping.clone();
    let _ = stopping.run_until_cancelled(take_all(&listener, &shared)).await;
}

async fn take_all(listener: &TcpListener, shared: &Arc<Shared>) {
    let troubles = LogThrottle::default();
    let full = format!("limit of {MAX_CONNECTIONS} connections reached, closing idle ones");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let on_full = || warn(&troubles, &full);
                let counted = shared.connections.admit(peer.ip(), on_full).await;
                shared.tasks.spawn(connection::serve(stream, counted, Arc::clone(shared)));
            }
            Err(error) if concerns_one(&error) => {}
            Err(error) => {
                // Too many open files, or too little memory: this is temporary, and the listener is still usable.
                warn(&troubles, &format!("accept error: {error}"));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn warn(troubles: &LogThrottle, trouble: &str) {
    if let Some(kept_back) = troubles.kept_back() {
        tracing::warn!(suppressed = kept_back, "{trouble}");
    }
}

/// Whether the error only affects the connection that was being accepted.
fn concerns_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
