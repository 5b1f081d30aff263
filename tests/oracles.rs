//! Holds the running demo to judges that share nothing with it: promtool, Prometheus and Python's parsers.

mod discovery;
mod documentation;
mod exposition;
mod formats;
mod scraping;
mod textfile;
mod transfer;
mod victoria_metrics;
