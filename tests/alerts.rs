//! Holds the alert rules, their runbooks and the example of an Alertmanager to what they promise.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "support/promql.rs"]
mod promql;
#[path = "alerts/vocabulary.rs"]
mod vocabulary;
