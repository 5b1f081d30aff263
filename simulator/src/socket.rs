//! Listens on behalf of a fake, and frees the port in time.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long a stopping server waits for answers under way before it drops them.
const PATIENCE: Duration = Duration::from_secs(2);

/// A port that is taken and not served yet: a fake learns its own address before its first request.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    stopping: CancellationToken,
}

/// A port that is served until this is dropped or shut down.
#[derive(Debug)]
pub(crate) struct Socket {
    address: SocketAddr,
    stopping: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Bound {
    pub(crate) async fn new(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, stopping: CancellationToken::new() })
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cancelled as soon as the server is to stop: whoever waits must then stop waiting.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    pub(crate) fn serve(self, router: Router) -> Socket {
        let Self { listener, address, stopping } = self;
        let stop = stopping.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            // Serving ends without error: accept errors are retried by axum.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stop).await;
        });
        Socket { address, stopping, serving: Some(serving) }
    }
}

impl Socket {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets answers under way finish for a moment, and frees the port.
    pub(crate) async fn shutdown(mut self) {
        self.stopping.cancel();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(PATIENCE, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
