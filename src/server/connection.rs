//! Serves one connection from its first byte to its last, and closes it if it makes no progress.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::activity::Watched;
use super::client::{Client, Exchange};
use super::connections::Counted;
use super::holding::Holding;
use super::shared::Shared;
use super::tls;

/// Maximum size of a request's head; larger ones are answered with 431.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// Maximum number of concurrent requests per HTTP/2 connection.
const MAX_STREAMS: u32 = 32;
/// How often to check for progress.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Serves a connection until either side closes it, or others need it more.
pub(super) async fn serve(stream: TcpStream, counted: Counted, shared: Arc<Shared>) {
    let client = &counted.client;
    tokio::select! {
        () = serve_until_ended(stream, client, &shared) => {}
        () = client.until_cut() => {}
    }
    client.activity().ended();
}

/// Uses TLS if configured.
async fn serve_until_ended(stream: TcpStream, client: &Arc<Client>, shared: &Shared) {
    // Responses are written at once; waiting to coalesce them would only delay them.
    let _ = stream.set_nodelay(true);
    let rules = shared.web.current();
    let Some(config) = rules.config.tls.clone() else {
        // Nothing here depends on the version of the rules: users and headers are checked with each request.
        return speak(stream, false, client, shared, &CancellationToken::new()).await;
    };
    let shaken = tokio::select! {
        shaken = tls::handshake(stream, config, shared.timeouts().head) => shaken,
        () = shared.stopping.cancelled() => return,
    };
    match shaken {
        Ok(stream) => {
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            speak(stream, is_http2, client, shared, &rules.retired).await;
        }
        Err(tls::Error::Silent) => {}
        Err(error) => {
            if let Some(kept_back) = shared.failed_handshakes.kept_back() {
                tracing::info!(peer = %client.address(), suppressed = kept_back, "TLS handshake failed: {error}");
            }
        }
    }
}

/// Speaks HTTP until either side closes the connection.
async fn speak<S>(stream: S, is_http2: bool, client: &Arc<Client>, shared: &Shared, retired: &CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = client.activity();
    if is_http2 {
        activity.speaks_http2();
    }
    let service = service_fn(|request: Request<Incoming>| {
        let (gate, client) = (shared.gate.clone(), Arc::clone(client));
        async move {
            let answering = client.activity().answering();
            let exchange = Exchange { client, answering: Arc::clone(&answering) };
            let response = gate.answer(request.map(Body::new), exchange).await;
            Ok::<_, Infallible>(response.map(|body| Holding::new(body, answering)))
        }
    });
    let builder = builder(is_http2);
    let mut connection =
        pin!(builder.serve_connection(TokioIo::new(Watched::new(stream, Arc::clone(activity))), service));
    let mut polls = tokio::time::interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_leaving = false;
    loop {
        let must_leave = tokio::select! {
            // It fails when the client disconnects, which is normal.
            _ = connection.as_mut() => return,
            () = shared.stopping.cancelled(), if !is_leaving => true,
            // The client's certificate may no longer be accepted: let it reconnect.
            () = retired.cancelled(), if !is_leaving => true,
            () = shared.giving_up.cancelled() => return,
            _ = polls.tick() => {
                let is_overdue = activity.is_overdue(Instant::now(), shared.timeouts());
                if is_overdue && is_leaving {
                    return;
                }
                is_overdue
            }
        };
        if must_leave {
            is_leaving = true;
            connection.as_mut().graceful_shutdown();
        }
    }
}

fn builder(is_http2: bool) -> Builder<TokioExecutor> {
    let builder = Builder::new(TokioExecutor::new());
    if is_http2 {
        let mut builder = builder.http2_only();
        builder.http2().max_concurrent_streams(MAX_STREAMS).max_header_list_size(MAX_HEAD_BYTES as u32);
        return builder;
    }
    let mut builder = builder.http1_only();
    // The time for a head is limited by `Activity`, which, unlike hyper, distinguishes an idle connection from a slow
    // head.
    builder.http1().max_buf_size(MAX_HEAD_BYTES).header_read_timeout(None);
    builder
}
