//! Checks the configuration reference against the program: the keys of each section, their values and defaults.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use saasbackup_exporter::config::Config;
use serde_json::Value;

use super::markdown::page;

/// A key that no section has, and that is far from every key that one has.
const UNKNOWN: &str = "qqqqqqqq";

/// Each heading of the page, and a configuration with `KEY: VALUE` in that section.
const SECTIONS: [(&str, &str); 12] = [
    ("Top level", "KEY: VALUE"),
    ("`collection`", "collection: { KEY: VALUE }"),
    ("`sources`", "sources: [{ KEY: VALUE }]"),
    ("`tenants` of a source", "sources: [{ tenants: { KEY: VALUE } }]"),
    ("`rpo`", "rpo: { KEY: VALUE }"),
    ("`coverage_objective`", "coverage_objective: { KEY: VALUE }"),
    ("`state`", "state: { KEY: VALUE }"),
    ("`log`", "log: { KEY: VALUE }"),
    ("`metrics`", "metrics: { KEY: VALUE }"),
    ("`expected`", "expected: { KEY: VALUE }"),
    ("`restore_tests`", "restore_tests: { KEY: VALUE }"),
    ("`restore_test_objective`", "restore_test_objective: { KEY: VALUE }"),
];

/// A row of a table: one key, or several that are alike.
struct Row {
    keys: Vec<String>,
    value: String,
    default: String,
}

/// The rows below a heading.
fn rows(heading: &str) -> Vec<Row> {
    let text = page("docs/CONFIGURATION.md").text;
    let section = text.split("\n## ").find(|section| section.starts_with(&format!("{heading}\n")));
    let section = section.unwrap_or_else(|| panic!("no heading {heading}"));
    let row = Regex::new(r"(?m)^\| (`.+?`) \| (.+?) \| (.+?) \| .+ \|$").unwrap();
    let key = Regex::new("`([a-z_]+)`").unwrap();
    let keys = |cell: &str| key.captures_iter(cell).map(|found| found[1].to_owned()).collect();
    row.captures_iter(section)
        .map(|row| Row { keys: keys(&row[1]), value: row[2].to_owned(), default: row[3].to_owned() })
        .collect()
}

fn keys(heading: &str) -> BTreeSet<String> {
    rows(heading).into_iter().flat_map(|row| row.keys).collect()
}

/// The problems that the program reports of a section with this key.
fn problems(section: &str, key: &str, value: &str) -> String {
    let text = section.replace("KEY", key).replace("VALUE", value);
    Config::parse(&text, &|_| None, Path::new("")).unwrap_err().to_string()
}

#[test]
fn the_reference_lists_the_keys_of_each_section() {
    let known = Regex::new(&format!(r"{UNKNOWN}: unknown key \(accepted: (.+)\)")).unwrap();
    for (heading, section) in SECTIONS {
        let problems = problems(section, UNKNOWN, "1");
        let known: BTreeSet<_> = known.captures(&problems).unwrap()[1].split(", ").map(str::to_owned).collect();
        let mut listed = keys(heading);
        if heading == "`sources`" {
            listed.extend(keys("`collection`"));
        }
        assert_eq!(listed, known, "{heading}");
    }
}

/// A value that is not accepted, and what the program says of it.
fn refusal(value: &str) -> Option<(&'static str, String)> {
    let (_, of) = value.rsplit_once(" of ").unwrap_or_default();
    Some(match value {
        _ if value.starts_with("map of part to duration, ") => ("{ coverage: 0s }", range(value)),
        _ if value.starts_with("map of workload to duration, ") => ("{ mail: 0s }", range(value)),
        _ if value.starts_with("duration, ") => ("0s", range(value)),
        _ if value.contains("number ") => ("-1", format!("is not a {value}")),
        _ if value.starts_with("list of ") && of.contains(", ") => ("[qqq]", format!("(accepted: {of})")),
        _ if value.starts_with("one of ") => ("qqq", format!("(accepted: {of})")),
        _ => return None,
    })
}

fn range(value: &str) -> String {
    format!("is out of range ({})", value.rsplit_once(", ").unwrap().1)
}

#[test]
fn the_reference_names_the_values_that_are_accepted() {
    let mut held = 0;
    for (heading, section) in SECTIONS {
        for row in rows(heading) {
            let Some((bad, expected)) = refusal(&row.value) else { continue };
            let problems = problems(section, &row.keys[0], bad);
            assert!(problems.contains(&expected), "{heading}, {:?}: {expected:?} is not in {problems}", row.keys);
            held += 1;
        }
    }
    assert!(held >= 12, "{held}");
}

/// As the page writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(_) => "all".to_owned(),
        number => number.as_f64().unwrap().to_string(),
    }
}

#[test]
fn the_reference_names_the_defaults() {
    let smallest = "sources: [{ name: datto, provider: datto, public_key: a, secret_key: b }]";
    let config = Config::parse(smallest, &|_| None, Path::new("")).unwrap();
    let collection = serde_json::to_value(&config.sources[0].collection).unwrap();
    // Those of the parts depend on the vendor: another page has them.
    for row in rows("`collection`").iter().filter(|row| !row.keys.contains(&"part_intervals".to_owned())) {
        assert_eq!(row.default, written(&collection[&row.keys[0]]), "{:?}", row.keys);
    }
    let base_url = rows("`sources`").into_iter().find(|row| row.keys == ["base_url"]).unwrap();
    assert!(base_url.default.contains(config.sources[0].provider.base_url()), "{}", base_url.default);
}
