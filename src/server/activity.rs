//! Tracks the activity of a connection, so that it is closed if it makes no progress, but not while it is busy.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// Something that a response occupies until this is dropped.
type Held = Box<dyn Any + Send + Sync>;

/// How long a connection may stay open without progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// From the first byte of a request to the end of its head, and from the start of a connection to its first
    /// request.
    pub(super) head: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
    /// While the client reads nothing of its response.
    pub(super) stalled: Duration,
    /// From the end of a request's head to the last byte of its response.
    pub(super) answer: Duration,
}

impl Timeouts {
    /// While connections are few. Connections survive between scrapes every two minutes.
    pub(super) const USUAL: Self = Self {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(180),
        stalled: Duration::from_secs(60),
        answer: Duration::from_secs(120),
    };
    /// While connections are many: idle ones make room for busy ones.
    pub(super) const SHORT: Self = Self {
        head: Duration::from_secs(2),
        idle: Duration::from_secs(2),
        stalled: Duration::from_secs(10),
        answer: Duration::from_secs(30),
    };
}

/// What a connection is doing, and since when.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    /// Whether bytes may arrive that belong to no request.
    is_http2: AtomicBool,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Since when the client has read nothing.
    stalled_since: Option<Instant>,
    /// How long responses have waited for the client in earlier stalls, since the connection was last idle.
    blocked: Duration,
    /// What finished responses occupy until their last bytes are written.
    held: Vec<Held>,
    next: u64,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Waiting for the rest of a request's head, from the start of the connection or the request's first byte.
    Head { since: Instant },
    /// Preparing or sending these responses, by number.
    Answering { answers: BTreeMap<u64, Answer> },
    /// Every body has ended, and the last bytes are being sent; another request may have begun to arrive.
    Flushing { since: Instant, is_next_begun: bool },
    /// Between two requests, since the last byte was received or sent.
    Idle { since: Instant },
}

/// An answer that is being made or sent. Of HTTP/2 it also says how it waits for its client: where a stream's window is
/// full nothing is written, so that no stall of the connection is seen.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// The end of its request's head.
    since: Instant,
    /// Since when the client has taken nothing of it, though something is there.
    waits_since: Option<Instant>,
    /// How long it has waited for the client before.
    waited: Duration,
}

impl Answer {
    const fn new(since: Instant) -> Self {
        Self { since, waits_since: None, waited: Duration::ZERO }
    }

    fn waits(self, now: Instant) -> Self {
        Self { waits_since: self.waits_since.or(Some(now)), ..self }
    }

    fn goes_on(self, now: Instant) -> Self {
        Self { waits_since: None, waited: self.waited_until(now), ..self }
    }

    fn waited_until(&self, now: Instant) -> Duration {
        self.waited + self.waits_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        let state = State {
            phase: Phase::Head { since: Instant::now() },
            stalled_since: None,
            blocked: Duration::ZERO,
            held: Vec::new(),
            next: 0,
        };
        Arc::new(Self { state: Mutex::new(state), is_http2: AtomicBool::new(false) })
    }

    /// From now on bytes may arrive that belong to no request.
    pub(super) fn speaks_http2(&self) {
        self.is_http2.store(true, Ordering::Relaxed);
    }

    /// Records the end of a request's head; the response is in progress until the result is dropped.
    pub(super) fn answering(self: &Arc<Self>) -> Arc<Answering> {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        let now = Instant::now();
        match &mut state.phase {
            Phase::Answering { answers } => drop(answers.insert(number, Answer::new(now))),
            _ => state.phase = Phase::Answering { answers: BTreeMap::from([(number, Answer::new(now))]) },
        }
        Arc::new(Answering { activity: Arc::clone(self), number, held: Mutex::default() })
    }

    /// Whether the connection has made no progress for longer than its timeouts allow.
    pub(super) fn is_overdue(&self, now: Instant, timeouts: Timeouts) -> bool {
        let state = self.state();
        let is_past = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        state.stalled_since.is_some_and(|since| is_past(since, timeouts.stalled))
            || match &state.phase {
                Phase::Head { since } => is_past(*since, timeouts.head),
                Phase::Answering { answers } => answers.values().any(|answer| {
                    is_past(answer.since, timeouts.answer)
                        || answer.waits_since.is_some_and(|since| is_past(since, timeouts.stalled))
                }),
                Phase::Flushing { since, .. } => is_past(*since, timeouts.answer),
                Phase::Idle { since } => is_past(*since, timeouts.idle),
            }
    }

