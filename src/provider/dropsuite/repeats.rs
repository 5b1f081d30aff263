//! Detects different records with the same id; equal ones are dropped while a list is read.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use crate::domain::DriftKind;
use crate::provider::note::Notes;

/// A record with an id of its own.
pub(super) trait Identified {
    /// The identity of the record, if readable.
    fn id(&self) -> Option<&str>;
}

/// The ids of one list.
#[derive(Debug, Default)]
pub(super) struct Repeats(HashSet<u64>);

impl Repeats {
    /// Adds a record.
    pub(super) fn see(&mut self, record: &impl Identified, notes: &mut Notes) {
        let Some(id) = record.id() else { return };
        if !self.0.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(id)) {
            notes.note("", DriftKind::ConflictingRecord);
        }
    }
}
