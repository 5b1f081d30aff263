//! Detects whether a file has changed since it was read.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often files are checked, in the background, so that no request waits for a disk.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Identifies the version of a file; all missing files are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileVersion(Option<(u64, u64, u64, i64, i64, i64, i64)>);

impl FileVersion {
    /// The current version; taken before the file is read, so that a change in between is detected the next time.
    pub(crate) fn of(path: &Path) -> Self {
        let file = std::fs::metadata(path).ok();
        Self(file.map(|file| {
            (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
        }))
    }
}

/// The times at which files are checked.
pub(crate) fn polls() -> Interval {
    let mut polls = interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    polls
}
