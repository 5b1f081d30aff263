//! Holds the alert rules, their runbooks and the example of an Alertmanager to what they promise.

mod alertmanager_example;
mod coverage;
mod delivery;
mod demo;
pub(crate) mod files;
mod gaps;
mod labels;
mod prometheus;
mod promtool;
mod receiver;
mod rules;
mod runbooks;
mod series;
mod tickets;
mod vocabulary;
