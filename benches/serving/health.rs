//! Measures the latency of probes during scrapes and publications.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::client::Coding;
use crate::process::Server;
use crate::{milliseconds, quantile};

/// A probe is sent at each of these moments, and its time counts from there even if it could only be sent later.
const PACE: Duration = Duration::from_millis(2);
const REFRESH: Duration = Duration::from_millis(200);

/// Prints how long probes take alone, and beside a scraper that never rests.
pub(crate) fn measure(tenants: usize, asked: Duration) {
    println!(
        "Probes of /-/healthy every {PACE:?}, {tenants} tenants, something published every {REFRESH:?} (milliseconds):\n\n\
         | beside | probes | scrapes | p50 | p99 | max |\n|---|--:|--:|--:|--:|--:|"
    );
    for coding in [None, Some(Coding::Identity), Some(Coding::Gzip)] {
        let mut exporter = Server::exporter(tenants);
        let (done, scrapes) = (AtomicBool::new(false), AtomicUsize::new(0));
        let mut probe = exporter.connect();
        let mut scraper = exporter.connect();
        let mut taken = std::thread::scope(|scope| {
            if let Some(coding) = coding {
                let (done, scrapes, scraper) = (&done, &scrapes, &mut scraper);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        scraper.scrape(coding);
                        scrapes.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    exporter.refresh();
                    std::thread::sleep(REFRESH.min(asked));
                }
            });
            let started = Instant::now();
            let mut taken = Vec::new();
            let mut due = started;
            while started.elapsed() < asked {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                probe.get("/-/healthy", Coding::Identity);
                taken.push(due.elapsed());
                due += PACE;
            }
            done.store(true, Ordering::Relaxed);
            taken
        });
        taken.sort_unstable();
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            coding.map_or_else(|| "none".to_owned(), |coding| format!("a scraper, {}", coding.name())),
            taken.len(),
            scrapes.into_inner(),
            milliseconds(quantile(&taken, 0.5)),
            milliseconds(quantile(&taken, 0.99)),
            milliseconds(taken[taken.len() - 1]),
        );
    }
    println!();
}
