//! Exports the health of SaaS backups to Prometheus.

pub mod domain;
