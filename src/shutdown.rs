//! Turns SIGINT and SIGTERM into a clean stop; a second signal does not wait for it.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

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
        tracing::info!("stopping; a second signal stops at once");
        token.cancel();
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("stopped by a second signal");
        #[expect(clippy::exit, reason = "whoever sends a second signal does not want to wait for anything")]
        std::process::exit(1);
    });
    Ok(stopping)
}

async fn either(first: &mut Signal, second: &mut Signal) {
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
    }
}
