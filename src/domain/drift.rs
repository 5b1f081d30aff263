//! Names what in a vendor's answer did not look as documented.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// One kind of surprise at one place of one endpoint's answers; never the value that surprised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Drift {
    /// The endpoint's template, such as `/users/{id}`.
    pub endpoint: &'static str,
    /// The vendor's name of the field; empty where a whole record is meant.
    pub field: &'static str,
    /// What was wrong with it.
    pub kind: DriftKind,
}

/// In which way a record did not look as documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DriftKind {
    /// A field that should be there is not.
    Missing,
    /// A field holds another type than documented, or text that does not parse.
    Retyped,
    /// A field holds a word that is not among the known ones.
    UnknownWord,
    /// A field holds a value that cannot be true, such as a backup in the future.
    OutOfRange,
    /// A record is not an object, so nothing of it could be read.
    UndecodableRecord,
    /// A record belongs to another tenant than the one that was asked for, and was dropped.
    ForeignRecord,
    /// Two records with one id say different things; both are counted.
    ConflictingRecord,
}
