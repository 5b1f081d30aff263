//! Measures how fast the exporter collects from a vendor that answers after 50 ms, beside a bare client and the bound.
//!
//! The bound is requests times latency divided by how many are sent at once.
//!
//! `cargo bench --bench collecting` prints a table; with `-- quick` it leaves the longest rows out, and with a number only
//! those are measured that send so many requests at once. Run as a test, it collects a few tenants.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement has nobody to hand an error to")]

mod measure;
mod vendor;

use std::time::Duration;

use vendor::Pages;
use vendor::bare;
use vendor::round::{Cost, REQUESTS, Round};

const LATENCY: Duration = Duration::from_millis(50);

fn main() {
    if vendor::was_meant() {
        return;
    }
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let is_quick = std::env::args().any(|argument| argument == "quick");
    let only: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let rows: &[(usize, usize, bool)] = match (is_bench, is_quick) {
        (false, _) => &[(20, 8, false), (20, 8, true)],
        (true, true) => &[(1000, 64, true), (1000, 256, true)],
        (true, false) => &[
            (1000, 16, true),
            (1000, 64, false),
            (1000, 64, true),
            (1000, 256, false),
            (1000, 256, true),
            (10_000, 256, false),
            (10_000, 256, true),
        ],
    };
    println!("{REQUESTS} requests a tenant, pages of {} bytes in the mean.\n", Pages::new(1).mean_size());
    println!(
        "| HTTP/1.1 | tenants | at once | by | took | of the bound | answered after | processor a request | connections | peak memory |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for &(tenants, concurrency, tls) in rows.iter().filter(|(_, at_once, _)| only.is_empty() || only.contains(at_once))
    {
        let round = Round { tenants, concurrency, latency: LATENCY, tls };
        // One after the other, so that whatever else the machine does falls on both.
        println!("{}", row(round, "a bare client", bare::run(round)));
        println!("{}", row(round, "the exporter", round.run()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn row(round: Round, by: &str, cost: Cost) -> String {
    format!(
        "| {} | {} | {} | {by} | {:.2} s | {:.3} | {:.1} ms | {:.0} µs | {} | {} MiB |",
        if round.tls { "TLS" } else { "plain" },
        round.tenants,
        round.concurrency,
        cost.asked.took.as_secs_f64(),
        cost.asked.took.as_secs_f64() / round.bound().as_secs_f64(),
        cost.asked.held.as_secs_f64() * 1e3,
        cost.processor.as_secs_f64() * 1e6 / cost.asked.requests as f64,
        cost.asked.connections,
        cost.peak >> 20,
    )
}
