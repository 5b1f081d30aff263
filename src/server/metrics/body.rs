//! Implements response bodies that consist of pieces.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc::Receiver;

/// Pieces that are all available, so that the length is known.
#[derive(Debug)]
pub(super) struct Joined(VecDeque<Bytes>);

/// A beginning that is available, and an ending that is rendered while the beginning is sent.
///
/// The ending is short enough for an async worker: waking another thread would take longer.
pub(super) struct Ended {
    beginning: Option<Bytes>,
    ending: Option<Box<dyn FnOnce() -> String + Send>>,
}

/// A piece of an exposition that is being rendered.
#[derive(Debug)]
pub(super) enum Piece {
    /// More pieces follow.
    More(Bytes),
    /// The last piece.
    Last(Bytes),
}

/// Pieces that arrive one by one; if the last one is missing, the response is aborted, so that the client notices.
#[derive(Debug)]
pub(super) struct Coming {
    first: Option<Bytes>,
    rest: Receiver<Piece>,
    is_whole: bool,
}

impl Joined {
    pub(super) fn new(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        Self(pieces.into_iter().filter(|piece| !piece.is_empty()).collect())
    }
}

impl Ended {
    pub(super) fn new(beginning: Bytes, ending: impl FnOnce() -> String + Send + 'static) -> Self {
        Self { beginning: Some(beginning), ending: Some(Box::new(ending)) }
    }
}

impl Coming {
    pub(super) const fn new(first: Bytes, rest: Receiver<Piece>) -> Self {
        Self { first: Some(first), rest, is_whole: false }
    }
}

impl HttpBody for Joined {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

impl HttpBody for Ended {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.beginning.take() {
            Some(beginning) => Some(beginning),
            None => self.ending.take().map(|ending| Bytes::from(ending())),
        };
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.is_whole {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match ready!(self.rest.poll_recv(context)) {
            Some(Piece::More(bytes)) => Ok(Frame::data(bytes)),
            Some(Piece::Last(bytes)) => {
                self.is_whole = true;
                Ok(Frame::data(bytes))
            }
            None => {
                tracing::error!("rendering metrics failed: the rendering task ended early");
                Err(io::Error::other("rendering metrics failed"))
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn an_exposition_without_its_last_piece_is_an_error() {
        let (sender, receiver) = mpsc::channel(2);
        sender.send(Piece::More("b".into())).await.unwrap();
        drop(sender);
        assert!(Coming::new("a".into(), receiver).collect().await.is_err());
    }

    #[tokio::test]
    async fn pieces_come_in_order_until_the_last() {
        let (sender, receiver) = mpsc::channel(2);
        sender.send(Piece::More("b".into())).await.unwrap();
        sender.send(Piece::Last("c".into())).await.unwrap();
        let body = Coming::new("a".into(), receiver).collect().await.unwrap().to_bytes();
        assert_eq!(body, "abc");
    }

    #[tokio::test]
    async fn an_ending_follows_its_beginning() {
        for (beginning, whole) in [("a", "ab"), ("", "b")] {
            let body = Ended::new(beginning.into(), || "b".to_owned());
            assert_eq!(body.collect().await.unwrap().to_bytes(), whole);
        }
    }

    #[tokio::test]
    async fn pieces_that_are_there_have_a_length() {
        let body = Joined::new(["ab".into(), Bytes::new(), "c".into()]);
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abc");
    }
}
