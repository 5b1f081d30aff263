//! Mocks the vendors' APIs, so that the demo, the tests and the benchmarks need no account.
//!
//! A mock renders vendor JSON from its own fleet, validates requests like the vendor and misbehaves on demand
//! ([`faults`]). This crate does not depend on the exporter: a misreading of the vendor's document must not sit on both
//! sides of the socket, or every test would agree with it.

pub mod clock;
pub mod datto;
pub mod dropsuite;
pub mod faults;
mod names;
mod query;
mod random;
mod record;
mod server;
mod text;
