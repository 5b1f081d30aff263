//! Holds the committed dashboards to what is generated.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::boards;
use crate::dashboard::Dashboard;

/// All dashboards as Grafana reads them.
pub(crate) fn documents() -> Vec<Value> {
    boards::all().iter().map(Dashboard::to_json).collect()
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

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

#[test]
fn the_dashboards_are_as_generated() {
    let mut expected = Vec::new();
    for dashboard in boards::all() {
        let path = folder().join(dashboard.uid).with_extension("json");
        let text = serde_json::to_string_pretty(&dashboard.to_json()).unwrap() + "\n";
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} differs: run `UPDATE_DOCS=1 cargo test --test dashboards`", path.display());
        expected.push(path);
    }
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "no dashboard is left over");
}
