//! Measures the memory of a large fleet: published, over twenty collections, scraped, and restored from the state file.
//!
//! `cargo bench --bench memory` measures 10,000 tenants with nine workloads, each stage in a process of its own; run as
//! a test, it tries a few.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

mod fleet;
mod measure;

use std::any::Any;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use saasbackup_exporter::domain::shard::Shard;
use saasbackup_exporter::domain::{SourceState, Tenant, TenantState, Tracked, WorkloadReport, WorkloadSummary};
use saasbackup_exporter::exposition::{Exposed, Filter, Format};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::provider;
use saasbackup_exporter::state_file::{Known, load, save};
use saasbackup_exporter::store::Store;

use fleet::{collected, fleet};

/// Tenants that end between two publications at some hundred requests a second.
const BETWEEN_PUBLICATIONS: usize = 64;

/// Does it with so many tenants and this state file, and answers what it kept.
type Stage = fn(usize, &Path) -> Box<dyn Any>;

const STAGES: &[(&str, Stage)] = &[
    ("published", |tenants, _| Box::new(fleet(tenants, clock::now()))),
    ("20 rounds", |tenants, _| Box::new(rounds(tenants, false))),
    ("20 rounds, each scraped with gzip", |tenants, _| Box::new(rounds(tenants, true))),
    ("state file written", |tenants, path| Box::new(written(tenants, path))),
    ("state file read", |_, path| Box::new(restored(path))),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "stage") {
        let [number, tenants, path] = &arguments[at + 1..] else { panic!("stage NUMBER TENANTS PATH") };
        return stage(STAGES[number.parse::<usize>().unwrap()], tenants.parse().unwrap(), Path::new(path));
    }
    let tenants = if arguments.iter().any(|argument| argument == "--bench") { 10_000 } else { 10 };
    let series = series_of_a_tenant();
    println!("{tenants} tenants of {series} series, whose values alone take {} bytes a tenant.\n", series * 8);
    println!("| type | bytes |\n| --- | --- |");
    for (name, size) in [
        ("TenantState", size_of::<TenantState>()),
        ("Tenant", size_of::<Tenant>()),
        ("Tracked<WorkloadReport>", size_of::<Tracked<WorkloadReport>>()),
        ("WorkloadSummary", size_of::<WorkloadSummary>()),
    ] {
        println!("| `{name}` | {size} |");
    }
    println!(
        "\n| stage | kept, bytes a tenant | of the values | resident | peak | took |\n| --- | --- | --- | --- | --- | --- |"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    for (number, (name, _)) in STAGES.iter().enumerate() {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args(["stage", &number.to_string(), &tenants.to_string()]).arg(&path);
        let output = process.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let output = String::from_utf8(output.stdout).unwrap();
        let figures: Vec<u64> = output.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
        let [before, after, peak, milliseconds] = figures[..] else { panic!("{output}") };
        let kept = after.saturating_sub(before) / tenants as u64;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let ratio = kept as f64 / (series * 8) as f64;
        println!("| {name} | {kept} | {ratio:.2} | {} MiB | {} MiB | {milliseconds} ms |", after >> 20, peak >> 20);
    }
}

fn series_of_a_tenant() -> usize {
    let (few, exposed) = ([Arc::new(fleet(10, clock::now()))], Arc::new(Exposed::default()));
    let text = Filter::default().select(&few, &exposed).unwrap().render(Vec::new(), Format::Text);
    text.lines().filter(|line| !line.starts_with('#')).count() / 10
}

/// Prints what was resident before and after, the peak, and the time.
fn stage((_, stage): (&str, Stage), tenants: usize, path: &Path) {
    let before = measure::resident();
    let started = Instant::now();
    let kept = stage(tenants, path);
    let taken = started.elapsed();
    println!("{before} {} {} {}", measure::resident(), measure::peak(), taken.as_millis());
    drop(kept);
}

/// Every tenant is collected again and again, and published as the poller does it.
fn rounds(tenants: usize, is_scraped: bool) -> impl Any {
    let now = clock::now();
    let (store, publishers) = Store::new(vec![fleet(tenants, now)]);
    let mut state = SourceState::clone(&publishers[0].latest());
    let mut packed = None;
    for _ in 0..20 {
        for number in 0..tenants {
            state = state.advance(collected(number, now), now);
            if number % BETWEEN_PUBLICATIONS == 0 {
                publishers[0].publish(state.clone());
            }
        }
        if is_scraped {
            packed = Some(
                Filter::default()
                    .select(&store.latest(), &Arc::new(Exposed::default()))
                    .unwrap()
                    .compressed(Format::Text),
            );
        }
    }
    (store, packed)
}

fn written(tenants: usize, path: &Path) -> SourceState {
    let known = [Arc::new(fleet(tenants, clock::now())).into()];
    save(path, Shard::WHOLE, &known).unwrap();
    let [Known { state, .. }] = known;
    Arc::unwrap_or_clone(state)
}

/// Another process wrote the file, so that its memory is not counted.
fn restored(path: &Path) -> SourceState {
    let fresh = fleet(0, clock::now());
    load(path).unwrap().unwrap().restore(fresh, provider::parts, &|_| true, clock::now())
}
