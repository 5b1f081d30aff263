//! Restricts what browsers may do with a page.

use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// No scripts, no frames and no external content, even if a name should ever escape its quotes.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of a response that must not be cached.
pub(super) const fn of(content_type: &'static str) -> [(HeaderName, HeaderValue); 5] {
    [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]
}

/// HTML pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// JSON documents.
pub(super) const JSON: &str = "application/json";
/// A table (RFC 4180) whose first line has the names of its columns.
pub(super) const CSV: &str = "text/csv; charset=utf-8; header=present";
/// Plain text.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
