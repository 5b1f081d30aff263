//! Checks the defaults on the page about rate limits against those of the configuration.

use saasbackup_exporter::config::Config;
use std::path::Path;
use std::time::Duration;

use super::markdown::page;

/// The page without the ends of its lines.
fn flowing() -> String {
    page("docs/BUDGET.md").text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_documented_rate_limits_are_those_of_the_configuration() {
    let smallest = "sources: [{ name: datto, provider: datto, public_key: a, secret_key: b }]";
    let config = Config::parse(smallest, &|_| None, Path::new("")).unwrap();
    let collection = &config.sources[0].collection;
    let text = flowing();
    for words in [
        format!("`requests_per_second` (default {})", collection.requests_per_second),
        format!("`concurrency` (default {})", collection.concurrency),
        format!("`interval`, {} m", collection.interval.as_secs() / 60),
    ] {
        assert!(text.contains(&words), "the page does not say {words:?}");
    }
    assert_eq!(collection.stale_after, Duration::from_secs(24 * 60 * 60), "docs/TRUTH.md says 24 h");
}
