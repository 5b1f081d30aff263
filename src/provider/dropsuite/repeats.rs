//! Detects different records with the same id; equal ones are dropped while a list is read.

use foldhash::HashSet;

use crate::domain::DriftKind;
use crate::provider::digest::digest;
use crate::provider::note::Notes;

/// A record with an id of its own.
pub(super) trait Identified {
    /// The identity of the record, if readable.
    fn id(&self) -> Option<&str>;

    /// The organization it belongs to, where it says so.
    fn organization_id(&self) -> Option<&str> {
        None
    }
}

/// The digests of the ids of one list.
#[derive(Debug, Default)]
pub(super) struct Repeats(HashSet<u64>);

impl Repeats {
    /// Adds a record.
    pub(super) fn see(&mut self, record: &impl Identified, notes: &mut Notes) {
        let Some(id) = record.id() else { return };
        if !self.0.insert(digest(id)) {
            notes.note("", DriftKind::ConflictingRecord);
        }
    }
}
