//! Scrapes the exporter in parts, and puts them together again.

mod bench;
mod limit;
mod missing;
mod parts;
mod sources;
