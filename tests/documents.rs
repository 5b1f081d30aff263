//! Holds every page to the program: each block is run or parsed, each link leads somewhere, each name exists.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "documents/blocks.rs"]
mod blocks;
#[path = "documents/cardinality.rs"]
mod cardinality;
#[path = "documents/commands.rs"]
mod commands;
#[path = "documents/configuration.rs"]
mod configuration;
#[path = "documents/dependencies.rs"]
mod dependencies;
#[path = "documents/endpoints.rs"]
mod endpoints;
#[path = "oracles/exporter.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod exporter;
#[path = "alerts/files.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod files;
#[path = "documents/links.rs"]
mod links;
#[path = "documents/markdown.rs"]
mod markdown;
#[path = "documents/numbers.rs"]
mod numbers;
#[path = "documents/packaged.rs"]
mod packaged;
#[path = "oracles/process.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod process;
#[path = "oracles/prometheus.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod prometheus;
#[path = "support/promql.rs"]
#[allow(dead_code, reason = "not everything is needed here")]
mod promql;
#[path = "documents/shell.rs"]
mod shell;
#[path = "documents/stage.rs"]
mod stage;
mod support;
#[path = "oracles/text_only.rs"]
mod text_only;
#[path = "documents/troubleshooting.rs"]
mod troubleshooting;
#[path = "documents/words.rs"]
mod words;
#[path = "documents/workshop.rs"]
mod workshop;
