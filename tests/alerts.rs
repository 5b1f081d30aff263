//! Holds the alert rules, their runbooks and the example of an Alertmanager to what they promise.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "alerts/alertmanager_example.rs"]
mod alertmanager_example;
#[path = "alerts/coverage.rs"]
mod coverage;
#[path = "alerts/delivery.rs"]
mod delivery;
#[path = "alerts/demo.rs"]
mod demo;
#[path = "alerts/files.rs"]
mod files;
#[path = "alerts/patience.rs"]
mod patience;
#[path = "oracles/process.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod process;
#[path = "alerts/prometheus.rs"]
mod prometheus;
#[path = "support/promql.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod promql;
#[path = "alerts/promtool.rs"]
mod promtool;
#[path = "alerts/receiver.rs"]
mod receiver;
#[path = "alerts/rules.rs"]
mod rules;
#[path = "alerts/runbooks.rs"]
mod runbooks;
mod support;
#[path = "alerts/vocabulary.rs"]
mod vocabulary;
