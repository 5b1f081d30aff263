//! Handles signals: SIGINT and SIGTERM shut down gracefully (a second one exits at once), SIGHUP reloads.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::process::reload::Reloader;

/// A token that the first signal cancels.
///
/// # Errors
///
/// If the signal handlers cannot be installed.
pub fn on_signal() -> io::Result<CancellationToken> {
    let stopping = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = stopping.clone();
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("shutting down, send a second signal to exit immediately");
        token.cancel();
        either(&mut terminate, &mut interrupt).await;
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
    // The number is the same on Linux and macOS on all supported architectures. Installing the handler once suffices:
    // the default action is never restored.
    const SIGXFSZ: i32 = 25;
    signal(SignalKind::from_raw(SIGXFSZ)).map(drop)
}

/// SIGHUP, whose default action would end the process.
#[derive(Debug)]
pub struct HangUp(Signal);

/// Handles SIGHUP from now on.
///
/// # Errors
///
/// If the signal handler cannot be installed.
pub fn on_hang_up() -> io::Result<HangUp> {
    signal(SignalKind::hangup()).map(HangUp)
}

impl HangUp {
    /// Requests a reload at each signal; the result is logged elsewhere.
    pub async fn reload(mut self, reloader: Reloader) {
        while self.0.recv().await.is_some() {
            let _ = reloader.reload().await;
        }
    }
}

async fn either(first: &mut Signal, second: &mut Signal) {
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
    }
}
