//! Checks every panel, variable and link against common conventions for dashboards.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use super::generated::{documents, panels, queried_variables, targets, text};
use super::substitution::{Values, of_range, substituted};
use crate::support::promql::Vocabulary;

/// The colour of what is not known.
const UNKNOWN: &str = "purple";
/// What the preview can draw.
const KINDS: [&str; 6] = ["stat", "timeseries", "table", "bargauge", "text", "status-history"];

/// Where every panel and every query gets its data.
fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// Any value for every variable of a dashboard.
fn any(document: &Value) -> Values {
    let variables = queried_variables(document).map(|(name, _)| (name.to_owned(), ".+".to_owned()));
    of_range(86_400).into_iter().chain(variables).collect()
}

/// Every panel with the dashboard in which it is.
fn each_panel(check: impl Fn(&Value, &Value, &str)) {
    let mut checked = 0;
    for document in documents() {
        for panel in panels(&document) {
            check(&document, panel, &format!("{} [{}]", document["uid"], panel["title"]));
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn every_panel_says_what_it_shows() {
    each_panel(|_, panel, place| {
        assert!(KINDS.contains(&text(&panel["type"])), "{place}");
        let (title, description) = (text(&panel["title"]), text(&panel["description"]));
        assert!(!title.is_empty() && description.len() > 20 && description.ends_with('.'), "{place}: {description}");
        // About 22 letters fit above four columns.
        let width = usize::try_from(panel["gridPos"]["w"].as_u64().unwrap()).unwrap();
        assert!(title.len() <= 22 * width / 4, "{place} is cut");
        assert_eq!(panel["datasource"], datasource(), "{place}");
        assert!(targets(panel).count() > 0, "{place} asks nothing");
        assert!(targets(panel).all(|target| target["datasource"] == datasource()), "{place}");
    });
}

#[test]
fn every_unit_is_one_of_grafanas() {
    let units: BTreeSet<_> = include_str!("../testdata/dashboards/units.txt").lines().collect();
    each_panel(|_, panel, place| {
        let overrides = panel["fieldConfig"]["overrides"].as_array().unwrap().iter();
        let properties = overrides.flat_map(|one| one["properties"].as_array().unwrap());
        let of_columns = properties.filter(|property| property["id"] == "unit").map(|property| &property["value"]);
        for unit in of_columns.chain([&panel["fieldConfig"]["defaults"]["unit"]]) {
            assert!(units.contains(text(unit)), "{place}: {unit}");
        }
    });
}

#[test]
fn what_is_not_there_never_looks_fine() {
    each_panel(|_, panel, place| {
        let defaults = &panel["fieldConfig"]["defaults"];
        let overrides = panel["fieldConfig"]["overrides"].as_array().unwrap().iter();
        let properties: Vec<_> = overrides.flat_map(|one| one["properties"].as_array().unwrap()).collect();
        let of_columns = |id: &str| {
            properties
                .iter()
                .filter(|property| property["id"] == id)
                .map(|property| &property["value"])
                .collect::<Vec<_>>()
        };
        let known_words =
            ["no data", "unknown", "none", "never", "never seen", "no history", "nothing seen", "no budget announced"];
        for words in of_columns("noValue").into_iter().chain([&defaults["noValue"]]) {
            assert!(known_words.contains(&text(words)), "{place}: {words}");
        }
        // Grafana gives what is not there the colour below the first step.
        let thresholds = of_columns("thresholds").into_iter().chain(defaults.get("thresholds"));
        for steps in thresholds.map(|thresholds| thresholds["steps"].as_array().unwrap()) {
            assert_eq!(steps[0]["value"], Value::Null, "{place}");
            assert_eq!(steps[0]["color"], UNKNOWN, "{place}");
        }
        for kind in ["stat", "bargauge", "table", "status-history"] {
            let is_coloured = defaults.get("thresholds").is_some();
            assert!(panel["type"] != kind || is_coloured, "{place}: Grafana's own steps begin with green");
        }
        for target in targets(panel) {
            assert!(!text(&target["expr"]).contains("vector("), "{place}: nothing would become a number");
        }
    });
}

#[test]
fn every_query_names_what_the_exporter_has() {
    let vocabulary = Vocabulary::of_the_exporter();
    let legend = Regex::new(r"\{\{(\w+)\}\}").unwrap();
    each_panel(|document, panel, place| {
        let mut shown = BTreeSet::new();
        for target in targets(panel) {
            let expression = substituted(text(&target["expr"]), &any(document));
            let labels = vocabulary.check(&expression);
            let labels = labels.unwrap_or_else(|problems| panic!("{place}: {expression}\n{problems:#?}"));
            for name in legend.captures_iter(text(&target["legendFormat"])).map(|found| found[1].to_owned()) {
                assert!(labels.contains(&name), "{place}: the legend names {name}: {expression}");
            }
            if panel["type"] == "table" {
                assert!(target["format"] == "table" && target["instant"] == true, "{place}");
                // One row for each thing: the queries must agree on what distinguishes things.
                assert!(shown.is_empty() || shown == labels, "{place}: {expression} gives other labels");
                shown = labels;
            }
        }
        if panel["type"] == "table" {
            let organize = &panel["transformations"][1]["options"];
            let fields = organize["indexByName"].as_object().unwrap().keys();
            let columns: BTreeSet<_> = fields.filter(|field| !field.starts_with("Value")).cloned().collect();
            assert!(columns.is_subset(&shown), "{place}: {columns:?} of {shown:?}");
            assert!(!shown.contains("instance") || columns.contains("instance"), "{place}: one row for each replica");
        }
    });
}

#[test]
fn replicas_never_double_a_number() {
    // What each process does itself may be summed; what it says of tenants is exported by each of its replicas.
    let own = ["saasbackup_exporter_", "saasbackup_schema_drift_total", "process_", "scrape_", "up"];
    let bare = Regex::new(r"(\w+)(?: by \([^)]*\))? \((\w+)\{").unwrap();
    each_panel(|_, panel, place| {
        for target in targets(panel) {
            let expression = text(&target["expr"]);
            for found in bare.captures_iter(expression) {
                let is_own = own.iter().any(|prefix| found[2].starts_with(prefix));
                assert!(is_own || ["max", "min"].contains(&&found[1]), "{place}: {} of {}", &found[1], &found[2]);
            }
        }
    });
}

#[test]
fn counters_are_only_shown_by_how_fast_they_rise() {
    let counter = Regex::new(r"(\w*)\(?(\w+_total|\w+_bucket)\b").unwrap();
    let ranged = Regex::new(r"(rate|increase)\((\w+)\{[^}]*\}\[([^\]]+)\]\)").unwrap();
    each_panel(|_, panel, place| {
        for target in targets(panel) {
            let expression = text(&target["expr"]);
            let rates: Vec<_> = ranged.captures_iter(expression).collect();
            for rate in &rates {
                // Fixed windows stand in the title; everything else follows the resolution.
                let is_right =
                    if &rate[1] == "rate" { &rate[3] == "$__rate_interval" } else { rate[3].starts_with('1') };
                assert!(is_right, "{place}: {}", &rate[0]);
            }
            for found in counter.captures_iter(expression) {
                let is_rated = rates.iter().any(|rate| rate[2].ends_with(&found[2]));
                // How often a process lost tenants since it started is a number that people read as such.
                let is_exempt = &found[2] == "saasbackup_tenants_removed_total" && panel["type"] == "table";
                assert!(is_rated || is_exempt, "{place}: {expression}");
            }
        }
    });
}

#[test]
fn every_variable_finds_its_values() {
    let vocabulary = Vocabulary::of_the_exporter();
    let values_of = Regex::new(r"^label_values\((.+), (\w+)\)$").unwrap();
    for document in documents() {
        let all = document["templating"]["list"].as_array().unwrap();
        assert_eq!((&all[0]["name"], &all[0]["type"]), (&"datasource".into(), &"datasource".into()));
        let mut known: Values = Values::new();
        for (name, query) in queried_variables(&document) {
            let found = values_of.captures(query).unwrap_or_else(|| panic!("{query}"));
            assert_eq!(&found[2], name);
            // A variable may depend on those before it only.
            let labels = vocabulary.check(&substituted(&found[1], &known)).unwrap();
            assert!(labels.contains(name), "{query}");
            known.insert(name.to_owned(), ".+".to_owned());
        }
        for variable in all.iter().filter(|variable| variable["includeAll"] == true) {
            assert_eq!((&variable["allValue"], &variable["refresh"]), (&".+".into(), &2.into()), "{variable}");
        }
    }
}

#[test]
fn every_link_leads_somewhere_with_what_was_chosen() {
    let uids: BTreeSet<_> = documents().iter().map(|document| text(&document["uid"]).to_owned()).collect();
    let address = Regex::new(r"^/d/([\w-]+)/[\w-]+\?(.+)$").unwrap();
    let mut cells = 0;
    for document in documents() {
        let to_all = &document["links"][0];
        assert_eq!(to_all["tags"], document["tags"]);
        assert!(to_all["includeVars"] == true && to_all["keepTime"] == true);
        for panel in panels(&document) {
            let serialized = panel.to_string();
            let overrides = panel["fieldConfig"]["overrides"].as_array().unwrap().iter();
            let properties = overrides.flat_map(|one| one["properties"].as_array().unwrap());
            for property in properties.filter(|property| property["id"] == "links") {
                let url = text(&property["value"][0]["url"]);
                let found = address.captures(url).unwrap_or_else(|| panic!("{url}"));
                assert!(uids.contains(&found[1]), "{url}");
                let target = documents().into_iter().find(|document| document["uid"] == found[1]).unwrap();
                let variables: BTreeSet<_> = queried_variables(&target).map(|(name, _)| name.to_owned()).collect();
                for passed in found[2].split('&').filter_map(|one| one.strip_prefix("var-")?.split_once('=')) {
                    assert!(variables.contains(passed.0), "{url} passes {}", passed.0);
                    let field = passed.1.strip_prefix("${__data.fields.").and_then(|rest| rest.split(':').next());
                    // A field that is left out of the table cannot stand in a link.
                    let excluded = &panel["transformations"][1]["options"]["excludeByName"];
                    assert!(field.is_none_or(|field| excluded.get(field).is_none()), "{url}");
                    assert!(field.is_none() || passed.1.ends_with(":percentencode}"), "{url}");
                }
                assert!(url.contains("${__url_time_range}") && url.contains("${datasource:queryparam}"), "{url}");
                cells += 1;
            }
            assert!(!serialized.contains("__inputs") && !serialized.contains("${DS_"), "{}", panel["title"]);
        }
        assert!(document.get("__inputs").is_none() && document["id"].is_null());
    }
    assert!(cells >= 4, "{cells}");
}
