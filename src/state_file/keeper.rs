//! Decides when the state file is read and written, and logs failures: the exporter runs without it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::header::FORMAT;
use super::{Known, LoadError, SaveError, Saved, load, probe, save, target};
use crate::domain::shard::Shard;
use crate::domain::{Restraint, SourceState};
use crate::store::Store;

/// The first file is written soon, so that an early exit does not lose the first round.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// Minimum time between writes of new values.
const PAUSE: Duration = Duration::from_secs(60);
/// How often to check whether the vendor has asked for something.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

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

/// What holds back the requests to the account of a source.
pub(crate) type RestraintOf = dyn Fn(&SourceState) -> Restraint + Send + Sync;

/// Writes the file after changes, at most once a minute, and finally once `ended` is cancelled. A pause that the vendor
/// asks for, or credentials that it rejects, are written at once: a crash must not make the exporter forget them.
///
/// Only this task waits for the disk: scrapes and pollers continue.
pub(crate) async fn keep(
    path: PathBuf,
    shard: Shard,
    store: Arc<Store>,
    restraint_of: Arc<RestraintOf>,
    ended: CancellationToken,
) {
    let mut keeper = Keeper::new(path, shard, store, restraint_of);
    let mut due = Instant::now() + FIRST_PAUSE;
    loop {
        let is_last = ended.run_until_cancelled(sleep(POLL_INTERVAL)).await.is_none();
        if is_last || Instant::now() >= due || keeper.has_new_restraint() {
            keeper.save_changes().await;
            due = Instant::now() + PAUSE;
        }
        if is_last {
            return;
        }
    }
}

/// A file and its content.
pub(super) struct Keeper {
    path: Arc<Path>,
    shard: Shard,
    store: Arc<Store>,
    restraint_of: Arc<RestraintOf>,
    /// What the file contains.
    kept: Vec<Known>,
    /// What held back the requests when it was last written, even if that failed.
    tried: Vec<Restraint>,
}

impl Keeper {
    /// What is known now needs no file: it was restored from there, or is empty.
    pub(super) fn new(path: PathBuf, shard: Shard, store: Arc<Store>, restraint_of: Arc<RestraintOf>) -> Self {
        let mut keeper = Self { path: path.into(), shard, store, restraint_of, kept: Vec::new(), tried: Vec::new() };
        keeper.kept = keeper.known();
        keeper.tried = restraints(&keeper.kept);
        keeper
    }

    fn known(&self) -> Vec<Known> {
        let states = self.store.latest().into_iter();
        states.map(|state| Known { restraint: (self.restraint_of)(&state), state }).collect()
    }

    /// Whether the vendor has asked for something since the last attempt to write the file.
    pub(super) fn has_new_restraint(&self) -> bool {
        let tried = self.tried.iter().copied().chain(std::iter::repeat(Restraint::default()));
        restraints(&self.known()).iter().zip(tried).any(|(restraint, tried)| restraint.is_news_after(&tried))
    }

    /// Writes the published states if they changed; a failure is retried next time.
    pub(super) async fn save_changes(&mut self) {
        let latest = self.known();
        self.tried = restraints(&latest);
        let is_kept = |(latest, kept): (&Known, &Known)| {
            latest.state == kept.state && !latest.restraint.is_news_after(&kept.restraint)
        };
        if latest.len() == self.kept.len() && latest.iter().zip(&self.kept).all(is_kept) {
            return;
        }
        let (path, shard, known) = (Arc::clone(&self.path), self.shard, latest.clone());
        let saving = tokio::task::spawn_blocking(move || save(&path, shard, &known));
        match saving.await.unwrap_or_else(|panicked| Err(SaveError(io::Error::other(panicked)))) {
            Ok(()) => self.kept = latest,
            Err(error) => {
                let shown = self.path.display();
                tracing::warn!(path = %shown, "writing state file {shown} failed: {error}");
            }
        }
    }
}

fn restraints(known: &[Known]) -> Vec<Restraint> {
    known.iter().map(|known| known.restraint).collect()
}
