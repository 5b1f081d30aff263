//! Exposes the private decoders to the fuzz targets in `fuzz/`; not part of the public API.

pub use crate::provider::fuzzing::{Limits, Reading, datto, dropsuite, retry_after};

use crate::config::expected::{read_csv, read_yaml};
use crate::domain::SourceIdentity;
use crate::domain::expected::List;
use crate::exposition::Filter;
use crate::server;
use crate::state_file::{self, LoadError, Saved};

/// Reads a list of expected tenants as YAML or CSV.
///
/// # Errors
///
/// Every problem of the list, or the first ones if there are many.
pub fn expected(text: &str, is_yaml: bool, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    if is_yaml { read_yaml(text, "list", sources) } else { read_csv(text, "list", sources) }
}

/// Parses the query of a scrape.
///
/// # Errors
///
/// The error response to an invalid query.
pub fn scrape(query: &str) -> Result<Filter, String> {
    server::scrape_filter(query)
}

/// Reads the content after the header of an intact state file.
///
/// # Errors
///
/// If it is invalid.
pub fn state(body: &[u8]) -> Result<Saved, LoadError> {
    state_file::read_body(body)
}
