//! Handles signals: SIGINT and SIGTERM shut down gracefully (a second one exits at once), SIGHUP reloads.
//!
//! Windows has Ctrl-C and Ctrl-Break instead of the first two, and nothing instead of SIGHUP.

#[cfg_attr(unix, path = "shutdown/unix.rs")]
#[cfg_attr(windows, path = "shutdown/windows.rs")]
mod platform;

use std::io;

use tokio_util::sync::CancellationToken;

use crate::process::reload::Reloader;

/// A token that the first signal cancels.
///
/// # Errors
///
/// If the signal handlers cannot be installed.
pub fn on_signal() -> io::Result<CancellationToken> {
    let stopping = CancellationToken::new();
    let mut terminations = platform::Terminations::new()?;
    let token = stopping.clone();
    tokio::spawn(async move {
        terminations.next().await;
        tracing::info!("shutting down, send a second signal to exit immediately");
        token.cancel();
        terminations.next().await;
        tracing::warn!("received a second signal, exiting immediately");
        #[expect(clippy::exit, reason = "whoever sends a second signal does not want to wait for anything")]
        std::process::exit(1);
    });
    Ok(stopping)
}

/// Makes writes beyond the file size limit (`ulimit -f`) fail, instead of ending the process.
///
/// # Errors
///
/// If the signal handler cannot be installed.
pub fn ignore_file_size_limit() -> io::Result<()> {
    platform::ignore_file_size_limit()
}

/// SIGHUP, whose default action would end the process.
#[derive(Debug)]
pub struct HangUp(platform::HangUps);

/// Handles SIGHUP from now on.
///
/// # Errors
///
/// If the signal handler cannot be installed.
pub fn on_hang_up() -> io::Result<HangUp> {
    platform::HangUps::new().map(HangUp)
}

impl HangUp {
    /// Requests a reload at each signal; the result is logged elsewhere.
    pub async fn reload(mut self, reloader: Reloader) {
        while self.0.next().await.is_some() {
            let _ = reloader.reload().await;
        }
    }
}
