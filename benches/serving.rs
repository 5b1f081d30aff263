//! Measures scrapes of large fleets, compared with a socket that only sends bytes.
//!
//! `cargo bench --bench serving` prints tables in Markdown, `-- quick` those of smaller fleets. Where the variable
//! `PROMHTTP` names the peer of `benches/peers/go`, Go's server is measured as well. The servers are processes of their
//! own, mostly this program again; everything goes over the loopback device of one machine. Run as a test, it tries a
//! few tenants.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

#[path = "serving/bare.rs"]
mod bare;
#[path = "serving/client.rs"]
mod client;
mod fleet;
#[path = "serving/health.rs"]
mod health;
#[path = "serving/latency.rs"]
mod latency;
#[path = "serving/plain.rs"]
mod plain;
#[path = "serving/process.rs"]
mod process;
#[path = "serving/prometheus.rs"]
mod prometheus;
mod resident;
#[path = "serving/scrapers.rs"]
mod scrapers;
#[path = "serving/server.rs"]
mod server;

use std::path::Path;
use std::time::Duration;

/// How much is measured.
struct Scale {
    /// Fleets that are scraped: how many tenants, and how many rounds of it.
    scraped: &'static [(usize, usize)],
    /// How long one server is scraped before it is the turn of the next.
    turn: Duration,
    /// The fleet behind the measurements of memory and health.
    large: usize,
    /// How often memory is measured.
    repeats: usize,
    /// How long the health is asked for.
    asked: Duration,
    /// Fleets that a real Prometheus scrapes: how many tenants, how often, and how far apart in seconds.
    kept: &'static [(usize, usize, f64)],
}

/// 259 series a tenant: 10 thousand, 100 thousand and a million.
const FULL: Scale = Scale {
    scraped: &[(39, 20), (386, 15), (3861, 7)],
    turn: Duration::from_millis(100),
    large: 3861,
    repeats: 3,
    asked: Duration::from_secs(8),
    kept: &[(386, 8, 1.0), (3861, 4, 5.0)],
};
const QUICK: Scale = Scale {
    scraped: &[(39, 5), (386, 3)],
    turn: Duration::from_millis(20),
    large: 386,
    repeats: 1,
    asked: Duration::from_secs(1),
    kept: &[(386, 3, 1.0)],
};
const TEST: Scale = Scale {
    scraped: &[(2, 1)],
    turn: Duration::ZERO,
    large: 3,
    repeats: 1,
    asked: Duration::from_millis(50),
    kept: &[(2, 2, 1.0)],
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", tenants] => server::run(tenants.parse().unwrap()),
        ["bare", text, packed] => bare::run(Path::new(text), Path::new(packed)),
        ["plain", server] => plain::run(server.parse().unwrap()),
        _ if arguments.contains(&"quick") => measure(&QUICK),
        _ if arguments.contains(&"--bench") => measure(&FULL),
        _ => measure(&TEST),
    }
}

fn measure(scale: &Scale) {
    let promhttp = std::env::var_os("PROMHTTP");
    for (tenants, rounds) in scale.scraped {
        latency::measure(*tenants, *rounds, scale.turn, promhttp.as_deref());
    }
    scrapers::measure(scale.large, scale.repeats);
    health::measure(scale.large, scale.asked);
    prometheus::measure(scale.kept);
}

/// Milliseconds, as tables have them.
fn milliseconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64() * 1e3)
}

/// The value below which this share of sorted ones lies.
fn quantile<T: Copy>(sorted: &[T], share: f64) -> T {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of the slice")]
    let index = (sorted.len() as f64 * share) as usize;
    sorted[index.min(sorted.len() - 1)]
}

/// How many samples an exposition has.
fn samples(exposition: &[u8]) -> usize {
    exposition.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#').count()
}
