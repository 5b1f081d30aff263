//! Holds one row of the catalogue.

use super::Scope;
use crate::metric::Descriptor;

/// One row of the catalogue: a family and where its samples come from.
#[derive(Debug)]
pub struct Family {
    /// What the family is.
    pub descriptor: Descriptor,
    /// Which entity it describes, and how its value is found.
    pub scope: Scope,
}
