//! Imitates the vendors' APIs, so that the demo, the tests and the benches need no account.
//!
//! A fake renders vendor JSON from a fleet of its own, checks what the vendor checks and misbehaves on demand
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
