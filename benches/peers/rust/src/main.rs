//! Encodes an exposition with the `prometheus` crate, to compare with.
//!
//! usage: `peer time FILE ROUNDS | write FILE`
//!
//! The samples of FILE are in ready families before the clock starts. `time` prints one line of JSON, `write` the
//! exposition.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write as _};
use std::time::Instant;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder as _, Registry, TextEncoder};

/// Families that are handed out as they are.
struct Ready {
    families: Vec<MetricFamily>,
    /// One, since the registry takes no collector without.
    descriptions: Vec<Desc>,
}

impl Collector for Ready {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.families.clone()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: peer time FILE ROUNDS | write FILE";
    let (command, path) = (arguments.first().ok_or(usage)?, arguments.get(1).ok_or(usage)?);
    let ready = Ready::read(&std::fs::read_to_string(path)?)?;
    let series = ready.families.iter().map(|family| family.get_metric().len()).sum();
    let registry = Registry::new();
    registry.register(Box::new(ready))?;
    match command.as_str() {
        "time" => measure(&registry, series, arguments.get(2).ok_or(usage)?.parse()?),
        "write" => Ok(io::stdout().write_all(&encode(&registry)?)?),
        _ => Err(usage.into()),
    }
}

fn encode(registry: &Registry) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}

impl Ready {
    /// The samples of an exposition whose label values need no escaping.
    fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let mut families: Vec<MetricFamily> = Vec::new();
        let mut help = "";
        for line in text.lines() {
            if let Some((_, found)) = line.strip_prefix("# HELP ").and_then(|line| line.split_once(' ')) {
                help = found;
            } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
                let mut family = MetricFamily::default();
                family.set_name(name.to_owned());
                family.set_help(help.to_owned());
                family.set_field_type(match kind {
                    "gauge" => MetricType::GAUGE,
                    "counter" => MetricType::COUNTER,
                    _ => return Err(line.into()),
                });
                families.push(family);
            } else {
                let family = families.last_mut().ok_or("a header comes first")?;
                let sample = sample(line, family.get_field_type() == MetricType::COUNTER).ok_or(line)?;
                family.mut_metric().push(sample);
            }
        }
        let descriptions = vec![Desc::new("ready".to_owned(), "ready".to_owned(), Vec::new(), Default::default())?];
        Ok(Self { families, descriptions })
    }
}

fn sample(line: &str, is_counter: bool) -> Option<Metric> {
    let (series, value) = line.rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let mut metric = Metric::default();
    if let Some((_, labels)) = series.split_once('{') {
        let labels = labels.strip_suffix("\"}")?.split("\",").map(|label| {
            let (name, value) = label.split_once("=\"")?;
            let mut pair = LabelPair::default();
            pair.set_name(name.to_owned());
            pair.set_value(value.to_owned());
            Some(pair)
        });
        metric.set_label(labels.collect::<Option<Vec<_>>>()?);
    }
    if is_counter {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    Some(metric)
}

fn measure(registry: &Registry, series: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let bytes = encode(registry)?.len();
    std::fs::write("/proc/self/clear_refs", "5")?;
    let mut taken = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        encode(registry)?;
        taken.push(started.elapsed().as_secs_f64() * 1e9 / series as f64);
    }
    taken.sort_unstable_by(f64::total_cmp);
    let status = std::fs::read_to_string("/proc/self/status")?;
    let fields: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(':')).collect();
    let peak: u64 = fields["VmHWM"].trim().trim_end_matches(" kB").parse()?;
    let line = serde_json::json!({
        "subject": "prometheus-crate", "series": series, "bytes": bytes, "rounds": rounds,
        "median_ns": taken[rounds / 2], "min_ns": taken[0], "max_ns": taken[rounds - 1],
        "peak_rss_bytes": peak * 1024,
    });
    println!("{line}");
    Ok(())
}
