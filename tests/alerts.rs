//! Tests the alert rules, their runbooks and the example Alertmanager configuration.

mod alertmanager_example;
mod coverage;
mod delivery;
mod demo;
pub(crate) mod files;
mod gaps;
mod labels;
mod prometheus;
pub(crate) mod promtool;
mod receiver;
mod rules;
mod runbooks;
mod series;
mod tickets;
mod vocabulary;
