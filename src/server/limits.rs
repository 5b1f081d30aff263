//! Bounds how many scrapes are answered at once, and for how long.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

use super::holding::Holding;

/// How long a scraper waits, in seconds; Prometheus says so with each scrape.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// Who does not say how long they wait are answered within this time, or not at all.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// The places for scrapes; `None` if there is no limit.
pub(super) type Places = Option<(Arc<Semaphore>, usize)>;

pub(super) fn places(max_requests: usize) -> Places {
    (max_requests > 0).then(|| (Arc::new(Semaphore::new(max_requests)), max_requests))
}

/// Answers 503 at once where all places are taken. A place is free again when the last byte of an answer is sent, since
/// an answer that nobody takes is memory too.
pub(super) async fn one_of_few(State(places): State<Places>, request: Request, next: Next) -> Response {
    let Some((semaphore, count)) = places else { return next.run(request).await };
    let Ok(place) = semaphore.try_acquire_owned() else {
        let message = format!("{count} scrapes are being answered already (--web.max-requests); try again later\n");
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], message).into_response();
    };
    next.run(request).await.map(|body| Body::new(Holding::new(body, place)))
}

/// Answers 503 once the scraper has given up: it would throw the answer away.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    let limit = timeout_of(request.headers());
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = format!("the answer was not ready within {} s\n", limit.as_secs_f64());
            (StatusCode::SERVICE_UNAVAILABLE, message).into_response()
        }
    }
}

fn timeout_of(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(SCRAPE_TIMEOUT).and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
    // An exporter cannot tell a scraper to wait longer than it does, but a careless one could ask for for ever.
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).map_or(MAX_WAIT, |limit| limit.min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_scrape_is_given_the_time_its_scraper_waits() {
        for (header, milliseconds) in [
            (Some("10"), 10_000),
            (Some("0.5"), 500),
            (Some("1e9"), 120_000),
            (Some("-1"), 120_000),
            (Some("nan"), 120_000),
            (Some("soon"), 120_000),
            (None, 120_000),
        ] {
            let headers = header.map(|value| (SCRAPE_TIMEOUT.parse().unwrap(), HeaderValue::from_static(value)));
            let headers: HeaderMap = headers.into_iter().collect();
            assert_eq!(timeout_of(&headers), Duration::from_millis(milliseconds), "{header:?}");
        }
    }
}
