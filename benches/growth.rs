//! Measures the cost per tenant of a scrape, a publication and a collection in fleets of different size.
//!
//! `cargo bench --bench growth` prints a table; run as a test, it tries small fleets.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

mod fleet;
mod measure;
mod vendor;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saasbackup_exporter::domain::{Event, SourceState};
use saasbackup_exporter::exposition::{Exposed, Filter, Format};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::store::Store;

use fleet::{collected, fleet};
use vendor::round::Round;

fn main() {
    if vendor::was_meant() {
        return;
    }
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let sizes: &[usize] = if is_bench { &[100, 1000, 10_000] } else { &[3, 30] };
    let times = if is_bench { 9 } else { 1 };
    println!("| tenants | scrape | publication | one collected | passing of time | whole round, processor time |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for tenants in sizes {
        println!("{}", row(*tenants, times));
    }
}

/// Each for one tenant of so many; but what one collected tenant costs is for all of them.
fn row(tenants: usize, times: usize) -> String {
    let now = clock::now();
    let state = fleet(tenants, now);
    let states = [Arc::new(state.clone())];
    let scrape = median(times, || scrape(&states));
    let (_, publishers) = Store::new(vec![state.clone()]);
    let publication = median(times, || publishers[0].publish(state.clone()));
    let mut current = Some(state.clone());
    let one = median(times * 11, || {
        // Whoever reads what is published keeps it from being changed in place.
        let event = collected(tenants / 2, now);
        current = current.take().map(|current| current.advance(event, now));
    });
    let elapsed = median(times, || current = current.take().map(|current| current.advance(Event::Elapsed, now)));
    let round = Round { tenants, concurrency: 64, latency: Duration::ZERO, tls: false }.run();
    let each = |taken: Duration| taken / u32::try_from(tenants).unwrap();
    format!(
        "| {tenants} | {:.1?} | {:.1?} | {one:.1?} | {:.1?} | {:.1?} |",
        each(scrape),
        each(publication),
        each(elapsed),
        each(round.processor),
    )
}

fn scrape(states: &[Arc<SourceState>]) {
    let exposed = Arc::new(Exposed::default());
    let filter = Filter::default();
    let selected = filter.select(states, &exposed).unwrap();
    let flow = selected.observed(Format::Text, &mut |piece| {
        black_box(&*piece);
        piece.clear();
        ControlFlow::Continue(())
    });
    assert!(flow.is_continue());
}

fn median(times: usize, mut measured: impl FnMut()) -> Duration {
    let mut taken: Vec<_> = (0..times)
        .map(|_| {
            let started = Instant::now();
            measured();
            started.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken[times / 2]
}
