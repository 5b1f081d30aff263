//! Classifies failures without a response.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::provider::ErrorKind;

/// The kind of an HTTP client error; never contains the URL.
pub(super) fn classify(error: &reqwest::Error, limit: Duration) -> ErrorKind {
    if let Some(reason) = causes(error).find_map(tls_reason) {
        return ErrorKind::Tls { reason };
    }
    if error.is_timeout() {
        return ErrorKind::Timeout { limit };
    }
    if error.is_connect() {
        // The resolver's error has no public type in the client, only this message.
        if causes(error).any(|cause| cause.to_string().contains("dns error")) {
            return ErrorKind::Dns;
        }
        return ErrorKind::Connect { reason: innermost(error) };
    }
    if let Some(reason) = causes(error).find_map(malformed) {
        return ErrorKind::Malformed { reason };
    }
    ErrorKind::Interrupted
}

/// The HTTP library's message for invalid HTTP; contains nothing of the response.
fn malformed(cause: &(dyn Error + 'static)) -> Option<String> {
    cause.downcast_ref::<hyper::Error>().filter(|error| error.is_parse()).map(ToString::to_string)
}

/// The message of the innermost cause: the outer ones repeat the URL.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "no cause given".to_owned(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// The TLS library's message, if it is the cause: it is nested in I/O errors, which `source` skips.
fn tls_reason(cause: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(error.to_string());
    }
    tls_reason(cause.downcast_ref::<io::Error>()?.get_ref()?)
}
