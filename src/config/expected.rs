//! Reads the file of expected tenants, which lists what billing charges for each tenant.

mod accepted;
mod cells;
mod draft;
mod labels;
mod number;

use std::sync::Arc;

use super::decoder::Section;
use super::tenant_list::{self, Columns};
use crate::domain::SourceIdentity;
use crate::domain::expected::List;
use draft::Drafts;

/// The expected tenants, and the file that lists them.
pub type ExpectedFile = tenant_list::ListFile<List>;

impl tenant_list::List for List {
    const SECTION: &'static str = "expected";
    const KEYS: &'static [&'static str] = &["file", labels::KEY];
    const RECORD: &'static str = "tenant";
    const EXAMPLE: &'static str = "- { tenant_id: ..., workloads: [mail], seats: 25 }";
    const EMPTY: &'static str = "contains no tenants; remove the key to disable the comparison";

    type Drafts<'a> = Drafts<'a>;

    fn columns(section: &Section<'_>) -> Option<Columns> {
        labels::names(section)
    }

    fn drafts<'a>(sources: &'a [SourceIdentity], columns: &'a [Arc<str>]) -> Drafts<'a> {
        Drafts::new(sources, columns)
    }

    fn is_empty(&self) -> bool {
        self.tenants().is_empty()
    }
}

/// Reads a table of expected tenants.
pub(crate) fn read_csv(text: &str, shown: &str, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    tenant_list::read_csv(text, shown, Drafts::new(sources, &[]))
}

/// Reads a document of expected tenants.
pub(crate) fn read_yaml(text: &str, shown: &str, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    tenant_list::read_yaml(text, shown, Drafts::new(sources, &[]))
}

#[cfg(test)]
mod tests;
