//! Measures the memory of many parallel scrapers.

use std::sync::Barrier;

use crate::client::Coding;
use crate::process::Server;
use crate::resident;

const MANY: usize = 16;

/// Prints the server's peak while one scrapes and while many do, each after something new was published.
pub(crate) fn measure(tenants: usize, repeats: usize) {
    let mut exporter = Server::exporter(tenants);
    println!(
        "Peak memory of the server, {tenants} tenants (resident MiB, medians of {repeats}):\n\n\
         | encoding | before | one scraper | {MANY} at once | ratio |\n|---|--:|--:|--:|--:|"
    );
    for coding in Coding::ALL {
        let (mut before, mut one, mut many) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..repeats {
            before.push(resident::of(exporter.id()).now);
            one.push(peak(&mut exporter, coding, 1));
            many.push(peak(&mut exporter, coding, MANY));
        }
        let [before, one, many] = [before, one, many].map(|mut values| {
            values.sort_unstable();
            values[repeats / 2] as f64 / 1_048_576.0
        });
        println!("| {} | {before:.0} | {one:.0} | {many:.0} | {:.2} |", coding.name(), many / one);
    }
    println!();
}

fn peak(exporter: &mut Server, coding: Coding, scrapers: usize) -> u64 {
    exporter.refresh();
    let mut connections: Vec<_> = (0..scrapers).map(|_| exporter.connect()).collect();
    resident::forget_peak_of(exporter.id());
    let ready = Barrier::new(scrapers);
    std::thread::scope(|scope| {
        for connection in &mut connections {
            scope.spawn(|| {
                ready.wait();
                connection.scrape(coding);
            });
        }
    });
    resident::of(exporter.id()).peak
}
