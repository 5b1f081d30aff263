//! Asks the exporter for parts of what it knows, and puts them together again.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

mod support;

#[path = "filters/bench.rs"]
mod bench;
#[path = "filters/limit.rs"]
mod limit;
#[path = "filters/missing.rs"]
mod missing;
#[path = "filters/parts.rs"]
mod parts;
#[path = "filters/sources.rs"]
mod sources;
