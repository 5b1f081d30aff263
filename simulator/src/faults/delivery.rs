//! Sends an answer over the wire, rightly or wrongly.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::ReaderStream;

use super::{Fault, RetryAfter};

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const PAGE: &str =
    "<!DOCTYPE html><html><head><title>Please stand by</title></head><body><h1>Please stand by</h1></body></html>";

/// An answer as the vendor sends it when nothing is wrong.
pub(crate) fn json_response(status: StatusCode, answer: &Value) -> Response {
    response(status, JSON, Body::from(answer.to_string()))
}

/// The answer as this fault leaves it; `now` is the fake's present in milliseconds since the Unix epoch.
pub(crate) fn deliver(fault: &Fault, status: StatusCode, answer: &Value, now: i64) -> Response {
    match fault {
        Fault::Unauthorized => error(StatusCode::UNAUTHORIZED, "Unauthorized"),
        Fault::Forbidden => error(StatusCode::FORBIDDEN, "You are not authorized to perform this action"),
        Fault::NotFound => json_response(StatusCode::NOT_FOUND, &json!({"status": 404, "error": "Not Found"})),
        Fault::TooManyRequests(retry_after) => too_many_requests(*retry_after, now),
        Fault::ServerError(500) => {
            let body = json!({"status": 500, "error": "Internal Server Error"});
            json_response(StatusCode::INTERNAL_SERVER_ERROR, &body)
        }
        Fault::ServerError(code) => {
            let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::BAD_GATEWAY);
            response(status, HTML, Body::from(PAGE))
        }
        Fault::Html200 => response(StatusCode::OK, HTML, Body::from(PAGE)),
        Fault::EmptyBody200 => response(StatusCode::OK, JSON, Body::empty()),
        Fault::WrongContentType => response(status, "text/plain", Body::from(answer.to_string())),
        Fault::TruncatedJson => {
            let mut body = answer.to_string().into_bytes();
            body.truncate(body.len() / 2);
            response(status, JSON, Body::from(body))
        }
        Fault::ResetMidBody => {
            let mut body = answer.to_string().into_bytes();
            let length = body.len();
            body.truncate(length / 2);
            let broken = Script { padding: 0, rest: body, sent: 0, end: End::Broken { flushed: false } };
            let mut reply = response(status, JSON, Body::from_stream(ReaderStream::new(broken)));
            reply.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            reply
        }
        Fault::OversizedBody(bytes) => {
            let padded = Script { padding: *bytes, rest: answer.to_string().into_bytes(), sent: 0, end: End::Regular };
            response(status, JSON, Body::from_stream(ReaderStream::new(padded)))
        }
        Fault::DeepNesting => {
            const LEVELS: usize = 100_000;
            response(status, JSON, Body::from("[".repeat(LEVELS) + &"]".repeat(LEVELS)))
        }
        Fault::Redirect(location) => {
            let reply = response(StatusCode::FOUND, HTML, Body::from(PAGE));
            with_header(reply, header::LOCATION, location)
        }
        Fault::Stall
        | Fault::Delay(_)
        | Fault::TruncatedListing
        | Fault::EmptyList
        | Fault::RepeatedPage
        | Fault::RetypedField { .. }
        | Fault::MissingField(_)
        | Fault::UnknownWord { .. } => json_response(status, answer),
    }
}

fn too_many_requests(retry_after: RetryAfter, now: i64) -> Response {
    let reply = error(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    match retry_after {
        RetryAfter::Missing => reply,
        RetryAfter::Seconds(seconds) => with_header(reply, header::RETRY_AFTER, &seconds.to_string()),
        RetryAfter::Date(later) => {
            let moment = UNIX_EPOCH + Duration::from_millis(now.try_into().unwrap_or_default()) + later;
            with_header(reply, header::RETRY_AFTER, &httpdate::fmt_http_date(moment))
        }
    }
}

fn error(status: StatusCode, text: &str) -> Response {
    json_response(status, &json!({"errors": {"user": [text]}}))
}

fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    // A value that is no legal header is a mistake of the test that injected it; it then meets a missing header.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// A body that comes in pieces: white space first, then the rest, then the end or a broken connection.
struct Script {
    padding: u64,
    rest: Vec<u8>,
    sent: usize,
    end: End,
}

enum End {
    Regular,
    Broken { flushed: bool },
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        const SPACES: [u8; 4_096] = [b' '; 4_096];
        if self.padding > 0 {
            let room = buffer.remaining().min(SPACES.len());
            let piece = room.min(usize::try_from(self.padding).unwrap_or(room));
            buffer.put_slice(&SPACES[..piece]);
            self.padding -= piece as u64;
        } else if self.sent < self.rest.len() {
            let end = self.rest.len().min(self.sent + buffer.remaining());
            buffer.put_slice(&self.rest[self.sent..end]);
            self.sent = end;
        } else if let End::Broken { flushed } = &mut self.end {
            if *flushed {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            // Without a pause the head and the beginning of the body would be dropped unsent.
            *flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}
