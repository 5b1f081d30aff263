//! Holds what belongs to the process as a whole: its clock, its log, its signals and the request for a reload.

pub mod clock;
pub(crate) mod file;
pub mod logging;
pub mod reload;
pub mod shutdown;
