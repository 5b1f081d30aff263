//! Exports the health of SaaS backups to Prometheus.

pub mod clock;
pub mod config;
pub mod domain;
pub mod exposition;
pub mod instrumentation;
pub mod provider;
pub mod simulator;
