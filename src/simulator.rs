//! Imitates the vendors' APIs, so that the demo, the tests and the benches need no account.
//!
//! A fake renders vendor JSON from its own invented [`fleet`], checks what the vendor checks and misbehaves on
//! demand ([`faults`]). It uses nothing of the rest of the product: a misreading of the vendor's document must not
//! sit on both sides of the socket, or every test would agree with it.

pub mod clock;
pub mod datto;
pub mod dropsuite;
pub mod faults;
pub mod fleet;
mod random;
mod record;
mod text;
