//! Checks the dashboards against Grafana's own types, panel by panel.

use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::generated::{documents, panels, text};

/// The types of `@grafana/schema` as a JSON schema; see the folder's README.
fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/dashboards").join(name);
    let text = std::fs::read_to_string(path.with_extension("json")).unwrap_or_else(|_| panic!("no schema of {name}"));
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn problems(validator: &Validator, value: &Value) -> Vec<String> {
    let told = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path()));
    // Every dashboard that Grafana exports has a definition in its variables, which its types do not know.
    told.filter(|problem| !problem.contains("'definition' was unexpected")).collect()
}

#[test]
fn every_panel_is_as_grafana_defines_it() {
    for document in documents() {
        for panel in panels(&document) {
            let found = problems(&schema(text(&panel["type"])), panel);
            assert!(found.is_empty(), "{} [{}]: {found:#?}", document["uid"], panel["title"]);
        }
    }
}

#[test]
fn every_dashboard_is_as_grafana_defines_it() {
    for mut document in documents() {
        document["panels"] = json!([]);
        let found = problems(&schema("dashboard"), &document);
        assert!(found.is_empty(), "{}: {found:#?}", document["uid"]);
    }
}

#[test]
fn a_mistake_is_found() {
    let document = documents().remove(0);
    let panel = panels(&document).find(|panel| panel["type"] == "stat").unwrap();
    for (pointer, key, value) in [
        ("/options", "colourMode", json!("value")),
        ("/options", "colorMode", json!("backgrund")),
        ("/fieldConfig/defaults", "decimals", json!("two")),
        ("/targets/0", "expression", json!("up")),
    ] {
        let mut panel = panel.clone();
        panel.pointer_mut(pointer).unwrap()[key] = value;
        assert!(!problems(&schema("stat"), &panel).is_empty(), "{pointer}/{key}");
    }
}
