//! Bounds how many scrapes are answered at once, and for how long.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::client::Exchange;
use super::places::{Limits, Place, Places};

/// How long a scraper waits, in seconds; Prometheus says so with each scrape.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// Who does not say how long they wait are answered within this time, or not at all.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// How many pages are made and sent at once.
const MAX_PAGES: usize = 8;

/// How many requests wait for a place, and how many of one address.
const MAX_WAITING: usize = 128;
const MAX_WAITING_OF_ONE: usize = MAX_WAITING / 2;

/// How long a request waits for a place; a scraper waits ten seconds unless it was told otherwise.
const MAX_WAIT_FOR_PLACE: Duration = Duration::from_secs(3);

/// How long a client may keep a place waiting that others wait for.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many requests are answered at once.
#[derive(Clone, Debug)]
pub(super) struct Few {
    /// `None` if there is no limit.
    places: Option<Places>,
    /// What is limited, and by what.
    what: &'static str,
}

/// What is done for a request keeps this until it has ended, whether or not somebody still waits for it.
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

/// Answers 503 where no place is free and none becomes free soon. A place is free again when the last byte of an answer
/// is written and all work for it has ended, since both are memory and time.
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

/// Answers 503 once the scraper has given up: it would throw the answer away.
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
