//! Serves a recording on loopback, by path, parameters and credential of each request.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::domain::{Outcome, Provider, Timestamp};
use crate::provider::{self, credential};
use crate::recording::{NO_TEXT, Place, Recorded, Recording, served, text};

/// What distinguishes requests: path, sorted parameters, and credential at vendors that have several.
type Key = (String, Vec<(String, String)>, String);

/// A pause of this length is one between collections.
const LULL: Duration = Duration::from_secs(1);

/// The time from which the distances of the recording are measured.
///
/// It stands still while requests follow each other: all pages of a list have to agree.
#[derive(Debug)]
struct Present {
    began: (Instant, Timestamp),
    now: Timestamp,
    asked_at: Instant,
    stands_still: bool,
}

impl Present {
    const fn new(began_at: Instant, now: Timestamp) -> Self {
        Self { began: (began_at, now), now, asked_at: began_at, stands_still: true }
    }

    /// The time of a request that arrives at `asked_at`.
    fn at(&mut self, asked_at: Instant) -> Timestamp {
        let pause = asked_at.saturating_duration_since(self.asked_at);
        if pause >= LULL && !self.stands_still {
            let (began_at, then) = self.began;
            self.now = then.after(asked_at.saturating_duration_since(began_at));
        }
        self.asked_at = asked_at;
        self.now
    }
}

/// A running vendor.
#[derive(Debug)]
pub(super) struct Vendor {
    base_url: Url,
    provider: Provider,
    present: Mutex<Present>,
    /// The responses to each request, the next one last.
    responses: Mutex<BTreeMap<Key, Vec<Recorded>>>,
    missing: Mutex<BTreeMap<String, u64>>,
    stopping: CancellationToken,
}

impl Vendor {
    /// Serves until `stopping` is cancelled.
    pub(super) async fn serve(
        recording: Recording,
        provider: Provider,
        now: Timestamp,
        stopping: CancellationToken,
    ) -> io::Result<Arc<Self>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let prefix = match provider {
            Provider::Dropsuite => "/api",
            Provider::Datto => "",
        };
        let base_url = format!("http://{}{prefix}", listener.local_addr()?);
        let base_url: Url = base_url.parse().map_err(io::Error::other)?;
        let mut responses: BTreeMap<Key, Vec<Recorded>> = BTreeMap::new();
        for request in recording.requests.into_iter().rev() {
            responses.entry(key_of(&request, &base_url, provider)).or_default().push(request);
        }
        let (responses, missing) = (Mutex::new(responses), Mutex::default());
        let present = Mutex::new(Present::new(Instant::now(), now));
        let vendor = Arc::new(Self { base_url, provider, present, responses, missing, stopping: stopping.clone() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&vendor));
        tokio::spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned());
            // Serving ends without error: accept errors are retried by axum.
            let _ = serving.await;
        });
        Ok(vendor)
    }

    /// The address of the API.
    pub(super) fn base_url(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// Lets time go on between collections, so that the recording does not grow old while it is served.
    pub(super) fn follow_the_clock(&self) {
        self.present.lock().unwrap_or_else(PoisonError::into_inner).stands_still = false;
    }

    fn now(&self) -> Timestamp {
        self.present.lock().unwrap_or_else(PoisonError::into_inner).at(Instant::now())
    }

    /// The requests that the recording does not have.
    pub(super) fn missing(&self) -> BTreeMap<String, u64> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next response; the last one is repeated.
    fn next(&self, key: &Key) -> Option<Recorded> {
        let mut responses = self.responses.lock().unwrap_or_else(PoisonError::into_inner);
        let responses = responses.get_mut(key)?;
        if responses.len() > 1 { responses.pop() } else { responses.first().cloned() }
    }

    fn misses(&self, key: &Key) {
        let query = key.1.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let request = format!("GET {}{}{query}", key.0, if query.is_empty() { "" } else { "?" });
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner).entry(request).or_default() += 1;
    }
}

