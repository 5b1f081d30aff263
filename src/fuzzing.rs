//! Opens the private decoders to the fuzz targets in `fuzz/`; not part of the library's interface.

pub use crate::provider::fuzzing::{Limits, Reading, datto, dropsuite, retry_after};
