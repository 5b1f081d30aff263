//! Runs the exporter as its users do, on real sockets against a fake vendor, and reads what it says.

#![allow(dead_code, reason = "every test file uses its own part of these helpers")]

pub(crate) mod exporter;
pub(crate) mod exposition;
pub(crate) mod process;
pub(crate) mod vendor;

use std::time::Duration;

/// Nothing that a test waits for takes longer than this, however busy the machine is.
pub(crate) const DEADLINE: Duration = Duration::from_secs(300);
/// How long a wait lets pass before it looks again.
pub(crate) const GLANCE: Duration = Duration::from_millis(200);
