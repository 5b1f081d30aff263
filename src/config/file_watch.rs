//! Follows files: detects whether one has changed since it was read.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often files are checked: beside the requests, so that none waits for a disk.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// What distinguishes one state of a file from another; all states in which there is no file are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileVersion(Option<(u64, u64, u64, i64, i64, i64, i64)>);

impl FileVersion {
    /// How the file is now; taken before it is read, a change in between is one for the next time.
    pub(crate) fn of(path: &Path) -> Self {
        let file = std::fs::metadata(path).ok();
        Self(file.map(|file| {
            (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
        }))
    }
}

/// The moments at which to look.
pub(crate) fn polls() -> Interval {
    let mut polls = interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    polls
}
