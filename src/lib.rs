//! Exports the health of SaaS backups to Prometheus.
//!
//! One process asks Dropsuite (sold as NinjaOne SaaS Backup) and Datto SaaS
//! Protection about every tenant of a managed service provider, and serves
//! what it knows as gauges. The one idea to protect: unknown is never shown as
//! fine, and never as zero.
//!
//! Data moves one way, as plain values, and the modules stand in that order:
//!
//! - [`config`] reads what the operator decided; [`app`] puts the pieces together.
//! - [`poller`] decides who is asked next; [`provider`] asks, and translates the
//!   vendor's words into the [`domain`].
//! - [`domain::SourceState::advance`] decides what is kept, marked stale or
//!   dropped; [`store`] publishes the result beside the poller's [`plan`]; [`state_file`] carries it over a restart.
//! - [`expected`] compares what was sold with it.
//! - [`exposition`] renders what is published, by one catalogue; [`server`]
//!   answers over HTTP, by the rules of [`web_config`]. [`instrumentation`] counts what the exporter does itself.
//! - [`shard`] divides the tenants among several exporters.
//! - [`demo`] runs it against [`saasbackup_simulator`], which imitates the vendors' APIs and uses nothing of the rest.
//! - [`doctor`] tries a configuration step by step, and says what to do; [`health`] asks a running exporter whether it
//!   lives.

pub mod app;
pub mod cli;
pub mod commands;
pub mod config;
pub mod domain;
pub mod exposition;
#[doc(hidden)]
pub mod fuzzing;
#[cfg(test)]
#[path = "../tests/support/golden.rs"]
mod golden;
pub mod instrumentation;
pub mod metric;
pub mod poller;
pub mod process;
pub mod provider;
mod qvalue;
pub mod server;
pub mod state_file;
pub mod store;
