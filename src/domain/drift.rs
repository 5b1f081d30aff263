//! Defines deviations from the vendors' documented schemas.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// One kind of deviation in one field of an endpoint's responses; never contains the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Drift {
    /// The endpoint's template, such as `/users/{id}`.
    pub endpoint: &'static str,
    /// The vendor's name of the field; empty if a whole record is affected.
    pub field: &'static str,
    /// The kind of deviation.
    pub kind: DriftKind,
}

/// How a record deviates from the documented schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DriftKind {
    /// A required field is missing.
    Missing,
    /// A field has another type than documented, or text that does not parse.
    Retyped,
    /// A field contains an unknown word.
    UnknownWord,
    /// A field contains an impossible value, such as a backup in the future.
    OutOfRange,
    /// A record is not an object, so it is unreadable.
    UndecodableRecord,
    /// A record belongs to another tenant than the requested one, and was dropped.
    ForeignRecord,
    /// Two different records have the same id; both are counted.
    ConflictingRecord,
}