    /// How long the connection has been idle; `None` while a response is in progress.
    pub(super) fn idle_for(&self, now: Instant) -> Option<Duration> {
        match self.state().phase {
            Phase::Head { since } | Phase::Idle { since } => Some(now.saturating_duration_since(since)),
            Phase::Answering { .. } | Phase::Flushing { .. } => None,
        }
    }

    /// How long responses have waited for the client since the connection was last idle; of several, the longest wait.
    pub(super) fn blocked_for(&self, now: Instant) -> Duration {
        let state = self.state();
        let stalled = state.stalled_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let waited = match &state.phase {
            Phase::Answering { answers } => answers.values().map(|answer| answer.waited_until(now)).max(),
            _ => None,
        };
        waited.unwrap_or_default().max(state.blocked + stalled)
    }

    /// Records that bytes were received.
    fn received(&self) {
        let mut state = self.state();
        let since = Instant::now();
        let is_http2 = self.is_http2.load(Ordering::Relaxed);
        match &mut state.phase {
            Phase::Idle { .. } if is_http2 => state.phase = Phase::Idle { since },
            Phase::Idle { .. } => state.phase = Phase::Head { since },
            Phase::Flushing { is_next_begun, .. } => *is_next_begun = !is_http2,
            Phase::Head { .. } | Phase::Answering { .. } => {}
        }
    }

    /// Records that bytes were sent.
    fn sent(&self) {
        let mut state = self.state();
        state.goes_on();
        if let Phase::Idle { since } = &mut state.phase {
            *since = Instant::now();
        }
    }

    /// Records that everything was sent.
    fn flushed(&self) {
        let mut state = self.state();
        state.goes_on();
        if let Phase::Flushing { is_next_begun, .. } = state.phase {
            let since = Instant::now();
            state.phase = if is_next_begun { Phase::Head { since } } else { Phase::Idle { since } };
            state.blocked = Duration::ZERO;
        }
        let held = std::mem::take(&mut state.held);
        // Dropping these may wake others, which then lock this state.
        drop(state);
        drop(held);
    }

    /// Records that nothing can be sent until the client reads.
    pub(super) fn stalls(&self) {
        self.state().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Records the end of the connection: nothing more will be flushed.
    pub(super) fn ended(&self) {
        self.flushed();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn goes_on(&mut self) {
        if let Some(since) = self.stalled_since.take() {
            self.blocked += since.elapsed();
        }
    }
}

/// A response in progress; held by its body.
#[derive(Debug)]
pub(super) struct Answering {
    activity: Arc<Activity>,
    number: u64,
    held: Mutex<Vec<Held>>,
}

impl Answering {
    pub(super) fn is_http2(&self) -> bool {
        self.activity.is_http2.load(Ordering::Relaxed)
    }

    /// Records that data is ready, and the client has to read it.
    pub(super) fn waits_for_client(&self) {
        self.replace(Answer::waits);
    }

    /// Records that the client has read everything that was ready.
    pub(super) fn waits_for_body(&self) {
        self.replace(Answer::goes_on);
    }

    /// In HTTP/1 a response waits only if the connection stalls.
    fn replace(&self, next: impl FnOnce(Answer, Instant) -> Answer) {
        if !self.is_http2() {
            return;
        }
        if let Phase::Answering { answers } = &mut self.activity.state().phase
            && let Some(answer) = answers.get_mut(&self.number)
        {
            *answer = next(*answer, Instant::now());
        }
    }

    /// Keeps this until the last byte of the response is written.
    pub(super) fn hold(&self, held: impl Any + Send + Sync) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(held));
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.held.append(self.held.get_mut().unwrap_or_else(PoisonError::into_inner));
        if let Phase::Answering { answers } = &mut state.phase
            && let Some(Answer { since, .. }) = answers.remove(&self.number)
            && answers.is_empty()
        {
            state.phase = Phase::Flushing { since, is_next_begun: false };
        }
    }
}

/// A stream that reports its progress to the activity.
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
            Poll::Ready(_) => self.activity.flushed(),
            Poll::Pending => self.activity.stalls(),
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
