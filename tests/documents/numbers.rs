//! Holds the numbers of the page on the budget to the constants that the program is compiled with.

use saasbackup_exporter::config::Config;
use std::path::Path;
use std::time::Duration;

use super::markdown::page;
use crate::alerts::files::{read, repository};

/// A file, a constant as it stands there, and what the page makes of it.
const CONSTANTS: [(&str, &str, &str); 13] = [
    ("src/provider/transport/pace.rs", "LOWEST_SHARE: f64 = 64.0", "never below a 64th of the ceiling"),
    ("src/provider/transport/pace.rs", "RECOVERY: f64 = 120.0", "by a 120th of the ceiling for each second"),
    ("src/provider/transport/pace.rs", "ONE_EVENT: Duration = Duration::from_secs(1)", "in the same second"),
    ("src/provider/transport/pace.rs", "MOST_RETRIES: f64 = 20.0", "20 are free"),
    ("src/provider/transport/pace.rs", "RETRY_EARNED: f64 = 0.125", "each takes eight answers"),
    ("src/provider/transport.rs", "REPEATS: usize = 2", "again at most twice"),
    ("src/provider/transport.rs", "with_min_delay(Duration::from_millis(500))", "begin at half a second"),
    ("src/provider/transport.rs", "LONGEST_WAIT: Duration = Duration::from_secs(60)", "a `Retry-After` above a minute"),
    (
        "src/provider/transport/allowance.rs",
        "UNSTATED_PAUSE: Duration = Duration::from_secs(60)",
        "a minute if it does not say",
    ),
    (
        "src/provider/transport/allowance.rs",
        "LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60)",
        "an hour at most",
    ),
    ("src/poller/schedule.rs", "SUSPECT_SHARE: usize = 4", "share a quarter of the places"),
    ("src/poller/schedule/turns.rs", "JITTER: f64 = 0.1", "up to a tenth of the interval early"),
    ("src/poller/cadence.rs", "collection.stale_after * 3 / 4", "after three quarters of `stale_after`"),
];

/// The page without the ends of its lines.
fn flowing() -> String {
    page("docs/BUDGET.md").text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_numbers_of_the_budget_are_those_of_the_program() {
    let text = flowing();
    for (file, constant, words) in CONSTANTS {
        let code = read(&repository().join(file));
        assert!(code.contains(constant), "{file} does not say {constant:?} any more: does the page, \"{words}\"?");
        assert!(text.contains(words), "the page does not say {words:?}");
    }
}

#[test]
fn the_defaults_of_the_budget_are_those_of_the_configuration() {
    let smallest = "sources: [{ name: datto, provider: datto, public_key: a, secret_key: b }]";
    let config = Config::parse(smallest, &|_| None, Path::new("")).unwrap();
    let collection = &config.sources[0].collection;
    let text = flowing();
    for words in [
        format!("`requests_per_second` ({}, unless configured)", collection.requests_per_second),
        format!("`concurrency` requests ({})", collection.concurrency),
        format!("({} m), coverage after", collection.interval.as_secs() / 60),
    ] {
        assert!(text.contains(&words), "the page does not say {words:?}");
    }
    assert_eq!(collection.stale_after, Duration::from_secs(24 * 60 * 60), "docs/TRUTH.md says 24 h");
}
