//! Compares what was sold with what the vendors do: pure functions of a list and of what is published.
//!
//! A [`List`] is made by `config` from the operator's file. What can only be
//! guessed is left unknown: who is meant by a name that two tenants bear, and
//! who is missing from a list of tenants that is not complete.

mod comparison;
mod list;

pub use comparison::{Comparison, Presence, Sold};
pub use list::{Expectation, Expectations, Key, List, Place};
