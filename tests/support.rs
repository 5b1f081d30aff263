//! Runs the exporter as users do, on real sockets against a mock vendor, and reads its output.

pub(crate) mod demo;
pub(crate) mod exporter;
pub(crate) mod exposition;
pub(crate) mod generation;
pub(crate) mod golden;
pub(crate) mod http;
pub(crate) mod process;
pub(crate) mod prometheus;
pub(crate) mod promql;
mod text_only;
pub(crate) mod tools;
pub(crate) mod vendor;
pub(crate) mod victoria_metrics;
pub(crate) mod wait;
