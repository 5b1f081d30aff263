//! Reads the HTTP settings: whether HTTP/2 is enabled, and the headers of every response.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
};
use axum::http::{HeaderName, HeaderValue};

use crate::config::decoder::Field;

const KEYS: &[&str] = &["http2", "headers"];

/// A header that may be set, and its allowed values; empty means any.
type Allowed = (&'static str, HeaderName, &'static [&'static str]);

/// The headers of exporter-toolkit; no others are accepted.
const HEADERS: [Allowed; 5] = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY, &[]),
    ("X-Frame-Options", X_FRAME_OPTIONS, &["deny", "sameorigin"]),
    ("X-Content-Type-Options", X_CONTENT_TYPE_OPTIONS, &["nosniff"]),
    ("X-XSS-Protection", X_XSS_PROTECTION, &[]),
    ("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY, &[]),
];

/// The section, decoded.
pub(super) struct Http {
    /// Only over TLS, negotiated by client and server.
    pub(super) is_http2: bool,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Default for Http {
    fn default() -> Self {
        Self { is_http2: true, headers: Vec::new() }
    }
}

/// `None` if and only if a problem was reported.
pub(super) fn decode(field: &Field<'_>) -> Option<Http> {
    let section = field.section(KEYS)?;
    let is_http2 = section.get("http2").map_or(Some(true), |field| super::words::truth(&field));
    let headers = section.get("headers").map_or_else(|| Some(Vec::new()), |field| headers(&field));
    Some(Http { is_http2: is_http2?, headers: headers? })
}

fn headers(field: &Field<'_>) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let names: Vec<_> = HEADERS.iter().map(|(written, ..)| *written).collect();
    let section = field.section(&names)?;
    let given = HEADERS.iter().filter_map(|allowed| Some((allowed, section.get(allowed.0)?)));
    // All of them are checked, so that every problem is reported.
    let decoded: Vec<_> = given.map(|(allowed, field)| header(allowed, &field)).collect();
    Some(decoded.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// `Some(None)` means that it is blank, and therefore not set.
fn header((written, name, accepted): &Allowed, field: &Field<'_>) -> Option<Option<(HeaderName, HeaderValue)>> {
    let text = super::words::text_or_blank(field)?;
    let Some(text) = text else { return Some(None) };
    if !accepted.is_empty() && !accepted.contains(&text.value.as_str()) {
        field.problem(format!(
            "{} is not a valid value of {written} (accepted: {})",
            text.shown(),
            accepted.join(", ")
        ));
        return None;
    }
    match HeaderValue::from_str(&text.value) {
        Ok(value) => Some(Some((name.clone(), value))),
        Err(_) => {
            field.problem(format!("{} contains characters not allowed in an HTTP header", text.shown()));
            None
        }
    }
}
