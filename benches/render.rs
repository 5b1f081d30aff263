//! Measures how fast the exposition of a large fleet is written, beside `prometheus-client` and copied memory.
//!
//! `cargo bench --bench render` prints the times; `scripts/count-instructions` counts instructions instead, with
//! `cargo bench --bench render -- once SUBJECT TENANTS TIMES`; run as a test, it tries a few tenants.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement has nobody to hand an error to")]

mod fleet;
mod peer;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use saasbackup_exporter::clock;
use saasbackup_exporter::domain::SourceState;
use saasbackup_exporter::exposition::{Exposed, Filter, Format};

use fleet::fleet;

/// Does it once, and answers how many bytes that made.
type Subject = fn(&Fixture) -> usize;

/// What is measured, by name.
const SUBJECTS: &[(&str, Subject)] = &[
    ("pieces", pieces),
    ("whole", |fixture| fixture.text().len()),
    ("gzip", packed),
    ("collector", collector),
    ("memcpy", |fixture| black_box(fixture.body.clone()).len()),
];

/// A fleet of 259 series a tenant, and what the subjects begin with.
struct Fixture {
    states: [Arc<SourceState>; 1],
    exposed: Arc<Exposed>,
    filter: Filter,
    body: String,
    registry: Registry,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Some(at) = arguments.iter().position(|argument| *argument == "once") {
        let [name, tenants, times] = arguments[at + 1..at + 4] else { panic!("once SUBJECT TENANTS TIMES") };
        let fixture = Fixture::new(tenants.parse().unwrap());
        let (_, subject) = SUBJECTS.iter().find(|(known, _)| *known == name).unwrap();
        for _ in 0..times.parse().unwrap() {
            black_box(subject(&fixture));
        }
        println!("{} series", fixture.series());
        return;
    }
    let is_bench = arguments.contains(&"--bench");
    for tenants in if is_bench { &[50, 500, 5000][..] } else { &[3] } {
        measure(&Fixture::new(*tenants), if is_bench { 11 } else { 1 });
    }
}

impl Fixture {
    fn new(tenants: usize) -> Self {
        let mut fixture = Self {
            states: [Arc::new(fleet(tenants, clock::now()))],
            exposed: Arc::new(Exposed::default()),
            filter: Filter::default(),
            body: String::new(),
            registry: Registry::default(),
        };
        fixture.body = fixture.text();
        fixture.registry = peer::registry(&fixture.body);
        fixture
    }

    fn text(&self) -> String {
        self.filter.select(&self.states, &self.exposed).unwrap().render("", Format::Text)
    }

    fn series(&self) -> usize {
        self.body.lines().filter(|line| !line.starts_with('#')).count()
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

fn packed(fixture: &Fixture) -> usize {
    fixture.filter.select(&fixture.states, &fixture.exposed).unwrap().packed(Format::Text).as_ref().len()
}

fn collector(fixture: &Fixture) -> usize {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &fixture.registry).unwrap();
    text.len()
}

/// The subjects take turns, so that whatever else the machine does falls on all of them.
fn measure(fixture: &Fixture, rounds: usize) {
    let series = fixture.series();
    println!("{series} series, {} bytes", fixture.body.len());
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
