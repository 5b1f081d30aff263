//! Turns SIGINT and SIGTERM into a clean stop (a second signal does not wait for it), and SIGHUP into a reload.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::process::reload::Reloader;

/// A token that is cancelled by the first signal.
///
/// # Errors
///
/// When the signals cannot be listened for.
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

/// Has a file that would become too large refused where it is written, instead of ending the process (`ulimit -f`).
///
/// # Errors
///
/// When the signal cannot be listened for.
pub fn ignore_file_size_limit() -> io::Result<()> {
    // The number is that of Linux and macOS on every architecture that the exporter is built for. That it is listened for
    // once is enough: its default action never comes back.
    const SIGXFSZ: i32 = 25;
    signal(SignalKind::from_raw(SIGXFSZ)).map(drop)
}

/// SIGHUP, which ends a process that does not listen for it.
#[derive(Debug)]
pub struct HangUp(Signal);

/// Listens for SIGHUP from now on.
///
/// # Errors
///
/// When the signal cannot be listened for.
pub fn on_hang_up() -> io::Result<HangUp> {
    signal(SignalKind::hangup()).map(HangUp)
}

impl HangUp {
    /// Asks for a reload at each signal; the result is logged where it is decided.
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
