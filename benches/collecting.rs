//! Measures how fast the exporter collects from a vendor that responds after 50 ms, compared with a bare client.
//!
//! The bound is the number of requests times latency divided by concurrency.
//!
//! `cargo bench --bench collecting` prints a table; `-- quick` omits the longest rows, and a number measures only
//! that concurrency. Run as a test, it collects a few tenants.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

mod measure;
mod vendor;

use std::process::Command;
use std::time::Duration;

use vendor::Pages;
use vendor::bare::{self, Version};
use vendor::round::{Cost, REQUESTS, Round};

const LATENCY: Duration = Duration::from_millis(50);
/// Who asks.
const SUBJECTS: [&str; 3] = ["a bare client, HTTP/1.1", "the exporter", "a bare client, HTTP/2"];

fn main() {
    if vendor::was_meant() {
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["one", tenants, concurrency, tls, subject] = arguments[..] {
        let [tenants, concurrency] = [tenants, concurrency].map(|number| number.parse().unwrap());
        let round = Round { tenants, concurrency, latency: LATENCY, tls: tls == "true" };
        return println!("{}", row(round, subject));
    }
    let rows: &[(usize, usize, bool)] = match (arguments.contains(&"--bench"), arguments.contains(&"quick")) {
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
        "| tenants | at once | | by | took | of the bound | answered after | processor a request | connections | peak memory |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let only: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    for &(tenants, concurrency, tls) in rows.iter().filter(|(_, at_once, _)| only.is_empty() || only.contains(at_once))
    {
        // One after the other, so that whatever else the machine does falls on all; each with memory of its own.
        let without_tls = |subject: &&str| tls || !subject.ends_with("HTTP/2");
        for subject in SUBJECTS.into_iter().filter(without_tls) {
            let words = [&tenants.to_string(), &concurrency.to_string(), &tls.to_string(), subject];
            let measured = Command::new(std::env::current_exe().unwrap()).arg("one").args(words).status();
            assert!(measured.unwrap().success(), "{words:?}");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn row(round: Round, subject: &str) -> String {
    let Cost { asked, processor, peak } = match SUBJECTS.iter().position(|known| *known == subject) {
        Some(0) => bare::run(round, Version::Http1),
        Some(1) => round.run(),
        Some(2) => bare::run(round, Version::Http2),
        _ => panic!("{subject}"),
    };
    format!(
        "| {} | {} | {} | {subject} | {:.2} s | {:.3} | {:.1} ms | {:.0} µs | {} | {} MiB |",
        round.tenants,
        round.concurrency,
        if round.tls { "TLS" } else { "plain" },
        asked.took.as_secs_f64(),
        asked.took.as_secs_f64() / round.bound().as_secs_f64(),
        asked.held.as_secs_f64() * 1e3,
        processor.as_secs_f64() * 1e6 / asked.requests as f64,
        asked.connections,
        peak >> 20,
    )
}
