//! Answers over HTTP: the exposition, the landing page and the health of the process.

mod filter;
mod health;
mod landing;
mod metrics;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::exposition::Exposed;
use crate::instrumentation::Instrumentation;
use crate::refusals::Refusals;
use crate::store::Store;

/// How long a stopping server waits for answers under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the routes read.
#[derive(Clone, Debug)]
pub struct Views {
    /// The sources' states.
    pub store: Arc<Store>,
    /// The exporter's own metrics.
    pub instrumentation: Arc<Instrumentation>,
    /// What of it is shown.
    pub exposed: Arc<Exposed>,
    /// Who is told of tenants that are not.
    pub refusals: Arc<Refusals>,
    /// Where the exposition is, such as `/metrics`.
    pub telemetry_path: Arc<str>,
}

/// Serves on every listener until `stopping` is cancelled, then lets answers under way finish for a moment.
///
/// # Errors
///
/// When a listener breaks.
pub async fn serve(listeners: Vec<TcpListener>, views: Views, stopping: CancellationToken) -> io::Result<()> {
    let router = router(views);
    let servers = listeners.into_iter().map(|listener| {
        let stop = stopping.clone().cancelled_owned();
        tokio::spawn(axum::serve(listener, router.clone()).with_graceful_shutdown(stop).into_future())
    });
    let servers: Vec<_> = servers.collect();
    for mut server in servers {
        let ended = tokio::select! {
            ended = &mut server => ended,
            () = async { stopping.cancelled().await; tokio::time::sleep(PATIENCE).await } => {
                server.abort();
                continue;
            }
        };
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

fn router(views: Views) -> Router {
    let metrics = get(metrics::serve).layer(CompressionLayer::new());
    Router::new()
        .route(&views.telemetry_path, metrics)
        .route("/", get(landing::serve))
        .route("/-/healthy", get(health::healthy))
        .route("/-/ready", get(health::ready))
        .with_state(views)
}
