//! Sends a response, correctly or with a fault.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
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

/// What a fault answers in the vendor's place, `None` when the vendor does answer.
///
/// `error` words the vendor's error of a status; `now` is the fake's present in milliseconds since the Unix epoch.
pub(crate) fn replacement(fault: &Fault, now: i64, error: impl Fn(StatusCode) -> Value) -> Option<Response> {
    let refuse = |status| json_response(status, &error(status));
    Some(match fault {
        Fault::Unauthorized => refuse(StatusCode::UNAUTHORIZED),
        Fault::Forbidden => refuse(StatusCode::FORBIDDEN),
        Fault::NotFound => refuse(StatusCode::NOT_FOUND),
        Fault::TooManyRequests(retry_after) => {
            with_retry_after(refuse(StatusCode::TOO_MANY_REQUESTS), *retry_after, now)
        }
        Fault::ServerError(500) => refuse(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::ServerError(code) => html(StatusCode::from_u16(*code).unwrap_or(StatusCode::BAD_GATEWAY)),
        Fault::Html200 => html(StatusCode::OK),
        Fault::Redirect(location) => with_header(html(StatusCode::FOUND), header::LOCATION, location),
        _ => return None,
    })
}

/// The vendor's answer as this fault leaves it.
pub(crate) fn deliver(fault: Option<&Fault>, status: StatusCode, answer: &Value) -> Response {
    let Some(fault) = fault else { return json_response(status, answer) };
    let body = answer.to_string().into_bytes();
    let (length, half) = (body.len(), body[..body.len() / 2].to_vec());
    let script = |padding, rest, end| Body::from_stream(ReaderStream::new(Script { padding, rest, sent: 0, end }));
    match fault {
        Fault::EmptyBody200 => response(StatusCode::OK, JSON, Body::empty()),
        Fault::WrongContentType => response(status, "text/plain", Body::from(body)),
        Fault::TruncatedJson => response(status, JSON, Body::from(half)),
        Fault::ResetMidBody => {
            let mut reply = response(status, JSON, script(0, half, End::Broken { flushed: false }));
            reply.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            reply
        }
        Fault::OversizedBody(bytes) => response(status, JSON, script(*bytes, body, End::Regular)),
        Fault::DeepNesting => {
            const LEVELS: usize = 100_000;
            response(status, JSON, Body::from("[".repeat(LEVELS) + &"]".repeat(LEVELS)))
        }
        _ => response(status, JSON, Body::from(body)),
    }
}

/// Says when to come back; a date is counted from `now`, in milliseconds since the Unix epoch.
pub(crate) fn with_retry_after(reply: Response, retry_after: RetryAfter, now: i64) -> Response {
    match retry_after {
        RetryAfter::Missing => reply,
        RetryAfter::Seconds(seconds) => with_header(reply, header::RETRY_AFTER, &seconds.to_string()),
        RetryAfter::Date(later) => {
            let moment = UNIX_EPOCH + Duration::from_millis(now.try_into().unwrap_or_default()) + later;
            with_header(reply, header::RETRY_AFTER, &httpdate::fmt_http_date(moment))
        }
    }
}

/// The page of an edge, a proxy or a portal between the client and the vendor.
pub(crate) fn html(status: StatusCode) -> Response {
    response(status, HTML, Body::from(PAGE))
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