fn key_of(request: &Recorded, base: &Url, provider: Provider) -> Key {
    // A file that was read has no value without a text.
    let text = |class: &String| text(class).unwrap_or_default();
    let mut ids = request.ids.iter().map(text);
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
        for segment in request.endpoint.split('/').filter(|segment| !segment.is_empty()) {
            let id = segment.starts_with('{').then(|| ids.next()).flatten();
            path.push(id.as_deref().unwrap_or(segment));
        }
    }
    let mut query: Vec<_> = request.query.iter().map(|(name, value)| (text(name), text(value))).collect();
    query.sort();
    (url.path().to_owned(), query, whose(provider, &text(&request.credential)))
}

/// Datto's only key is the same in every request, and its text is not recorded.
fn whose(provider: Provider, credential: &str) -> String {
    match provider {
        Provider::Dropsuite => credential.to_owned(),
        Provider::Datto => String::new(),
    }
}

async fn answer(State(vendor): State<Arc<Vendor>>, request: Parts) -> Response {
    let query = url::form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes());
    let mut query: Vec<(String, String)> = query.into_owned().collect();
    query.sort();
    let whose = whose(vendor.provider, credential(&request.headers).unwrap_or_default());
    let key = (request.uri.path().to_owned(), query, whose);
    let Some(recorded) = vendor.next(&key) else {
        vendor.misses(&key);
        // Not JSON, so that it is not read as the vendor's own.
        return response(StatusCode::NOT_FOUND, "text/plain", "this request is not in the recording");
    };
    if recorded.failure.as_deref() == Some(Outcome::Timeout.as_str()) {
        vendor.stopping.cancelled().await;
    }
    let Some(status) = recorded.status.and_then(|status| StatusCode::from_u16(status).ok()) else {
        return broken();
    };
    if recorded.failure.is_some() && recorded.unreadable.is_none() {
        return broken();
    }
    let mut url = vendor.base_url.clone();
    url.set_path(request.uri.path());
    let place = Place { url: url.as_str(), now: vendor.now() };
    let body = recorded.body.and_then(|body| served(&body, &place).ok());
    let mut response = match (body, recorded.unreadable.as_deref()) {
        (Some(body), _) => response(status, "application/json", bytes(&body)),
        (None, Some("html") | None) => response(status, "text/html", "<!DOCTYPE html>"),
        (None, Some("empty")) => response(status, "application/json", ""),
        (None, Some("cut_off")) => response(status, "application/json", "[{\"id\":"),
        (None, Some(_)) => response(status, "text/plain", "not JSON"),
    };
    let limits = limits(&recorded.headers);
    // What only delayed the collection need not be waited for again.
    if provider::stops_requests(&limits, place.now) {
        response.headers_mut().extend(limits);
    }
    response
}

/// The recorded headers that limit the rate.
fn limits(recorded: &BTreeMap<String, String>) -> HeaderMap {
    let limits =
        recorded.iter().filter(|(name, _)| *name != header::CONTENT_TYPE.as_str()).filter_map(|(name, value)| {
            let seconds = value.strip_prefix("in ").and_then(|value| value.strip_suffix('s')).unwrap_or(value);
            Some((name.parse::<HeaderName>().ok()?, seconds.parse::<HeaderValue>().ok()?))
        });
    limits.collect()
}

/// A body, with bytes that are no text where the vendor's had such.
fn bytes(body: &Value) -> Vec<u8> {
    let no_text = |byte: u8| if char::from(byte) == NO_TEXT { 0xff } else { byte };
    body.to_string().into_bytes().into_iter().map(no_text).collect()
}

/// A failure whose kind cannot be made again on loopback: no list, but no statement of the vendor either.
fn broken() -> Response {
    response(StatusCode::BAD_GATEWAY, "text/plain", "the recorded request had no complete response")
}

fn response(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    response.body(body.into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_between_collections_only() {
        let (began_at, then) = (Instant::now(), Timestamp::from_millis(1_763_752_800_000));
        let mut present = Present::new(began_at, then);
        let at = |present: &mut Present, millis: u64| {
            let now = present.at(began_at + Duration::from_millis(millis));
            now.as_millis() - then.as_millis()
        };
        assert_eq!(at(&mut present, 5_000), 0, "the first collection is as of one time");
        present.stands_still = false;
        assert_eq!([5_900, 6_800, 7_700].map(|millis| at(&mut present, millis)), [0, 0, 0]);
        assert_eq!([60_000, 60_900, 61_800].map(|millis| at(&mut present, millis)), [60_000; 3]);
    }
}
