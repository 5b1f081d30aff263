//! Decides by status whether a response contains a list, and reads its body up to a limit.

use reqwest::{Response, StatusCode};
use serde::de::IgnoredAny;

use crate::provider::error::ErrorKind;

/// Maximum body size after decompression: a page of 100 rows is about 50 kB.
///
/// Reading one takes at most four times as much memory: the body, its unescaped text, a copy of that, and the records
/// (`MAX_RECORDS_OF_PAGE`).
pub(super) const MAX_BODY: usize = 16 * 1024 * 1024;
/// Maximum memory reserved for a body because of its announced length.
const MAX_RESERVED_BODY: usize = 1024 * 1024;
/// Maximum size of a rejection.
const MAX_REFUSAL: usize = 64 * 1024;

/// What a status means before the body is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// The body is the requested data.
    Answered,
    /// Something was rejected; the body shows by whom.
    Refused(Refusal),
    /// The body is irrelevant.
    Failed(ErrorKind),
}

/// The statuses of something that does not exist or is not permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Forbidden,
    NotFound,
}

impl Status {
    /// `is_created_an_answer`: the document specifies 201 for this endpoint.
    pub(super) const fn of(status: StatusCode, is_created_an_answer: bool, credential_hint: &'static str) -> Self {
        match status.as_u16() {
            200 => Self::Answered,
            201 if is_created_an_answer => Self::Answered,
            // Accepted for later, without a body, partial, or transformed: this says nothing about the list.
            status @ 201..=299 => Self::Failed(ErrorKind::NoWholeList { status }),
            401 => Self::Failed(ErrorKind::Unauthorized { hint: credential_hint }),
            403 => Self::Refused(Refusal::Forbidden),
            404 => Self::Refused(Refusal::NotFound),
            429 => Self::Failed(ErrorKind::Throttled { retry_after: None }),
            status @ 500..=599 => Self::Failed(ErrorKind::Server { status }),
            status => Self::Failed(ErrorKind::Rejected { status }),
        }
    }
}

impl Refusal {
    /// Determines whether the API itself rejected the request. The body is read only for this, and discarded.
    pub(super) async fn read(self, response: Response) -> ErrorKind {
        let json = body(response, MAX_REFUSAL).await.is_ok_and(|body| is_json(&body));
        match self {
            Self::Forbidden => ErrorKind::Forbidden { json },
            Self::NotFound => ErrorKind::NotFound { json },
        }
    }
}

/// Why a body is incomplete.
#[derive(Debug)]
pub(super) enum BodyError {
    /// It exceeds the limit.
    TooLarge,
    /// The connection failed.
    Failed(reqwest::Error),
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    // Reserve the announced size, within reason: growing a buffer step by step copies it repeatedly.
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = Vec::with_capacity(announced.min(MAX_RESERVED_BODY));
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Failed)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether the body of a rejection is a JSON object or array, as in every API's errors; a bare word is not.
fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_200_and_a_documented_201_carry_a_list() {
        for status in 200..=299 {
            let of = |created| Status::of(StatusCode::from_u16(status).unwrap(), created, "");
            let failed = Status::Failed(ErrorKind::NoWholeList { status });
            assert_eq!(of(false), if status == 200 { Status::Answered } else { failed.clone() }, "{status}");
            assert_eq!(of(true), if status <= 201 { Status::Answered } else { failed }, "{status}");
        }
    }

    #[test]
    fn no_other_status_is_an_answer() {
        for status in (100..200).chain(300..1000) {
            let status = StatusCode::from_u16(status).unwrap();
            assert_ne!(Status::of(status, true, ""), Status::Answered, "{status}");
        }
    }

    #[test]
    fn a_refusal_in_json_is_distinguished_from_a_page() {
        for (body, expected) in [
            (r#"{"errors":{"user":["You are not authorized to perform this action"]}}"#, true),
            ("\r\n [] ", true),
            (r#"{"code":"exception.notfoundhttpexception"}"#, true),
            ("<!DOCTYPE html><html></html>", false),
            ("", false),
            ("Forbidden", false),
            (r#""Forbidden""#, false),
            ("null", false),
            (r#"{"errors":"#, false),
            (r#"{"errors":{}} and more"#, false),
            ("{<html>}", false),
        ] {
            assert_eq!(is_json(body.as_bytes()), expected, "{body}");
        }
    }
}
