//! Answers over HTTP: the exposition, the pages people look at, service discovery and the health of the process.

mod discovery;
mod headers;
mod health;
mod landing;
mod lifecycle;
mod limits;
mod metrics;
mod redacted;
mod settings;
mod status;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

pub use self::settings::{DEFAULT_MAX_REQUESTS, Settings};

use crate::instrumentation::Instrumentation;
use crate::reload::Reloader;
use crate::store::{Shared, Store};

/// How long a stopping server waits for answers under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the routes read.
#[derive(Clone, Debug)]
pub struct Views {
    /// The sources' states.
    pub store: Arc<Store>,
    /// The exporter's own metrics.
    pub instrumentation: Arc<Instrumentation>,
    /// At which paths, and how much at once.
    pub settings: Arc<Settings>,
    /// Who reads the configuration again; `None` where there is nothing to read.
    pub reloader: Option<Reloader>,
    /// The configuration in force, as it may be shown.
    pub config: Shared<String>,
    /// Where the exporter listens; `None` before it does.
    pub listening: Option<SocketAddr>,
}

/// Serves on every listener until `stopping` is cancelled, then lets answers under way finish for a moment.
///
/// # Errors
///
/// When a listener breaks.
pub async fn serve(listeners: Vec<TcpListener>, views: Views, stopping: CancellationToken) -> io::Result<()> {
    let listening = listeners.first().and_then(|listener| listener.local_addr().ok());
    let router = router(Views { listening, ..views });
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
    let settings = Arc::clone(&views.settings);
    let metrics = get(metrics::serve)
        .layer(CompressionLayer::new())
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
