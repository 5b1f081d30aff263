//! Watches what moves on a connection, so that one on which nothing does can be told from one that is busy.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long a connection may keep its place without doing what it is there for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From the first byte of a request to the end of its head, and from a connection's beginning to its first request.
    pub(super) head: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
    /// Without the client taking anything of its answer.
    pub(super) stalled: Duration,
}

impl Patience {
    /// While places are free. Between scrapes every two minutes a connection is kept.
    pub(super) const USUAL: Self =
        Self { head: Duration::from_secs(10), idle: Duration::from_secs(180), stalled: Duration::from_secs(60) };
    /// While few are: whoever does nothing makes room for who does.
    pub(super) const SHORT: Self =
        Self { head: Duration::from_secs(2), idle: Duration::from_secs(2), stalled: Duration::from_secs(10) };
}

/// What moved on a connection, and when.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    /// Whether bytes may come that belong to no request.
    is_http2: bool,
}

#[derive(Debug)]
struct State {
    /// When any byte came or went.
    moved: Instant,
    /// Since when the head of a request has been awaited or is incomplete.
    head_since: Option<Instant>,
    /// Since when the client has taken nothing.
    stalled_since: Option<Instant>,
    /// Requests whose answer is being made.
    answering: usize,
}

impl Activity {
    pub(super) fn new(is_http2: bool) -> Arc<Self> {
        let now = Instant::now();
        let state = State { moved: now, head_since: Some(now), stalled_since: None, answering: 0 };
        Arc::new(Self { state: Mutex::new(state), is_http2 })
    }

    /// Says that a request's head is complete; its answer is being made until the result is dropped.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        let mut state = self.state();
        state.head_since = None;
        state.answering += 1;
        Answering(Arc::clone(self))
    }

    /// Whether nothing has moved for longer than there is patience.
    pub(super) fn is_overdue(&self, now: Instant, patience: Patience) -> bool {
        let state = self.state();
        let is_past = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        state.stalled_since.is_some_and(|since| is_past(since, patience.stalled))
            || state.answering == 0
                && (state.head_since.is_some_and(|since| is_past(since, patience.head))
                    || is_past(state.moved, patience.idle))
    }

    fn came(&self) {
        let mut state = self.state();
        state.moved = Instant::now();
        if state.answering == 0 && !self.is_http2 && state.head_since.is_none() {
            state.head_since = Some(state.moved);
        }
    }

    fn went(&self) {
        let mut state = self.state();
        state.moved = Instant::now();
        state.stalled_since = None;
    }

    fn stalls(&self) {
        self.state().stalled_since.get_or_insert_with(Instant::now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer in the making.
#[derive(Debug)]
pub(super) struct Answering(Arc<Activity>);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.answering -= 1;
        state.moved = Instant::now();
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
            Poll::Ready(_) => self.activity.went(),
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
            self.activity.came();
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
    use super::*;

    const PATIENCE: Patience = Patience::USUAL;

    fn after(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_that_asks_nothing_is_overdue_after_ten_seconds() {
        let activity = Activity::new(false);
        assert!(!activity.is_overdue(after(9), PATIENCE));
        assert!(activity.is_overdue(after(11), PATIENCE));
        activity.came();
        assert!(activity.is_overdue(after(11), PATIENCE), "single bytes of a head win no time");
    }

    #[test]
    fn an_answer_in_the_making_is_never_overdue_and_a_pause_after_it_is_short_of_time_later() {
        let activity = Activity::new(false);
        let answering = activity.answering();
        assert!(!activity.is_overdue(after(3600), PATIENCE));
        drop(answering);
        assert!(!activity.is_overdue(after(179), PATIENCE));
        assert!(activity.is_overdue(after(181), PATIENCE));
        assert!(activity.is_overdue(after(3), Patience::SHORT), "where places are few");
        activity.came();
        assert!(activity.is_overdue(after(11), PATIENCE), "the next request has begun and must end");
    }

    #[test]
    fn a_client_that_takes_nothing_of_its_answer_is_overdue() {
        let activity = Activity::new(false);
        let _answering = activity.answering();
        activity.stalls();
        assert!(!activity.is_overdue(after(59), PATIENCE));
        assert!(activity.is_overdue(after(61), PATIENCE));
        activity.went();
        assert!(!activity.is_overdue(after(3600), PATIENCE));
    }

    #[test]
    fn frames_that_are_no_request_begin_none() {
        let activity = Activity::new(true);
        drop(activity.answering());
        activity.came();
        assert!(!activity.is_overdue(after(11), PATIENCE));
    }
}
