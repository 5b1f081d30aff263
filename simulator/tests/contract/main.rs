//! Holds the fakes to the vendors' documents and to what clients met, over real sockets.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

mod datto;
mod dropsuite;
