//! The signals of Unix.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGINT.
pub(super) struct Terminations {
    terminate: Signal,
    interrupt: Signal,
}

impl Terminations {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGHUP.
#[derive(Debug)]
pub(super) struct HangUps(Signal);

impl HangUps {
    pub(super) fn new() -> io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    pub(super) async fn next(&mut self) -> Option<()> {
        self.0.recv().await
    }
}

pub(super) fn ignore_file_size_limit() -> io::Result<()> {
    // The number is the same on Linux and macOS on all supported architectures. Installing the handler once suffices:
    // the default action is never restored.
    const SIGXFSZ: i32 = 25;
    signal(SignalKind::from_raw(SIGXFSZ)).map(drop)
}
