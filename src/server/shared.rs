//! Holds what all connections of the server share.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Timeouts;
use super::gate::Gate;
use super::live_web_config::LiveWebConfig;
use super::log_throttle::LogThrottle;

/// How many connections are open at once, over all listeners; half of what a process may usually open.
pub(super) const MAX_CONNECTIONS: usize = 512;
/// With fewer free places than this, connections that do nothing are closed early.
const MIN_FREE: usize = MAX_CONNECTIONS / 4;

/// What all connections have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) gate: Gate,
    pub(super) web: Arc<LiveWebConfig>,
    /// No more requests are taken; answers under way end.
    pub(super) stopping: CancellationToken,
    /// Even those end.
    pub(super) giving_up: CancellationToken,
    /// Limits the log lines about failed TLS handshakes.
    pub(super) failed_handshakes: LogThrottle,
    pub(super) connections: TaskTracker,
    /// One permit for each connection that may still be opened; never closed.
    pub(super) places: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn new(gate: Gate, web: Arc<LiveWebConfig>, stopping: CancellationToken) -> Self {
        Self {
            gate,
            web,
            stopping,
            giving_up: CancellationToken::new(),
            failed_handshakes: LogThrottle::default(),
            connections: TaskTracker::new(),
            places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }

    /// How long a connection without progress is kept at present.
    pub(super) fn timeouts(&self) -> Timeouts {
        if self.places.available_permits() < MIN_FREE { Timeouts::SHORT } else { Timeouts::USUAL }
    }
}
