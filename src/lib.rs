//! Exports the health of SaaS backups to Prometheus.

pub mod domain;
pub mod exposition;
pub mod instrumentation;
pub mod simulator;
