//! Exports the health of SaaS backups to Prometheus.
//!
//! One process polls Dropsuite (sold as NinjaOne SaaS Backup) and Datto SaaS
//! Protection for every tenant of a managed service provider, and serves the
//! results as gauges. The one rule: unknown is never shown as fine, and never
//! as zero.
//!
//! Data moves one way, as plain values; `ARCHITECTURE.md` shows how, and what each module never uses:
//!
//! - [`cli`] defines the flags, and [`commands`] the subcommands; [`app`] composes pollers, store and server.
//! - [`config`] reads and validates the configuration.
//! - [`poller`] schedules the tenants; [`provider`] sends the requests, and converts the responses to the [`domain`].
//! - [`domain::SourceState::advance`] decides which values are kept, stale or dropped; [`store`] publishes the result,
//!   and [`state_file`] persists it across restarts.
//! - [`exposition`] renders the published states by one catalogue, followed by the exporter's own metrics of
//!   [`instrumentation`]; [`metric`] describes a family of either. [`server`] serves them over HTTP.
//! - [`recording`] writes a vendor's responses without their values, and generates such responses again.
//! - [`process`] provides clock, log, signals and reload requests.
//!
//! [`saasbackup_simulator`] mocks the vendors' APIs for tests and the demo, and uses nothing of this crate.

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
mod markup;
pub mod metric;
pub mod poller;
pub mod process;
pub mod provider;
mod qvalue;
pub mod recording;
pub mod report;
pub mod server;
mod spreadsheet;
pub mod state_file;
pub mod store;
