//! Collects the shapes of all responses while a client receives them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::domain::{Outcome, Timestamp};
use crate::provider::{self, ErrorKind, Exchange};
use crate::recording::{Extent, MAX_REQUESTS, Recorded, Shapes};

/// Maximum size of all requests and responses as they are in the file, which must be readable again.
const MAX_BYTES: usize = 48 << 20;
/// Each line of a request has so many spaces more in the file.
const INDENTATION: usize = 4;
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
    extent: Extent,
    is_full: bool,
}

impl Recorder {
    pub(super) const fn new(shapes: Shapes) -> Self {
        let extent = Extent::BESIDE_REQUESTS;
        Self(Mutex::new(Inner { shapes, credential: None, requests: Vec::new(), bytes: 0, extent, is_full: false }))
    }

    /// Records an exchange that ended at `now`.
    pub(super) fn saw(&self, exchange: &Exchange<'_>, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(exchange, now);
    }

    /// The recorded id of a tenant.
    pub(super) fn tenant(&self, id: &str) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).shapes.id(id)
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
            Ok(body) => match serde_json::from_str::<Value>(&provider::valid_text(body)) {
                Ok(json) => (Some(shapes.body(&json, now)), None),
                Err(error) => (None, Some(looks_like(body, &error))),
            },
            Err(ErrorKind::Forbidden { json: true } | ErrorKind::NotFound { json: true }) => {
                (Some(Value::Object(serde_json::Map::default())), None)
            }
            Err(_) => (None, None),
        };
        let failure =
            exchange.body.err().map(|kind| provider::Error { endpoint: exchange.endpoint, kind: kind.clone() });
        // A status says by itself what failed.
        let failure = failure.map(|error| error.outcome()).filter(|outcome| {
            exchange.head.is_none_or(|(status, _)| status.is_success()) && *outcome != Outcome::Rejected
        });
        let parameters = exchange.query.iter().map(|(name, value)| shapes.parameter(name, value, now));
        let query = parameters.collect();
        let recorded = Recorded {
            endpoint: exchange.endpoint.to_owned(),
            credential,
            ids: exchange.ids.iter().map(|id| shapes.id(id)).collect(),
            query,
            status: exchange.head.map(|(status, _)| status.as_u16()),
            failure: failure.map(|outcome| outcome.as_str().to_owned()),
            headers: exchange.head.map(|(_, headers)| allowed(headers, now)).unwrap_or_default(),
            duration_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
            size: exchange.body.map_or(0, <[u8]>::len),
            body,
            unreadable,
        };
        let written = recorded.to_json();
        self.bytes += written.len() + INDENTATION * written.lines().count();
        self.extent = self.extent.and(Extent::of(written.as_bytes()));
        self.is_full = self.bytes > MAX_BYTES || self.extent.excess().is_some();
        if !self.is_full {
            self.requests.push(recorded);
        }
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

/// The allow-listed headers of a response received at `now`: known content types, numbers, and how far other times are
/// away. Anything else is named without its value.
fn allowed(headers: &HeaderMap, now: Timestamp) -> BTreeMap<String, String> {
    let named = |name: &str| {
        let value = headers.get(name)?.to_str().unwrap_or_default().trim().to_ascii_lowercase();
        let content_type = CONTENT_TYPES.iter().find(|known| value.split(';').next() == Some(**known));
        let is_number = !value.is_empty() && value.len() <= 6 && value.bytes().all(|byte| byte.is_ascii_digit());
        let value = match (name, content_type) {
            ("content-type", Some(known)) => (*known).to_owned(),
            ("content-type", None) => "other".to_owned(),
            _ if is_number => value,
            ("retry-after" | "x-api-limit-resets", _) => match provider::delay(headers, name, now) {
                Some(delay) => format!("in {}s", delay.as_secs()),
                None => "other".to_owned(),
            },
            _ => "other".to_owned(),
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

    fn found(headers: &[(&str, &str)]) -> BTreeMap<String, String> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        allowed(&headers, Timestamp::from_millis(1_763_752_800_000))
    }

    #[test]
    fn a_header_is_a_number_or_a_known_type() {
        let headers = [
            ("content-type", "application/json; charset=canary"),
            ("retry-after", "120"),
            ("x-api-limit-resets", "canary"),
            ("set-cookie", "canary"),
        ];
        let expected = [("content-type", "application/json"), ("retry-after", "120"), ("x-api-limit-resets", "other")];
        assert_eq!(found(&headers), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        for (value, expected) in [
            ("Fri, 21 Nov 2025 19:50:00 GMT", "in 1800s"),
            ("1763754600", "in 1800s"),
            ("2125550123", "in 3600s"),
            ("Ada", "other"),
        ] {
            assert_eq!(found(&[("retry-after", value)])["retry-after"], expected);
        }
        assert_eq!(found(&[("content-type", "212555")])["content-type"], "other");
        assert_eq!(found(&[("x-api-limit-remaining", "2125550123")])["x-api-limit-remaining"], "other");
    }

    #[test]
    fn a_recording_is_bounded() {
        let (headers, head) = (HeaderMap::new(), (StatusCode::OK, HeaderMap::new()));
        let few = Extent::BESIDE_REQUESTS;
        for (bytes, extent, expected) in [
            (0, few, (1, false)),
            (MAX_BYTES, few, (0, true)),
            (0, few.and(Extent::of("{".repeat(200_000).as_bytes())), (0, true)),
            (0, few.and(Extent::of(",".repeat(2_000_000).as_bytes())), (0, true)),
        ] {
            let recorder = Recorder::new(Shapes::new(Provider::Dropsuite, []));
            let mut inner = recorder.0.lock().unwrap();
            (inner.bytes, inner.extent) = (bytes, extent);
            drop(inner);
            let exchange = Exchange {
                endpoint: "/users",
                ids: &[],
                query: &[],
                request_headers: &headers,
                head: Some(&head),
                body: Ok(b"[{}]"),
                took: Duration::ZERO,
            };
            recorder.saw(&exchange, Timestamp::from_millis(1_763_752_800_000));
            let (_, requests, is_full) = recorder.recorded();
            assert_eq!((requests.len(), is_full), expected);
        }
    }
}
