//! Tracks what a connection is doing, so that one that makes no progress is closed and a busy one is not.

use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long a connection may keep its place without doing what it is there for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// From the first byte of a request to the end of its head, and from a connection's beginning to its first request.
    pub(super) head: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
    /// Without the client taking anything of its answer.
    pub(super) stalled: Duration,
}

impl Timeouts {
    /// While places are free. Between scrapes every two minutes a connection is kept.
    pub(super) const USUAL: Self =
        Self { head: Duration::from_secs(10), idle: Duration::from_secs(180), stalled: Duration::from_secs(60) };
    /// While few are: whoever does nothing makes room for who does.
    pub(super) const SHORT: Self =
        Self { head: Duration::from_secs(2), idle: Duration::from_secs(2), stalled: Duration::from_secs(10) };
}

/// What a connection is doing, and since when.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    /// Whether bytes may come that belong to no request.
    is_http2: bool,
}

#[derive(Clone, Copy, Debug)]
struct State {
    phase: Phase,
    /// Since when the client has taken nothing of what is written; the last bytes of an answer outlive its body.
    stalled_since: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The head of a request is awaited or incomplete, from the connection's beginning or the request's first byte on.
    Head { since: Instant },
    /// So many answers are being made or sent.
    Answering { answers: NonZeroUsize },
    /// Between two requests, since the last byte came or went.
    Idle { since: Instant },
}

impl Activity {
    pub(super) fn new(is_http2: bool) -> Arc<Self> {
        let state = State { phase: Phase::Head { since: Instant::now() }, stalled_since: None };
        Arc::new(Self { state: Mutex::new(state), is_http2 })
    }

    /// The head of a request is complete; its answer is being made or sent until the result is dropped.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        let mut state = self.state();
        let others = state.phase.answers();
        state.phase = Phase::Answering { answers: NonZeroUsize::MIN.saturating_add(others) };
        Answering(Arc::clone(self))
    }

    /// Whether the connection has made no progress for longer than its timeouts allow.
    pub(super) fn is_overdue(&self, now: Instant, timeouts: Timeouts) -> bool {
        let State { phase, stalled_since } = *self.state();
        let is_past = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        stalled_since.is_some_and(|since| is_past(since, timeouts.stalled))
            || match phase {
                Phase::Head { since } => is_past(since, timeouts.head),
                Phase::Answering { .. } => false,
                Phase::Idle { since } => is_past(since, timeouts.idle),
            }
    }

    fn received(&self) {
        let mut state = self.state();
        if let Phase::Idle { .. } = state.phase {
            let since = Instant::now();
            state.phase = if self.is_http2 { Phase::Idle { since } } else { Phase::Head { since } };
        }
    }

    fn sent(&self) {
        let mut state = self.state();
        state.stalled_since = None;
        if let Phase::Idle { since } = &mut state.phase {
            *since = Instant::now();
        }
    }

    fn stalls(&self) {
        self.state().stalled_since.get_or_insert_with(Instant::now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Phase {
    const fn answers(self) -> usize {
        match self {
            Self::Answering { answers } => answers.get(),
            Self::Head { .. } | Self::Idle { .. } => 0,
        }
    }
}

/// An answer that is being made or sent; its body holds this.
#[derive(Debug)]
pub(super) struct Answering(Arc<Activity>);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = self.0.state();
        let others = NonZeroUsize::new(state.phase.answers().saturating_sub(1));
        state.phase = match others {
            Some(answers) => Phase::Answering { answers },
            None => Phase::Idle { since: Instant::now() },
        };
    }
}

/// A stream that tells its activity what moves.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Watched<S> {
    pub(super) const fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn written(&self, result: &Poll<io::Result<usize>>) {
        match result {
            Poll::Ready(_) => self.activity.sent(),
            Poll::Pending => self.activity.stalls(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.received();
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(context);
        match &result {
            Poll::Ready(_) => self.activity.state().stalled_since = None,
            Poll::Pending => self.activity.stalls(),
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;
    use crate::server::holding::Holding;

    const USUAL: Timeouts = Timeouts::USUAL;

    fn after(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_that_asks_nothing_is_overdue_after_ten_seconds() {
        let activity = Activity::new(false);
        assert!(!activity.is_overdue(after(9), USUAL));
        assert!(activity.is_overdue(after(11), USUAL));
        activity.received();
        assert!(activity.is_overdue(after(11), USUAL), "single bytes of a head win no time");
    }

    #[test]
    fn an_answer_in_the_making_is_never_overdue_and_a_pause_after_it_is_short_of_time_later() {
        let activity = Activity::new(false);
        let answering = activity.answering();
        assert!(!activity.is_overdue(after(3600), USUAL));
        drop(answering);
        assert!(!activity.is_overdue(after(179), USUAL));
        assert!(activity.is_overdue(after(181), USUAL));
        assert!(activity.is_overdue(after(3), Timeouts::SHORT), "where places are few");
        activity.received();
        assert!(activity.is_overdue(after(11), USUAL), "the next request has begun and must end");
    }

    #[test]
    fn a_client_that_takes_nothing_of_its_answer_is_overdue() {
        let activity = Activity::new(false);
        let _answering = activity.answering();
        activity.stalls();
        assert!(!activity.is_overdue(after(59), USUAL));
        assert!(activity.is_overdue(after(61), USUAL));
        activity.sent();
        assert!(!activity.is_overdue(after(3600), USUAL));
    }

    #[test]
    fn several_answers_of_one_connection_end_with_the_last() {
        let activity = Activity::new(true);
        let (first, second) = (activity.answering(), activity.answering());
        drop(first);
        assert!(!activity.is_overdue(after(3600), USUAL));
        drop(second);
        assert!(activity.is_overdue(after(181), USUAL));
    }

    #[test]
    fn an_answer_lasts_as_long_as_its_body() {
        let activity = Activity::new(false);
        let body = Holding::new(Body::from("a piece"), activity.answering());
        activity.sent();
        assert!(!activity.is_overdue(after(3600), Timeouts::SHORT), "the next piece may take long to make");
        drop(body);
        assert!(activity.is_overdue(after(3), Timeouts::SHORT));
    }

    #[test]
    fn frames_that_are_no_request_begin_none() {
        let activity = Activity::new(true);
        drop(activity.answering());
        activity.received();
        assert!(!activity.is_overdue(after(11), USUAL));
    }
}
