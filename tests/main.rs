//! All tests that see the exporter from outside, and those of what the repository ships; `cargo test <subject>` runs one.

#![expect(clippy::unwrap_used, reason = "a test helper has no caller to return an error to")]
#![expect(clippy::cast_precision_loss, reason = "counts of a test stay below 2^53")]
#![expect(clippy::float_cmp, reason = "what is compared was written and read back without rounding")]

mod alerts;
mod architecture;
mod budget;
mod cli;
mod config;
mod dashboards;
mod datto;
mod doctor;
mod documents;
mod dropsuite;
mod expected;
mod faults;
mod filters;
mod listening;
mod logs;
mod network;
mod oracles;
mod packaging;
mod privacy;
mod recordings;
mod reload;
mod report;
mod scrape;
mod shards;
mod shutdown;
mod support;
mod views;
mod warm_start;
mod web_config;
