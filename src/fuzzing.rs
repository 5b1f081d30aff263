//! Opens the private decoders to the fuzz targets in `fuzz/`; not part of the library's interface.

pub use crate::provider::fuzzing::{Limits, Reading, datto, dropsuite, retry_after};

use crate::config::expected::{read_csv, read_yaml};
use crate::domain::SourceIdentity;
use crate::domain::expected::List;

/// Reads a list of what was sold, as YAML or as CSV.
///
/// # Errors
///
/// Every problem of the list, or the first ones where there are many.
pub fn expected(text: &str, is_yaml: bool, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    if is_yaml { read_yaml(text, "list", sources) } else { read_csv(text, "list", sources) }
}
