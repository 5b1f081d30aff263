//! Reads the restore tests, and how often tenants should have one.

mod cells;
mod draft;
mod objectives;

use std::sync::Arc;

use super::tenant_list;
use crate::domain::SourceIdentity;
use crate::domain::restore::RestoreTests;
use crate::process::clock;
use draft::Drafts;

#[cfg(test)]
pub(super) use objectives::KEYS as OBJECTIVE_KEYS;
pub(super) use objectives::{NOT_WANTED, decode as decode_objectives};

/// The restore tests, and the file that lists them.
pub type RestoreTestsFile = tenant_list::ListFile<RestoreTests>;

impl tenant_list::List for RestoreTests {
    const SECTION: &'static str = "restore_tests";
    const RECORD: &'static str = "restore test";
    const EXAMPLE: &'static str = "- { tenant_id: ..., workload: mail, date: 2026-10-31, result: ok }";
    const EMPTY: &'static str = "contains no restore tests; remove the key to disable their objective";

    type Drafts<'a> = Drafts<'a>;

    fn drafts<'a>(sources: &'a [SourceIdentity], _columns: &'a [Arc<str>]) -> Drafts<'a> {
        Drafts::new(sources, clock::now())
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

#[cfg(test)]
mod tests;
