//! Holds process-wide concerns: the clock, the log, signals and reload requests.

pub mod clock;
pub(crate) mod file;
pub mod logging;
pub(crate) mod reading;
pub mod reload;
pub mod shutdown;
