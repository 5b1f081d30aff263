//! Opens the private decoders to the fuzz targets in `fuzz/`; not part of the library's interface.

pub use crate::provider::fuzzing::{Limits, Reading, datto, dropsuite, retry_after};

use crate::config::expected::{read_csv, read_yaml};
use crate::domain::SourceIdentity;
use crate::domain::expected::List;
use crate::exposition::Filter;
use crate::server;
use crate::state_file::{self, LoadError, Saved};

/// Reads a list of what was sold, as YAML or as CSV.
///
/// # Errors
///
/// Every problem of the list, or the first ones where there are many.
pub fn expected(text: &str, is_yaml: bool, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    if is_yaml { read_yaml(text, "list", sources) } else { read_csv(text, "list", sources) }
}

/// Reads from the query of a request what a scrape asks for.
///
/// # Errors
///
/// What the answer says about a query that cannot be understood.
pub fn scrape(query: &str) -> Result<Filter, String> {
    server::scrape_filter(query)
}

/// Reads what stands after the first line of a state file that is whole.
///
/// # Errors
///
/// When it says what no state can be.
pub fn state(body: &[u8]) -> Result<Saved, LoadError> {
    state_file::read_body(body)
}
