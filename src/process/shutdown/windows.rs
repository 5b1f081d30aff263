//! The console events of Windows.

use std::io;

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

/// Ctrl-C and Ctrl-Break.
pub(super) struct Terminations {
    terminate: CtrlBreak,
    interrupt: CtrlC,
}

impl Terminations {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: ctrl_break()?, interrupt: ctrl_c()? })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// None: a reload is requested over HTTP.
#[derive(Debug)]
pub(super) struct HangUps;

#[expect(clippy::unnecessary_wraps, reason = "like on Unix")]
impl HangUps {
    pub(super) const fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Option<()> {
        std::future::pending().await
    }
}

#[expect(clippy::unnecessary_wraps, reason = "like on Unix")]
pub(super) const fn ignore_file_size_limit() -> io::Result<()> {
    // There is no such limit.
    Ok(())
}
