//! Limits the number and duration of concurrent scrapes.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::client::Exchange;
use super::places::{Limits, Place, Places};

/// The scraper's timeout in seconds, which Prometheus sends with each scrape.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// The timeout for clients that send none.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// Maximum number of concurrent page requests.
const MAX_PAGES: usize = 8;

/// Maximum number of requests waiting for a slot, in total and per address.
const MAX_WAITING: usize = 128;
const MAX_WAITING_OF_ONE: usize = MAX_WAITING / 2;

/// How long a request waits for a slot; Prometheus's default scrape timeout is ten seconds.
const MAX_WAIT_FOR_PLACE: Duration = Duration::from_secs(3);

/// How long a slow client may occupy a slot that others wait for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A limit for concurrent requests.
#[derive(Clone, Debug)]
pub(super) struct Few {
    /// `None` if there is no limit.
    places: Option<Places>,
    /// What is limited, and by which flag.
    what: &'static str,
}

/// Held by all work for a request until it has ended, even if the client has disconnected.
#[derive(Clone, Debug, Default)]
pub(super) struct Occupied(#[expect(dead_code, reason = "it is there to be dropped")] Option<Place>);

pub(super) fn scrapes(max_requests: usize) -> Few {
    Few { places: (max_requests > 0).then(|| places(max_requests)), what: "scrapes (--web.max-requests)" }
}

pub(super) fn pages() -> Few {
    Few { places: Some(places(MAX_PAGES)), what: "page requests" }
}

fn places(count: usize) -> Places {
    Places::new(Limits { places: count, waiting: MAX_WAITING, waiting_of_one: MAX_WAITING_OF_ONE })
}

/// Responds with 503 if no slot becomes free in time.
///
/// A slot is free when the last byte of the response is written and all work for it has ended, because both take memory
/// and time.
pub(super) async fn one_of_few(State(few): State<Few>, mut request: Request, next: Next) -> Response {
    let (Some(places), Some(exchange)) = (few.places, request.extensions().get::<Exchange>().cloned()) else {
        request.extensions_mut().insert(Occupied::default());
        return next.run(request).await;
    };
    let Some(place) = places.take_within(&exchange.client, MAX_WAIT_FOR_PLACE, PATIENCE).await else {
        let message = format!("limit of {} concurrent {} reached; try again later\n", places.count(), few.what);
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], message).into_response();
    };
    exchange.answering.hold(place.clone());
    request.extensions_mut().insert(Occupied(Some(place)));
    next.run(request).await
}

/// Responds with 503 once the scraper's timeout has expired: it would discard the response.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    let limit = timeout_of(request.headers());
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = format!("the response was not ready within {} s\n", limit.as_secs_f64());
            (StatusCode::SERVICE_UNAVAILABLE, message).into_response()
        }
    }
}

fn timeout_of(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(SCRAPE_TIMEOUT).and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
    // The header may be missing or absurdly high, so the timeout is capped.
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
