//! Answers over HTTP: the exposition, the landing page and the health of the process.
//!
//! [`serve`] takes connections, `gate` stands before all routes, and
//! [`WebSource`] holds the rules of both: certificates, users, headers, rates.

mod accept;
mod activity;
mod auth;
mod connection;
mod gate;
mod health;
mod landing;
mod metrics;
mod seldom;
mod tls;
mod web_source;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

pub use web_source::WebSource;

use crate::instrumentation::Instrumentation;
use crate::store::Store;
use accept::Shared;
use gate::Gate;

/// How long a stopping server waits for answers under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the routes read.
#[derive(Clone, Debug)]
pub struct Views {
    /// The sources' states.
    pub store: Arc<Store>,
    /// The exporter's own metrics.
    pub instrumentation: Arc<Instrumentation>,
    /// Where the exposition is, such as `/metrics`.
    pub telemetry_path: Arc<str>,
}

/// Serves on every listener, by the rules of `source`, until `stopping` is cancelled; then lets answers under way finish
/// for a moment.
///
/// # Errors
///
/// When there is a bug in taking connections. What happens to a single one, or to the system, is no error.
pub async fn serve(
    listeners: Vec<TcpListener>,
    views: Views,
    source: Arc<WebSource>,
    stopping: CancellationToken,
) -> io::Result<()> {
    serve_routes(listeners, router(views), source, stopping).await
}

async fn serve_routes(
    listeners: Vec<TcpListener>,
    router: Router,
    source: Arc<WebSource>,
    stopping: CancellationToken,
) -> io::Result<()> {
    let gate = Gate::new(router, Arc::clone(&source));
    let shared = Arc::new(Shared::new(gate, Arc::clone(&source), stopping));
    let mut accepting: JoinSet<()> = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept::accept(listener, Arc::clone(&shared)));
    }
    let accepted = tokio::select! {
        accepted = until_ended(&mut accepting) => accepted,
        () = source.follow() => Ok(()),
    };
    shared.connections.close();
    if tokio::time::timeout(PATIENCE, shared.connections.wait()).await.is_err() {
        shared.giving_up.cancel();
        shared.connections.wait().await;
    }
    accepted
}

async fn until_ended(tasks: &mut JoinSet<()>) -> io::Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(io::Error::other)?;
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

#[cfg(test)]
mod tests;
