//! Parses an exposition with Python's `prometheus-client`, which shares no code with the exporter.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::support::tools::{run, tool};

/// A family as the parser understood it.
#[derive(Debug, Deserialize)]
pub(crate) struct Family {
    /// Without the suffix that its samples carry.
    name: String,
    pub(crate) kind: String,
    /// Empty if there is none.
    pub(crate) unit: String,
    pub(crate) help: String,
    pub(crate) samples: Vec<Sample>,
}

/// A sample as the parser understood it.
#[derive(Debug, Deserialize)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    /// The number as Python writes it.
    pub(crate) value: String,
    pub(crate) has_timestamp: bool,
}

pub(crate) type Labels = BTreeMap<String, String>;

impl Family {
    /// The name that queries use.
    pub(crate) fn documented_name(&self) -> String {
        match self.kind.as_str() {
            "counter" => format!("{}_total", self.name),
            "info" => format!("{}_info", self.name),
            _ => self.name.clone(),
        }
    }
}

/// The families that the parser of this format (`text` or `openmetrics`) finds, or its complaint.
pub(crate) fn parse(format: &str, exposition: &str) -> Result<Vec<Family>, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/read_exposition.py");
    let output = run(tool("python3").arg(script).arg(format), exposition.as_bytes());
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}
