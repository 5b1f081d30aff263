//! Runs `doctor` against fakes of the vendors and against what is no vendor, and holds it to golden text.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "doctor/bench.rs"]
mod bench;
#[path = "doctor/datto.rs"]
mod datto;
#[path = "doctor/dropsuite.rs"]
mod dropsuite;
#[path = "doctor/network.rs"]
mod network;
#[path = "doctor/output.rs"]
mod output;
#[path = "doctor/tls.rs"]
mod tls;
