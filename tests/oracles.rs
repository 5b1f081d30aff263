//! Holds the running demo to judges that share nothing with it: promtool, Prometheus and Python's parsers.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "oracles/discovery.rs"]
mod discovery;
#[path = "oracles/documentation.rs"]
mod documentation;
#[path = "oracles/exporter.rs"]
mod exporter;
#[path = "oracles/exposition.rs"]
mod exposition;
#[path = "oracles/formats.rs"]
mod formats;
#[path = "oracles/process.rs"]
mod process;
#[path = "oracles/prometheus.rs"]
mod prometheus;
#[path = "oracles/scraping.rs"]
mod scraping;
#[path = "oracles/text_only.rs"]
mod text_only;
#[path = "oracles/transfer.rs"]
mod transfer;
