//! Compares the tenants expected from billing with what the vendors report: pure functions of a list and the published
//! states.
//!
//! `config` reads a [`List`] from the operator's file. What is ambiguous stays unknown: a name that two tenants share,
//! or who is missing from an incomplete listing.

mod comparison;
mod list;

pub use super::roster::{Key, Place, Presence};
pub use comparison::{Comparison, Sold};
pub use list::{Accepted, Expectation, Expectations, List};
