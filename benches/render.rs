//! Measures how fast the exposition of a large fleet is written, compared with `prometheus-client` and `memcpy`.
//!
//! `cargo bench --bench render` prints the times; run as a test, it tries a few tenants. Others use a part of it:
//! `scripts/count-instructions` counts instructions with `-- once SUBJECT TENANTS TIMES`; `scripts/bench` compares with
//! the clients of `benches/peers` by `-- time SUBJECT TENANTS ROUNDS`, and passes them the exposition that
//! `-- write TENANTS FILE` writes.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

mod fleet;
mod peer;
mod resident;

use std::cell::OnceCell;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use saasbackup_exporter::domain::SourceState;
use saasbackup_exporter::exposition::{Exposed, Filter, Format};
use saasbackup_exporter::process::clock;

use fleet::fleet;

/// Does it once, and answers how many bytes that made.
type Subject = fn(&Fixture) -> usize;

/// What is measured, by name.
const SUBJECTS: &[(&str, Subject)] = &[
    ("pieces", pieces),
    ("whole", |fixture| fixture.text().len()),
    ("gzip", compressed),
    ("collector", collector),
    ("memcpy", |fixture| black_box(fixture.body().clone()).len()),
];

/// A fleet of 259 series a tenant, and what the subjects begin with.
struct Fixture {
    states: [Arc<SourceState>; 1],
    exposed: Arc<Exposed>,
    filter: Filter,
    body: OnceCell<String>,
    registry: OnceCell<Registry>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_bench = arguments.contains(&"--bench");
    let of = |command: &str| arguments.iter().position(|argument| *argument == command).map(|at| &arguments[at + 1..]);
    if let Some([name, tenants, times, ..]) = of("once") {
        let fixture = Fixture::new(tenants.parse().unwrap());
        for _ in 0..times.parse().unwrap() {
            black_box(subject(name)(&fixture));
        }
        println!("{} series", fixture.series());
    } else if let Some([name, tenants, rounds, ..]) = of("time") {
        time(name, &Fixture::new(tenants.parse().unwrap()), rounds.parse().unwrap());
    } else if let Some([tenants, path, ..]) = of("write") {
        std::fs::write(path, Fixture::new(tenants.parse().unwrap()).body()).unwrap();
    } else {
        for tenants in if is_bench { &[50, 500, 5000][..] } else { &[3] } {
            measure(&Fixture::new(*tenants), if is_bench { 11 } else { 1 });
        }
    }
}

fn subject(name: &str) -> Subject {
    SUBJECTS.iter().find(|(known, _)| *known == name).unwrap().1
}

impl Fixture {
    fn new(tenants: usize) -> Self {
        Self {
            states: [Arc::new(fleet(tenants, clock::now()))],
            exposed: Arc::new(Exposed::default()),
            filter: Filter::default(),
            body: OnceCell::new(),
            registry: OnceCell::new(),
        }
    }

    fn text(&self) -> String {
        self.filter.select(&self.states, &self.exposed).unwrap().render(Vec::new(), Format::Text)
    }

    fn body(&self) -> &String {
        self.body.get_or_init(|| self.text())
    }

    fn registry(&self) -> &Registry {
        self.registry.get_or_init(|| peer::registry(&self.text()))
    }

    fn series(&self) -> usize {
        self.text().lines().filter(|line| !line.starts_with('#')).count()
    }
}

/// As `/metrics` sends it: a buffer is handed on as soon as it is full.
fn pieces(fixture: &Fixture) -> usize {
    let selected = fixture.filter.select(&fixture.states, &fixture.exposed).unwrap();
    let mut length = 0;
    let flow = selected.observed(Format::Text, &mut |piece| {
        length += black_box(&*piece).len();
        piece.clear();
        ControlFlow::Continue(())
    });
    assert!(flow.is_continue());
    length
}

fn compressed(fixture: &Fixture) -> usize {
    fixture.filter.select(&fixture.states, &fixture.exposed).unwrap().compressed(Format::Text).as_ref().len()
}

fn collector(fixture: &Fixture) -> usize {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, fixture.registry()).unwrap();
    text.len()
}

/// Prints what the clients in `benches/peers` print of themselves: one line of JSON.
fn time(name: &str, fixture: &Fixture, rounds: usize) {
    let series = fixture.series();
    let subject = subject(name);
    // What is made once is made now, and is no part of the peak.
    let bytes = subject(fixture);
    resident::forget_peak();
    let taken = (0..rounds).map(|_| {
        let started = Instant::now();
        black_box(subject(fixture));
        nanoseconds(started.elapsed(), series)
    });
    let mut taken: Vec<f64> = taken.collect();
    taken.sort_unstable_by(f64::total_cmp);
    let line = serde_json::json!({
        "subject": name, "series": series, "bytes": bytes, "rounds": rounds,
        "median_ns": taken[rounds / 2], "min_ns": taken[0], "max_ns": taken[rounds - 1],
        "peak_rss_bytes": resident::of(std::process::id()).peak,
    });
    println!("{line}");
}

/// The subjects take turns, so that whatever else the machine does falls on all of them.
fn measure(fixture: &Fixture, rounds: usize) {
    let series = fixture.series();
    println!("{series} series, {} bytes", fixture.body().len());
    fixture.registry();
    let mut taken = vec![Vec::new(); SUBJECTS.len()];
    let mut lengths = vec![0; SUBJECTS.len()];
    for _ in 0..rounds {
        for (index, (_, subject)) in SUBJECTS.iter().enumerate() {
            let started = Instant::now();
            lengths[index] = black_box(subject(fixture));
            taken[index].push(started.elapsed());
        }
    }
    for ((name, _), (times, length)) in SUBJECTS.iter().zip(taken.iter_mut().zip(lengths)) {
        times.sort_unstable();
        let median = times[times.len() / 2];
        println!("  {name:10} {:>9.1} ns a series, {median:>12.3?}, {length} bytes", nanoseconds(median, series));
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn nanoseconds(taken: Duration, series: usize) -> f64 {
    taken.as_nanos() as f64 / series as f64
}
