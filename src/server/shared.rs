//! Holds the state shared by all connections.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Timeouts;
use super::connections::Connections;
use super::gate::Gate;
use super::live_web_config::LiveWebConfig;
use super::log_throttle::LogThrottle;

/// State shared by all connections.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) gate: Gate,
    pub(super) web: Arc<LiveWebConfig>,
    /// Cancelled to accept no more requests; responses in progress finish.
    pub(super) stopping: CancellationToken,
    /// Cancelled to abort these as well.
    pub(super) giving_up: CancellationToken,
    /// Limits the log lines about failed TLS handshakes.
    pub(super) failed_handshakes: LogThrottle,
    /// The open connections.
    pub(super) connections: Arc<Connections>,
    /// The tasks that serve them.
    pub(super) tasks: TaskTracker,
}

impl Shared {
    pub(super) fn new(gate: Gate, web: Arc<LiveWebConfig>, stopping: CancellationToken) -> Self {
        Self {
            gate,
            web,
            stopping,
            giving_up: CancellationToken::new(),
            failed_handshakes: LogThrottle::default(),
            connections: Arc::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// The current timeouts of connections.
    pub(super) fn timeouts(&self) -> Timeouts {
        if self.connections.are_many() { Timeouts::SHORT } else { Timeouts::USUAL }
    }
}
