//! Reads the CPU time of this process from the operating system; zero without `/proc`.

#![allow(dead_code, reason = "every measurement uses its own part of these helpers")]

use std::fs;
use std::time::Duration;

/// Processor time of all threads, user and system.
pub(crate) fn processor_time() -> Duration {
    let nanoseconds = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    Duration::from_nanos(threads.filter_map(nanoseconds).sum())
}

/// Resident memory now, in bytes.
pub(crate) fn resident() -> u64 {
    status("VmRSS:")
}

/// The most memory that was resident since the start or [`forget_peak`], in bytes.
pub(crate) fn peak() -> u64 {
    status("VmHWM:")
}

/// Lets the peak begin anew, where that is allowed.
pub(crate) fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn status(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
