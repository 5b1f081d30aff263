//! Reads fields and notes those that did not look as documented.

use super::endpoint::Endpoint;
use super::field::Field;
use crate::domain::{Drift, DriftKind};

/// The most surprises that are kept of one endpoint's answers: so many raise the alarm, and each more only takes memory.
const MAX_NOTES: usize = 10_000;

/// The surprises in one endpoint's answers.
#[derive(Debug)]
pub(super) struct Notes {
    endpoint: Endpoint,
    drift: Vec<Drift>,
}

impl Notes {
    pub(super) const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, drift: Vec::new() }
    }

    /// Notes one surprise; `field` is empty where the whole record is meant.
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

    /// The value of a field that should be there, if only as null.
    pub(super) fn expected<'f, T>(&mut self, name: &'static str, field: &'f Field<T>) -> Option<&'f T> {
        if matches!(field, Field::Absent) {
            self.note(name, DriftKind::Missing);
        }
        self.optional(name, field)
    }

    /// The value of a field that should be there and hold something.
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
