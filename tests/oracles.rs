//! Checks the running demo with independent programs: promtool, Prometheus and Python's parsers.

mod discovery;
mod documentation;
mod exposition;
mod formats;
mod scraping;
mod textfile;
mod transfer;
mod victoria_metrics;
