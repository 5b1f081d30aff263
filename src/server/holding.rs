//! Ties what a response occupies to its body: it is released once the last byte was read or the client disconnected.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::activity::Answering;

/// The most that one stream of HTTP/2 is handed at once. It is buffered beside the body as soon as the client takes a
/// single byte of it; the rest stays here, and so does the place.
const MAX_FRAME_BYTES: usize = 64 << 10;

/// A body that ends its response when it is dropped.
#[derive(Debug)]
pub(super) struct Holding {
    body: Body,
    /// What of a piece is for the next frames.
    rest: Bytes,
    answering: Arc<Answering>,
}

impl Holding {
    pub(super) fn new(body: Body, answering: Arc<Answering>) -> Self {
        answering.waits_for_client();
        Self { body, rest: Bytes::new(), answering }
    }

    /// The next frame of HTTP/2; HTTP/1 writes from the whole piece.
    fn cut(&mut self, mut piece: Bytes) -> Frame<Bytes> {
        if self.answering.is_http2() && piece.len() > MAX_FRAME_BYTES {
            self.rest = piece.split_off(MAX_FRAME_BYTES);
        }
        Frame::data(piece)
    }
}

impl HttpBody for Holding {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.answering.waits_for_body();
        let rest = std::mem::take(&mut self.rest);
        let next = if rest.is_empty() {
            ready!(Pin::new(&mut self.body).poll_frame(context))
        } else {
            Some(Ok(Frame::data(rest)))
        };
        self.answering.waits_for_client();
        Poll::Ready(next.map(|frame| {
            frame.map(|frame| match frame.into_data() {
                Ok(piece) => self.cut(piece),
                Err(trailers) => trailers,
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, following) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(following.lower().saturating_add(rest));
        if let Some(upper) = following.upper().and_then(|upper| upper.checked_add(rest)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::server::activity::Activity;

    /// The lengths of the frames of a body.
    async fn frames(length: usize, is_http2: bool) -> Vec<usize> {
        let activity = Activity::new();
        if is_http2 {
            activity.speaks_http2();
        }
        let whole: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        let mut body = Holding::new(Body::from(whole.clone()), activity.answering());
        let (mut lengths, mut came) = (Vec::new(), Vec::new());
        loop {
            assert_eq!(body.size_hint().exact(), Some((length - came.len()) as u64));
            let Some(frame) = body.frame().await else { break };
            let piece = frame.unwrap().into_data().unwrap();
            lengths.push(piece.len());
            came.extend_from_slice(&piece);
            assert_eq!(body.is_end_stream(), came.len() == length);
        }
        assert_eq!(came, whole);
        lengths
    }

    #[tokio::test]
    async fn a_stream_of_http2_is_handed_little_at_once() {
        const MOST: usize = MAX_FRAME_BYTES;
        for (length, is_http2, expected) in [
            (1, true, vec![1]),
            (MOST, true, vec![MOST]),
            (2 * MOST + 1, true, vec![MOST, MOST, 1]),
            (2 * MOST + 1, false, vec![2 * MOST + 1]),
        ] {
            assert_eq!(frames(length, is_http2).await, expected, "{length} {is_http2}");
        }
    }
}
