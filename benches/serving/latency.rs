//! Measures how long a single scraper waits for the whole exposition.

use std::ffi::OsStr;
use std::process::Command;
use std::time::{Duration, Instant};

use saasbackup_exporter::instrumentation::OWN_FAMILIES;

use crate::client::{Coding, Connection};
use crate::process::Server;
use crate::{milliseconds, quantile, samples};

/// One row of the table.
struct Row {
    name: &'static str,
    coding: Coding,
    /// Which server.
    server: usize,
    /// Whether something is published before each scrape.
    is_refreshed: bool,
    taken: Vec<Duration>,
}

const EXPORTER: usize = 0;
const BARE: usize = 1;
const PROMHTTP: usize = 2;

/// Prints the table of one fleet: every server is scraped for a turn, so that what else the machine does falls on all.
pub(crate) fn measure(tenants: usize, rounds: usize, turn: Duration, promhttp: Option<&OsStr>) {
    let exporter = Server::exporter(tenants);
    let text = exporter.connect().get("/metrics", Coding::Identity);
    let packed = exporter.connect().get("/metrics", Coding::Gzip);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text"), &text).unwrap();
    std::fs::write(path("packed"), &packed).unwrap();
    std::fs::write(path("observed"), observed(&text)).unwrap();
    let mut servers = vec![exporter, Server::bare(&path("text"), &path("packed"))];
    let mut rows = Vec::new();
    for coding in Coding::ALL {
        rows.push(Row::new("ready bytes, TCP alone", coding, BARE, false));
        rows.push(Row::new("exporter", coding, EXPORTER, false));
        rows.push(Row::new("exporter, just refreshed", coding, EXPORTER, true));
        if promhttp.is_some() {
            rows.push(Row::new("Go promhttp", coding, PROMHTTP, false));
        }
    }
    if let Some(promhttp) = promhttp {
        let mut command = Command::new(promhttp);
        command.arg("serve").arg(path("observed"));
        servers.push(Server::start(command));
    }
    let mut connections: Vec<Connection> = servers.iter().map(Server::connect).collect();
    // The first round warms up.
    for round in 0..=rounds {
        for row in &mut rows {
            // Another row may have had something published, and this one is not to pay for it.
            if row.server == EXPORTER && !row.is_refreshed {
                connections[row.server].scrape(row.coding);
            }
            let began = Instant::now();
            loop {
                if row.is_refreshed {
                    servers[row.server].refresh();
                }
                row.taken.push(connections[row.server].scrape(row.coding));
                if began.elapsed() >= turn {
                    break;
                }
            }
            if round == 0 {
                row.taken.clear();
            }
        }
    }
    report(&mut rows, &text, &packed);
}

impl Row {
    const fn new(name: &'static str, coding: Coding, server: usize, is_refreshed: bool) -> Self {
        Self { name, coding, server, is_refreshed, taken: Vec::new() }
    }

    fn median(&self) -> f64 {
        quantile(&self.taken, 0.5).as_secs_f64()
    }
}

fn report(rows: &mut [Row], text: &[u8], packed: &[u8]) {
    println!(
        "One scraper, {} samples, {} bytes, {} packed (milliseconds):\n\n\
         | server | encoding | scrapes | p50 | min | p99 | speed of TCP alone | promhttp's p50 / this |\n\
         |---|---|--:|--:|--:|--:|--:|--:|",
        samples(text),
        text.len(),
        packed.len()
    );
    for row in &mut *rows {
        row.taken.sort_unstable();
    }
    for row in &*rows {
        let of = |server| rows.iter().find(|other| other.server == server && other.coding == row.coding);
        let share = of(BARE).map_or_else(String::new, |bare| format!("{:.0} %", 100.0 * bare.median() / row.median()));
        let times = of(PROMHTTP).map_or_else(String::new, |go| format!("{:.0}", go.median() / row.median()));
        println!(
            "| {} | {} | {} | {} | {} | {} | {share} | {times} |",
            row.name,
            row.coding.name(),
            row.taken.len(),
            milliseconds(quantile(&row.taken, 0.5)),
            milliseconds(row.taken[0]),
            milliseconds(quantile(&row.taken, 0.99)),
        );
    }
    println!();
}

/// What is known of tenants and sources: the exporter's own families come last, and the peer reads no histograms.
fn observed(text: &[u8]) -> &[u8] {
    let text = str::from_utf8(text).unwrap();
    let own = |name: &str| text.rfind(&format!("# HELP {name} "));
    let end = OWN_FAMILIES.iter().filter_map(|(descriptor, _)| own(descriptor.name)).min().unwrap();
    &text.as_bytes()[..end]
}
