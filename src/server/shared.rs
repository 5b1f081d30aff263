//! Holds what all connections of the server share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Timeouts;
use super::connections::Connections;
use super::gate::Gate;
use super::live_web_config::LiveWebConfig;
use super::log_throttle::LogThrottle;

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
    /// Those that are open.
    pub(super) connections: Arc<Connections>,
    /// What serves them.
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

    /// How long a connection without progress is kept at present.
    pub(super) fn timeouts(&self) -> Timeouts {
        if self.connections.are_many() { Timeouts::SHORT } else { Timeouts::USUAL }
    }
}
