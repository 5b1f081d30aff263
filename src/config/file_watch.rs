//! Detects whether a file has changed since it was read.

use std::fs::Metadata;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often files are checked, in the background, so that no request waits for a disk.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Identifies the version of a file; all missing files are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileVersion(Option<Identity>);

impl FileVersion {
    /// The current version; taken before the file is read, so that a change in between is detected the next time.
    pub(crate) fn of(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().as_ref().map(identity))
    }
}

#[cfg(unix)]
type Identity = (u64, u64, u64, i64, i64, i64, i64);

/// Also detects a file that is replaced by one of the same size and time.
#[cfg(unix)]
fn identity(file: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
}

#[cfg(not(unix))]
type Identity = (u64, Option<std::time::SystemTime>, Option<std::time::SystemTime>);

/// Other platforms have no number of a file in the standard library.
#[cfg(not(unix))]
fn identity(file: &Metadata) -> Identity {
    (file.len(), file.modified().ok(), file.created().ok())
}

/// The times at which files are checked.
pub(crate) fn polls() -> Interval {
    let mut polls = interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    polls
}
