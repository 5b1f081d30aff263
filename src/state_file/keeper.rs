//! Decides when the state file is read and written, and logs failures: the exporter runs without it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::header::FORMAT;
use super::{LoadError, SaveError, Saved, load, probe, save, target};
use crate::domain::SourceState;
use crate::domain::shard::Shard;
use crate::store::Store;

/// The first file is written soon, so that an early exit does not lose the first round.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// Minimum time between writes.
const PAUSE: Duration = Duration::from_secs(60);

/// Loads the file of an earlier run; logs the reason if there is nothing usable.
///
/// A damaged file is moved aside, because the next one replaces it.
pub(crate) fn open(path: &Path, shard: Shard) -> Option<Saved> {
    let shown = path.display();
    if let Err(error) = probe(path) {
        tracing::warn!(path = %shown, "state file {shown} is not writable, collected data will not survive a restart: {error}");
    }
    match load(path) {
        Ok(Some(saved)) => {
            if saved.shard != shard {
                tracing::info!(path = %shown, "state file {shown} was written by shard {}, this is shard {shard}: loading only its tenants", saved.shard);
            }
            return Some(saved.for_shard(shard));
        }
        Ok(None) => tracing::info!(path = %shown, "state file {shown} not found: cold start"),
        // An older format is normal after an update: the next file replaces it.
        Err(error @ LoadError::Format { format }) if format < FORMAT => {
            tracing::info!(path = %shown, "state file {shown} {error}: cold start");
        }
        Err(error) => {
            let fate = match set_aside(path, &error) {
                Ok(Some(aside)) => format!("; damaged file kept as {}", aside.display()),
                Ok(None) => String::new(),
                Err(cause) => format!("; moving the damaged file aside failed: {cause}"),
            };
            tracing::warn!(path = %shown, "state file {shown} {error}: cold start{fate}");
        }
    }
    None
}

/// Moves a file aside, replacing an earlier one; `None` if it is not a file, and stays.
fn set_aside(path: &Path, error: &LoadError) -> io::Result<Option<PathBuf>> {
    if matches!(error, LoadError::NotAFile) {
        return Ok(None);
    }
    // Not the link itself: the next file must be written to the same target.
    let path = target(path)?;
    let mut aside: OsString = path.clone().into();
    aside.push(".damaged");
    fs::rename(path, &aside)?;
    Ok(Some(aside.into()))
}

/// Writes the file after changes, at most once a minute, and finally once `ended` is cancelled.
///
/// Only this task waits for the disk: scrapes and pollers continue.
pub(crate) async fn keep(path: PathBuf, shard: Shard, store: Arc<Store>, ended: CancellationToken) {
    let mut keeper = Keeper::new(path, shard, store);
    let mut pause = FIRST_PAUSE;
    loop {
        let is_last = ended.run_until_cancelled(tokio::time::sleep(pause)).await.is_none();
        pause = PAUSE;
        keeper.save_changes().await;
        if is_last {
            return;
        }
    }
}

/// A file and its content.
#[derive(Debug)]
pub(super) struct Keeper {
    path: Arc<Path>,
    shard: Shard,
    store: Arc<Store>,
    kept: Vec<Arc<SourceState>>,
}

impl Keeper {
    /// What is published now needs no file: it was restored from there, or is empty.
    pub(super) fn new(path: PathBuf, shard: Shard, store: Arc<Store>) -> Self {
        Self { path: path.into(), shard, kept: store.latest(), store }
    }

    /// Writes the published states if they changed; a failure is retried next time.
    pub(super) async fn save_changes(&mut self) {
        let latest = self.store.latest();
        if latest == self.kept {
            return;
        }
        let (path, shard, states) = (Arc::clone(&self.path), self.shard, latest.clone());
        let saving = tokio::task::spawn_blocking(move || save(&path, shard, &states));
        match saving.await.unwrap_or_else(|panicked| Err(SaveError(io::Error::other(panicked)))) {
            Ok(()) => self.kept = latest,
            Err(error) => {
                let shown = self.path.display();
                tracing::warn!(path = %shown, "writing state file {shown} failed: {error}");
            }
        }
    }
}
