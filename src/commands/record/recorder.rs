//! Collects the shapes of all responses while a client receives them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::domain::{Outcome, Timestamp};
use crate::provider::{self, ErrorKind, Exchange};
use crate::recording::{Recorded, Shapes};

/// Maximum size of all shapes together; the file is indented, and must be readable again.
const MAX_BYTES: usize = 16 << 20;
/// Maximum number of requests.
const MAX_REQUESTS: usize = 20_000;
/// The headers that are recorded.
const HEADERS: [&str; 5] =
    ["content-type", "retry-after", "x-api-limit-remaining", "x-api-limit-resets", "x-api-limit-cost"];
/// Content types that are recorded as they are.
const CONTENT_TYPES: [&str; 4] = ["application/json", "application/problem+json", "text/html", "text/plain"];

#[derive(Debug)]
pub(super) struct Recorder(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    shapes: Shapes,
    /// The credential of the first request, which lists the tenants.
    credential: Option<String>,
    requests: Vec<Recorded>,
    bytes: usize,
    is_full: bool,
}

impl Recorder {
    pub(super) const fn new(shapes: Shapes) -> Self {
        Self(Mutex::new(Inner { shapes, credential: None, requests: Vec::new(), bytes: 0, is_full: false }))
    }

    /// Records an exchange that ended at `now`.
    pub(super) fn saw(&self, exchange: &Exchange<'_>, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(exchange, now);
    }

    /// The account's credential, the requests, and whether there were more.
    pub(super) fn recorded(&self) -> (String, Vec<Recorded>, bool) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let credential = inner.credential.clone().unwrap_or_else(|| "<token 1>".to_owned());
        (credential, std::mem::take(&mut inner.requests), inner.is_full)
    }
}

impl Inner {
    fn record(&mut self, exchange: &Exchange<'_>, now: Timestamp) {
        if self.is_full || self.requests.len() >= MAX_REQUESTS {
            self.is_full = true;
            return;
        }
        let shapes = &mut self.shapes;
        let credential = shapes.credential(provider::credential(exchange.request_headers).unwrap_or_default());
        self.credential.get_or_insert_with(|| credential.clone());
        let (body, unreadable) = match exchange.body {
            Ok(body) => match serde_json::from_slice::<Value>(body) {
                Ok(json) => (Some(shapes.body(&json, now)), None),
                Err(error) => (None, Some(looks_like(body, &error))),
            },
            Err(ErrorKind::Forbidden { json: true } | ErrorKind::NotFound { json: true }) => {
                (Some(Value::Object(serde_json::Map::default())), None)
            }
            Err(_) => (None, None),
        };
        self.bytes += body.as_ref().map_or(0, |body| body.to_string().len());
        if self.bytes > MAX_BYTES {
            self.is_full = true;
            return;
        }
        let failure =
            exchange.body.err().map(|kind| provider::Error { endpoint: exchange.endpoint, kind: kind.clone() });
        // A status says by itself what failed.
        let failure = failure.map(|error| error.outcome()).filter(|outcome| {
            exchange.head.is_none_or(|(status, _)| status.is_success()) && *outcome != Outcome::Rejected
        });
        let parameters = exchange.query.iter().map(|(name, value)| shapes.parameter(name, value, now));
        let query = parameters.collect();
        self.requests.push(Recorded {
            endpoint: exchange.endpoint.to_owned(),
            credential,
            ids: exchange.ids.iter().map(|id| shapes.id(id)).collect(),
            query,
            status: exchange.head.map(|(status, _)| status.as_u16()),
            failure: failure.map(|outcome| outcome.as_str().to_owned()),
            headers: exchange.head.map(|(_, headers)| allowed(headers)).unwrap_or_default(),
            duration_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
            size: exchange.body.map_or(0, <[u8]>::len),
            body,
            unreadable,
        });
    }
}

/// The apparent type of a body that is not JSON.
fn looks_like(body: &[u8], error: &serde_json::Error) -> String {
    let looks = match body.trim_ascii_start().first() {
        None => "empty",
        Some(b'<') => "html",
        Some(_) if error.is_eof() => "cut_off",
        Some(_) => "text",
    };
    looks.to_owned()
}

/// The allow-listed headers: known content types, and numbers. Anything else is named without its value.
fn allowed(headers: &HeaderMap) -> BTreeMap<String, String> {
    let named = |name: &str| {
        let value = headers.get(name)?.to_str().unwrap_or_default().trim().to_ascii_lowercase();
        let content_type = CONTENT_TYPES.iter().find(|known| value.split(';').next() == Some(**known));
        let is_number = !value.is_empty() && value.len() <= 6 && value.bytes().all(|byte| byte.is_ascii_digit());
        let value = match content_type.filter(|_| name == "content-type") {
            Some(known) => (*known).to_owned(),
            None if is_number => value,
            None => "other".to_owned(),
        };
        Some((name.to_owned(), value))
    };
    HEADERS.iter().filter_map(|name| named(name)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::StatusCode;

    use super::*;
    use crate::domain::Provider;

    #[test]
    fn a_header_is_a_number_or_a_known_type() {
        let headers = [
            ("content-type", "application/json; charset=canary"),
            ("retry-after", "120"),
            ("x-api-limit-resets", "canary"),
            ("set-cookie", "canary"),
        ];
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let found = allowed(&headers);
        let expected = [("content-type", "application/json"), ("retry-after", "120"), ("x-api-limit-resets", "other")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn a_recording_is_bounded() {
        let recorder = Recorder::new(Shapes::new(Provider::Dropsuite, []));
        let (headers, head) = (HeaderMap::new(), (StatusCode::OK, HeaderMap::new()));
        let body = format!("[{}0]", "0,".repeat(1 << 20));
        let exchange = Exchange {
            endpoint: "/users",
            ids: &[],
            query: &[],
            request_headers: &headers,
            head: Some(&head),
            body: Ok(body.as_bytes()),
            took: Duration::ZERO,
        };
        for _ in 0..9 {
            recorder.saw(&exchange, Timestamp::from_millis(1_763_752_800_000));
        }
        let (_, requests, is_full) = recorder.recorded();
        assert_eq!((requests.len(), is_full), (7, true));
    }
}
