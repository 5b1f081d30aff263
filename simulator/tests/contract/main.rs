//! Holds the fakes to the vendors' documents and to what clients met, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test helper has no caller to return an error to")]

mod datto;
mod dropsuite;
