//! Answers over HTTP: the exposition, the pages people look at, service discovery and the health of the process.
//!
//! [`serve`] takes connections, `gate` stands before all routes, and
//! [`WebSource`] holds the rules of both: certificates, users, headers, rates.

mod accept;
mod activity;
mod auth;
mod connection;
mod discovery;
mod filter;
mod gate;
mod headers;
mod health;
mod landing;
mod lifecycle;
mod limits;
pub mod listen;
mod metrics;
mod redacted;
mod seldom;
pub mod series_limit_log;
mod settings;
mod status;
pub mod status_page;
mod tls;
mod web_source;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

pub use self::settings::{DEFAULT_MAX_REQUESTS, Settings};
pub use web_source::WebSource;

use crate::domain::shard::Shard;
use crate::exposition::Exposed;
use crate::instrumentation::Instrumentation;
use crate::process::reload::Reloader;
use crate::server::series_limit_log::SeriesLimitLog;
use crate::store::{self, Store};
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
    /// Which share of the tenants is published.
    pub shard: Shard,
    /// What of it is shown.
    pub exposed: store::Shared<Exposed>,
    /// Who is told of tenants that are not.
    pub series_limit_log: Arc<SeriesLimitLog>,
    /// At which paths, and how much at once.
    pub settings: Arc<Settings>,
    /// Who reads the configuration again; `None` where there is nothing to read.
    pub reloader: Option<Reloader>,
    /// The configuration in force, as it may be shown.
    pub config: store::Shared<String>,
    /// Where the exporter listens; `None` before it does.
    pub listening: Option<SocketAddr>,
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
    let listening = listeners.first().and_then(|listener| listener.local_addr().ok());
    let settings = Arc::clone(&views.settings);
    let views = Views { listening, ..views };
    serve_routes(listeners, router(views), &settings, source, stopping).await
}

async fn serve_routes(
    listeners: Vec<TcpListener>,
    router: Router,
    settings: &Settings,
    source: Arc<WebSource>,
    stopping: CancellationToken,
) -> io::Result<()> {
    let gate = Gate::new(router, settings, Arc::clone(&source));
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
    let settings = Arc::clone(&views.settings);
    let metrics = get(metrics::serve)
        .layer(Extension(metrics::Shared::default()))
        .layer(from_fn(limits::in_time))
        .layer(from_fn_with_state(limits::places(settings.max_requests), limits::one_of_few));
    let routes = Router::new()
        .route(&settings.path(&settings.telemetry_path), metrics)
        .route(&settings.path("/"), get(landing::serve))
        .route(&settings.path("/status"), get(status::serve).layer(CompressionLayer::new()))
        .route(&settings.path("/sd"), get(discovery::serve).layer(CompressionLayer::new()))
        .route(&settings.path("/config"), get(redacted::serve))
        .route(&settings.path("/-/healthy"), get(health::healthy))
        .route(&settings.path("/-/ready"), get(health::ready))
        .route(&settings.path("/-/reload"), post(lifecycle::reload).put(lifecycle::reload));
    with_ways_in(routes, &settings).with_state(views)
}

/// Leads whoever leaves the prefix out to the landing page.
fn with_ways_in(routes: Router<Views>, settings: &Settings) -> Router<Views> {
    if settings.route_prefix.is_empty() {
        return routes;
    }
    let start = settings.path("/");
    let lead = move || std::future::ready(Redirect::temporary(&start));
    routes.route("/", get(lead.clone())).route(&settings.route_prefix, get(lead))
}

#[cfg(test)]
mod tests;
