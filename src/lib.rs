//! Exports the health of SaaS backups to Prometheus.
//!
//! One process asks Dropsuite (sold as NinjaOne SaaS Backup) and Datto SaaS
//! Protection about every tenant of a managed service provider, and serves
//! what it knows as gauges. The one idea to protect: unknown is never shown as
//! fine, and never as zero.
//!
//! Data moves one way, as plain values; `ARCHITECTURE.md` draws it, and has what each module never uses:
//!
//! - [`cli`] defines the flags, and [`commands`] what each subcommand does; [`app`] composes pollers, store and server.
//! - [`config`] reads and checks what the operator decided.
//! - [`poller`] decides which tenant is next; [`provider`] requests, and translates the vendor's words into the
//!   [`domain`].
//! - [`domain::SourceState::advance`] decides what is kept, stale or dropped; [`store`] publishes the result, and
//!   [`state_file`] carries it over a restart.
//! - [`exposition`] renders what is published, by one catalogue, and behind it the exporter's own metrics of
//!   [`instrumentation`]; [`metric`] describes a family of either. [`server`] answers over HTTP.
//! - [`recording`] writes down what a vendor responds without its values, and makes such responses again.
//! - [`process`] holds clock, log, signals and reload requests.
//!
//! [`saasbackup_simulator`] imitates the vendors' APIs for tests and the demo, and uses nothing of this crate.

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
