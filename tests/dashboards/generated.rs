//! Reads the committed dashboards, which `dashboards/generator` writes.

use serde_json::Value;

use crate::alerts::files::{files, read};

/// All dashboards as Grafana reads them, the overview first.
pub(crate) fn documents() -> Vec<Value> {
    let mut all: Vec<Value> =
        files("dashboards", ".json").iter().map(|path| serde_json::from_str(&read(path)).unwrap()).collect();
    all.sort_by_key(|document| document["uid"] != "saasbackup-overview");
    all
}

/// The panels of a dashboard that show something.
pub(crate) fn panels(document: &Value) -> impl Iterator<Item = &Value> {
    document["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row")
}

/// The queries of a panel.
pub(crate) fn targets(panel: &Value) -> impl Iterator<Item = &Value> {
    panel["targets"].as_array().unwrap().iter()
}

/// The variables of a dashboard that are filled by a query: name and query.
pub(crate) fn queried_variables(document: &Value) -> impl Iterator<Item = (&str, &str)> {
    let all = document["templating"]["list"].as_array().unwrap().iter();
    let queried = all.filter(|variable| variable["type"] == "query");
    queried.map(|variable| (text(&variable["name"]), text(&variable["query"]["query"])))
}

/// A text that must be there.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
