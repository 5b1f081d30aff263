//! Reads fields, and records deviations from the documented schema.

use super::endpoint::Endpoint;
use super::field::Field;
use crate::domain::{Drift, DriftKind};

/// Maximum number of deviations kept per endpoint: enough to raise the alert, and more would only use memory.
const MAX_NOTES: usize = 10_000;

/// The deviations in the responses of one endpoint.
#[derive(Debug)]
pub(super) struct Notes {
    endpoint: Endpoint,
    drift: Vec<Drift>,
}

impl Notes {
    pub(super) const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, drift: Vec::new() }
    }

    /// Records one deviation; `field` is empty if the whole record is affected.
    pub(super) fn note(&mut self, field: &'static str, kind: DriftKind) {
        if self.drift.len() < MAX_NOTES {
            self.drift.push(Drift { endpoint: self.endpoint.template(), field, kind });
        }
    }

    /// The value of a field that may be missing.
    pub(super) fn optional<'f, T>(&mut self, name: &'static str, field: &'f Field<T>) -> Option<&'f T> {
        if matches!(field, Field::Unreadable | Field::Retyped(_)) {
            self.note(name, DriftKind::Retyped);
        }
        field.value()
    }

    /// The value of a field that should be present, but may be null.
    pub(super) fn expected<'f, T>(&mut self, name: &'static str, field: &'f Field<T>) -> Option<&'f T> {
        if matches!(field, Field::Absent) {
            self.note(name, DriftKind::Missing);
        }
        self.optional(name, field)
    }

    /// The value of a field that should be present and not null.
    pub(super) fn required<'f, T>(&mut self, name: &'static str, field: &'f Field<T>) -> Option<&'f T> {
        if matches!(field, Field::Null) {
            self.note(name, DriftKind::Missing);
        }
        self.expected(name, field)
    }

    pub(super) fn into_drift(self) -> Vec<Drift> {
        self.drift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprises_are_bounded() {
        let mut notes = Notes::new(Endpoint::new("/here"));
        (0..MAX_NOTES + 1).for_each(|_| notes.note("", DriftKind::UndecodableRecord));
        assert_eq!(notes.into_drift().len(), MAX_NOTES);
    }
}
