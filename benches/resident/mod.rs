//! Reads how much memory a process has, in bytes.

#![allow(dead_code, reason = "every benchmark uses its own part")]

/// What a process has of the machine's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    /// Now.
    pub(crate) now: u64,
    /// The most that it had, since it began or since the peak was forgotten.
    pub(crate) peak: u64,
}

/// The memory of a process.
pub(crate) fn of(process: u32) -> Resident {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux reports it");
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kibibytes * 1024
    };
    Resident { now: field("VmRSS:"), peak: field("VmHWM:") }
}

/// Makes the peak of this process what it has now.
pub(crate) fn forget_peak() {
    forget_peak_of(std::process::id());
}

/// Makes the peak of a process of the same user what it has now.
pub(crate) fn forget_peak_of(process: u32) {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5").expect("it may be written by the process's user");
}
