//! Serves HTTP: metrics, the status and landing pages, seats as CSV, service discovery and health probes.
//!
//! [`serve`] accepts connections, `gate` precedes all routes, and [`LiveWebConfig`] holds the rules of both:
//! certificates, users, headers and rate limits.

mod accept;
mod activity;
mod auth;
mod client;
mod connection;
mod connections;
mod discovery;
mod filter;
mod gate;
mod headers;
mod health;
mod holding;
mod landing;
mod lifecycle;
mod limits;
pub mod listen;
mod live_web_config;
mod log_throttle;
mod metrics;
mod options;
mod places;
mod redacted;
mod seats;
pub mod series_limit_log;
mod shared;
mod status;
pub mod status_page;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

pub use self::options::{DEFAULT_MAX_REQUESTS, ServerOptions};
pub use live_web_config::LiveWebConfig;

use crate::domain::shard::Shard;
use crate::exposition::{Exposed, Filter};
use crate::instrumentation::Instrumentation;
use crate::process::reload::Reloader;
use crate::server::series_limit_log::SeriesLimitLog;
use crate::store::{self, Store};
use gate::Gate;
use shared::Shared;

/// How long a stopping server waits for responses in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The data that the routes use.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The sources' states.
    pub store: Arc<Store>,
    /// The exporter's own metrics.
    pub instrumentation: Arc<Instrumentation>,
    /// The share of the tenants that is published.
    pub shard: Shard,
    /// What is exported.
    pub exposed: store::Shared<Exposed>,
    /// Logs dropped tenants.
    pub series_limit_log: Arc<SeriesLimitLog>,
    /// Paths and limits.
    pub options: Arc<ServerOptions>,
    /// Reloads the configuration; `None` if there is none to reload.
    pub reloader: Option<Reloader>,
    /// The effective configuration, without secrets.
    pub config: store::Shared<String>,
    /// The address that the exporter listens on; `None` before it does.
    pub listening: Option<SocketAddr>,
}

/// Serves on every listener, by the rules of `web`, until `stopping` is cancelled; then lets responses in progress
/// finish for a short time.
///
/// # Errors
///
/// If there is a bug in accepting connections. Failures of single connections, or of the system, are not errors.
pub async fn serve(
    listeners: Vec<TcpListener>,
    app: AppState,
    web: Arc<LiveWebConfig>,
    stopping: CancellationToken,
) -> io::Result<()> {
    let listening = listeners.first().and_then(|listener| listener.local_addr().ok());
    let options = Arc::clone(&app.options);
    let app = AppState { listening, ..app };
    serve_routes(listeners, router(app), &options, web, stopping).await
}

async fn serve_routes(
    listeners: Vec<TcpListener>,
    router: Router,
    options: &ServerOptions,
    web: Arc<LiveWebConfig>,
    stopping: CancellationToken,
) -> io::Result<()> {
    let gate = Gate::new(router, options, Arc::clone(&web));
    let shared = Arc::new(Shared::new(gate, Arc::clone(&web), stopping));
    let mut accepting: JoinSet<()> = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept::accept(listener, Arc::clone(&shared)));
    }
    let accepted = tokio::select! {
        accepted = until_ended(&mut accepting) => accepted,
        () = web.follow() => Ok(()),
    };
    shared.tasks.close();
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, shared.tasks.wait()).await.is_err() {
        shared.giving_up.cancel();
        shared.tasks.wait().await;
    }
    accepted
}

/// The filter in a scrape's query, or the error response: for the fuzz targets.
pub(crate) fn scrape_filter(query: &str) -> Result<Filter, String> {
    filter::read(query).map_err(|bad| bad.to_string())
}

async fn until_ended(tasks: &mut JoinSet<()>) -> io::Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(io::Error::other)?;
    }
    Ok(())
}

fn router(app: AppState) -> Router {
    let options = Arc::clone(&app.options);
    let metrics = get(metrics::serve)
        .layer(Extension(metrics::Shared::default()))
        .layer(from_fn(limits::in_time))
        .layer(from_fn_with_state(limits::scrapes(options.max_requests), limits::one_of_few));
    let pages = limits::pages();
    let page = |page: MethodRouter<AppState>| page.layer(from_fn_with_state(pages.clone(), limits::one_of_few));
    let routes = Router::new()
        .route(&options.path(&options.telemetry_path), metrics)
        .route(&options.path("/"), get(landing::serve))
        .route(&options.path("/status"), page(get(status::serve).layer(CompressionLayer::new())))
        .route(&options.path("/sd"), page(get(discovery::serve).layer(CompressionLayer::new())))
        .route(&options.path("/seats.csv"), page(get(seats::serve).layer(CompressionLayer::new())))
        .route(&options.path("/config"), page(get(redacted::serve)))
        .route(&options.path("/-/healthy"), get(health::healthy))
        .route(&options.path("/-/ready"), get(health::ready))
        .route(&options.path("/-/reload"), page(post(lifecycle::reload).put(lifecycle::reload)));
    with_ways_in(routes, &options).with_state(app)
}

/// Redirects requests without the prefix to the landing page.
fn with_ways_in(routes: Router<AppState>, options: &ServerOptions) -> Router<AppState> {
    if options.route_prefix.is_empty() {
        return routes;
    }
    let start = options.path("/");
    let lead = move || std::future::ready(Redirect::temporary(&start));
    routes.route("/", get(lead.clone())).route(&options.route_prefix, get(lead))
}

#[cfg(test)]
mod tests;
