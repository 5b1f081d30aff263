//! Implements the subcommands; each takes plain values, and only composes other modules.

pub mod demo;
pub mod doctor;
pub mod hash_password;
pub mod health;
pub mod once;
pub mod record;
pub mod replay;
pub mod report;
pub mod serve;
mod startup;
mod walk;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use tokio::runtime::{Builder, Handle};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

pub use startup::Startup;

use crate::config::Errors;
use crate::process::shutdown;

/// The result of a command that has reported it itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Success.
    Success,
    /// A check or collection failed, which was reported.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::FAILURE,
        }
    }
}

/// Invalid flags or files: exit code 2, while other errors are 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl From<Errors> for Usage {
    fn from(errors: Errors) -> Self {
        Self(errors.to_string())
    }
}

/// Runs a command to its end.
///
/// # Errors
///
/// If the runtime cannot be started, or the command fails.
pub fn block_on<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // At least two workers: one large scrape must not block everything else on a machine with one core.
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(workers).enable_all().build().context("starting the runtime failed")?;
    let result = runtime.block_on(command);
    // A thread that waits for a file on a hanging network mount would keep the process running.
    runtime.shutdown_background();
    result
}

/// Runs a command that has nothing to finish, to its end or until a signal arrives, whatever it waits for by then.
///
/// # Errors
///
/// If the command fails, or a signal ends it.
pub fn interruptible<T, F>(command: impl FnOnce() -> F + Send + 'static) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>>,
{
    block_on(async {
        let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
        let runtime = Handle::current();
        let running = spawn_blocking(move || runtime.block_on(command()));
        let Some(ended) = stopping.run_until_cancelled(running).await else { bail!("interrupted") };
        ended.context("the command failed")?
    })
}

/// Runs `start`, which reads files, beside the async workers; `None` if `stopping` is cancelled before it ends.
///
/// A file may hang, and a signal must still end the process. Process 1, as in a container, ignores signals without a
/// handler, so the handlers are installed first.
///
/// # Errors
///
/// If the files are invalid.
pub async fn started<T: Send + 'static>(
    stopping: &CancellationToken,
    start: impl FnOnce() -> Result<T, Usage> + Send + 'static,
) -> anyhow::Result<Option<T>> {
    let Some(started) = stopping.run_until_cancelled(spawn_blocking(start)).await else { return Ok(None) };
    Ok(Some(started.context("starting")??))
}

/// Writes data to standard output. A closed pipe, as with `head`, is not an error.
///
/// # Errors
///
/// If it cannot be written.
pub fn print(data: impl AsRef<[u8]>) -> anyhow::Result<Exit> {
    let mut output = std::io::stdout();
    match output.write_all(data.as_ref()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("writing to standard output failed"),
        _ => Ok(Exit::Success),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_command_does_not_wait_for_a_file_that_hangs() {
        let (release, hung) = mpsc::channel::<()>();
        let (begins, has_begun) = mpsc::channel();
        let command = async move {
            tokio::task::spawn_blocking(move || {
                begins.send(()).unwrap();
                hung.recv()
            });
            has_begun.recv().context("waiting for the thread")
        };
        block_on(command).unwrap();
        drop(release);
    }
}
