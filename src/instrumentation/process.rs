//! Reports the process as Prometheus's own client libraries do.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::{own, registry_unit};
use crate::domain::Timestamp;
use crate::exposition::{Descriptor, Kind, Unit};

pub(super) const CPU: Descriptor = own(
    "process_cpu_seconds_total",
    "Processor time spent by this process, in user and system mode",
    Some(Unit::Seconds),
    Kind::Counter,
);
pub(super) const RESIDENT_MEMORY: Descriptor =
    own("process_resident_memory_bytes", "Memory of this process that is in RAM", Some(Unit::Bytes), Kind::Gauge);
pub(super) const VIRTUAL_MEMORY: Descriptor =
    own("process_virtual_memory_bytes", "Address space of this process", Some(Unit::Bytes), Kind::Gauge);
pub(super) const OPEN_FILES: Descriptor =
    own("process_open_fds", "File descriptors that this process has open", None, Kind::Gauge);
pub(super) const MAX_FILES: Descriptor =
    own("process_max_fds", "File descriptors that this process may have open", None, Kind::Gauge);
pub(super) const START_TIME: Descriptor =
    own("process_start_time_seconds", "When this process started", Some(Unit::Seconds), Kind::Gauge);

/// Reads `/proc` at each scrape; elsewhere than on Linux it knows the start time alone.
#[derive(Debug)]
pub(super) struct ProcessCollector {
    started: Timestamp,
}

impl ProcessCollector {
    pub(super) const fn new(started: Timestamp) -> Self {
        Self { started }
    }
}

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        if let Some(reading) = read() {
            encode(&mut encoder, &CPU, &ConstCounter::new(reading.cpu_seconds))?;
            encode(&mut encoder, &RESIDENT_MEMORY, &ConstGauge::new(reading.resident_bytes))?;
            encode(&mut encoder, &VIRTUAL_MEMORY, &ConstGauge::new(reading.virtual_bytes))?;
            encode(&mut encoder, &OPEN_FILES, &ConstGauge::new(reading.open_files))?;
            encode(&mut encoder, &MAX_FILES, &ConstGauge::new(reading.max_files))?;
        }
        encode(&mut encoder, &START_TIME, &ConstGauge::new(self.started.as_seconds()))
    }
}

fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    descriptor: &Descriptor,
    metric: &impl EncodeMetric,
) -> Result<(), std::fmt::Error> {
    let name = descriptor.family_name();
    let unit = descriptor.unit.map(registry_unit);
    let stem = descriptor.unit.and_then(|unit| name.strip_suffix(unit.as_str())?.strip_suffix('_')).unwrap_or(name);
    // A registered metric gets its full stop from the library, a collector's does not.
    let help = format!("{}.", descriptor.help);
    metric.encode(encoder.encode_descriptor(stem, &help, unit.as_ref(), metric.metric_type())?)
}

struct Reading {
    cpu_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    open_files: f64,
    max_files: f64,
}

/// What the kernel says of this process; nothing at all where one of it cannot be read.
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
