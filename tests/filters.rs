//! Asks the exporter for parts of what it knows, and puts them together again.

mod bench;
mod limit;
mod missing;
mod parts;
mod sources;
