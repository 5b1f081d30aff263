//! Precedes every route: applies rate limits and authentication, and adds the headers to each response.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::ServerOptions;
use super::auth::Verdict;
use super::client::{Client, Exchange};
use super::live_web_config::{LiveWebConfig, Rules};

/// Probes have no password and must not be rate limited; they reveal only health.
const OPEN: [&str; 2] = ["/-/healthy", "/-/ready"];

/// All routes, behind the rules.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    routes: TowerToHyperService<Router>,
    open: Arc<[String]>,
    web: Arc<LiveWebConfig>,
}

impl Gate {
    pub(super) fn new(router: Router, options: &ServerOptions, web: Arc<LiveWebConfig>) -> Self {
        let open = OPEN.iter().map(|route| options.path(route)).collect();
        Self { routes: TowerToHyperService::new(router), open, web }
    }

    /// Responds to any request, including those without a route.
    pub(super) async fn answer(&self, mut request: Request<Body>, exchange: Exchange) -> Response {
        let rules = self.web.current();
        let is_open = self.open.iter().any(|path| path == request.uri().path());
        let rejection = if is_open { None } else { rejection(&rules, request.headers(), &exchange.client).await };
        request.extensions_mut().insert(exchange);
        let mut response = match rejection {
            Some(rejection) => rejection,
            // The routes' errors are responses already.
            None => match self.routes.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
        };
        for (name, value) in &rules.config.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

/// Why the request is rejected. Clients with recently confirmed credentials pass, whatever others do. For all others
/// the rate limit comes first: requests that exceed it must cost nothing.
async fn rejection(rules: &Rules, headers: &HeaderMap, client: &Arc<Client>) -> Option<Response> {
    if rules.guard.knows(headers) {
        return None;
    }
    if let Some(limiter) = &rules.limiter
        && let Err(until) = limiter.check()
    {
        let wait = until.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
        return Some(reject(StatusCode::TOO_MANY_REQUESTS, RETRY_AFTER, HeaderValue::from(seconds)));
    }
    match rules.guard.judge(headers, client).await {
        Verdict::Allowed => None,
        Verdict::Denied => {
            let realm = HeaderValue::from_static("Basic realm=\"saasbackup-exporter\", charset=\"UTF-8\"");
            Some(reject(StatusCode::UNAUTHORIZED, WWW_AUTHENTICATE, realm))
        }
        Verdict::Busy => Some(reject(StatusCode::SERVICE_UNAVAILABLE, RETRY_AFTER, HeaderValue::from(1))),
    }
}

fn reject(status: StatusCode, name: axum::http::HeaderName, value: HeaderValue) -> Response {
    let words = status.canonical_reason().unwrap_or_default();
    let headers = [(name, value), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, headers, format!("{words}\n")).into_response()
}
