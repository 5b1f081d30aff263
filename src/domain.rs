//! Holds the nouns of the exporter and the one policy that decides what is shown.
//!
//! Nothing here knows a vendor, a socket, a file or the clock: every function
//! is a function of its arguments.

mod objective;
mod workload;

pub use objective::{Objectives, TenantObjectives};
pub use workload::Workload;
