//! Writes down what a vendor responds, without its values, and makes responses of the same shape from that again.
//!
//! Only structure, types, public words, counts and distances in time are kept. Everything else is replaced by its class
//! and a number (`shape`): equal values have equal numbers within one recording, and what they were is forgotten with
//! it.

mod file;
mod served;
mod shape;

pub use file::{Ended, Extent, MAX_REQUESTS, ReadError, Recorded, Recording, VERSION};
pub use served::{Malformed, NO_TEXT, Place, served, text};
pub use shape::Shapes;
