//! Reports the process as Prometheus's own client libraries do.

use super::{Metric, MetricFamily};
use crate::domain::Timestamp;
use crate::metric::{Descriptor, Kind};

pub(super) const CPU: Descriptor = Descriptor {
    kind: Kind::Counter,
    ..Descriptor::seconds("process_cpu_seconds_total", "Total user and system CPU time spent in seconds")
};
pub(super) const RESIDENT_MEMORY: Descriptor =
    Descriptor::bytes("process_resident_memory_bytes", "Resident memory size in bytes");
pub(super) const VIRTUAL_MEMORY: Descriptor =
    Descriptor::bytes("process_virtual_memory_bytes", "Virtual memory size in bytes");
pub(super) const OPEN_FILES: Descriptor = Descriptor::gauge("process_open_fds", "Number of open file descriptors");
pub(super) const MAX_FILES: Descriptor =
    Descriptor::gauge("process_max_fds", "Maximum number of open file descriptors");
pub(super) const START_TIME: Descriptor =
    Descriptor::seconds("process_start_time_seconds", "Start time of the process since unix epoch in seconds");

/// Reads `/proc` at each scrape; on systems other than Linux only the start time is known.
pub(super) fn gather(started: Timestamp) -> [MetricFamily; 6] {
    let reading = read();
    let family = |descriptor, of: fn(&Reading) -> f64| {
        MetricFamily::of_process(descriptor, reading.as_ref().map(|reading| Metric::Number(of(reading))))
    };
    [
        family(&CPU, |reading| reading.cpu_seconds),
        family(&RESIDENT_MEMORY, |reading| reading.resident_bytes),
        family(&VIRTUAL_MEMORY, |reading| reading.virtual_bytes),
        family(&OPEN_FILES, |reading| reading.open_files),
        family(&MAX_FILES, |reading| reading.max_files),
        MetricFamily::of_process(&START_TIME, Some(Metric::Number(started.as_seconds()))),
    ]
}

struct Reading {
    cpu_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    open_files: f64,
    max_files: f64,
}

/// The kernel's data about this process; `None` if any of it is unreadable.
#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn read() -> Option<Reading> {
    let process = procfs::process::Process::myself().ok()?;
    let stat = process.stat().ok()?;
    let max_files = match process.limits().ok()?.max_open_files.soft_limit {
        procfs::process::LimitValue::Value(limit) => limit as f64,
        procfs::process::LimitValue::Unlimited => f64::INFINITY,
    };
    Some(Reading {
        cpu_seconds: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
        resident_bytes: (stat.rss * procfs::page_size()) as f64,
        virtual_bytes: stat.vsize as f64,
        open_files: process.fd_count().ok()? as f64,
        max_files,
    })
}

#[cfg(not(target_os = "linux"))]
const fn read() -> Option<Reading> {
    None
}
