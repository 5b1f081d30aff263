//! Parses each YAML excerpt with the program that it is for.

use serde_json::Value;

use super::stage::Stage;
use super::workshop::with_files;
use crate::alerts::files::{repository, yaml};
use crate::support::generation::Generation;
use crate::support::tools::tool;

/// Keys of the exporter's own configuration file.
const OURS: [&str; 10] = [
    "collection",
    "expected",
    "restore_tests",
    "rpo",
    "coverage_objective",
    "state",
    "log",
    "metrics",
    "sources",
    "shard",
];
/// Keys of the web configuration.
const WEB: [&str; 4] = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"];

/// Finds the program by the keys at the top, and lets it judge.
pub(crate) fn tried(text: &str, stage: &Stage) -> Result<(), String> {
    let document: Value = serde_saphyr::from_str(text).map_err(|problem| problem.to_string())?;
    if document.is_array() {
        return sold(text, "excerpt-of-sold.yaml", stage);
    }
    let keys: Vec<_> = document.as_object().ok_or("no mapping")?.keys().map(String::as_str).collect();
    let any = |known: &[&str]| keys.iter().any(|key| known.contains(key));
    if any(&["scrape_configs", "rule_files"]) {
        of_prometheus(text)
    } else if any(&["route", "receivers"]) {
        of_alertmanager(text)
    } else if any(&OURS) {
        ours(text, &keys, stage)
    } else if any(&WEB) {
        stage.workshop.write("excerpt.yaml", text);
        let arguments = ["--config.file=config.yaml", "--web.config.file=excerpt.yaml", "--config.check"];
        stage.workshop.run(&arguments).map(drop)
    } else if keys.contains(&"kind") {
        of_kubernetes(&document)
    } else if keys == ["apiVersion", "providers"] {
        of_grafana(&document)
    } else {
        Err(format!("no test reads this YAML with the keys {keys:?}"))
    }
}

/// What is missing of a whole file comes from the README's.
fn ours(text: &str, keys: &[&str], stage: &Stage) -> Result<(), String> {
    let whole = if keys.contains(&"sources") {
        text.to_owned()
    } else {
        let config = std::fs::read_to_string(stage.workshop.folder.path().join("config.yaml")).unwrap();
        let sources = config.split_once("sources:").unwrap().1;
        format!("{text}\nsources:{sources}")
    };
    stage.workshop.write("excerpt.yaml", &whole);
    with_files(stage.workshop.folder.path(), &["dropsuite-reseller-token", "dropsuite-access-token"]);
    stage.workshop.run(&["--config.file=excerpt.yaml", "--config.check"]).map(drop)
}

/// What was sold, as a table or a list, in the name's format.
pub(crate) fn sold(text: &str, name: &str, stage: &Stage) -> Result<(), String> {
    stage.workshop.write(name, text);
    ours(&format!("expected: {{ file: {name} }}"), &["expected"], stage)
}

/// Restore tests, as a table.
pub(crate) fn restore_tests(text: &str, stage: &Stage) -> Result<(), String> {
    stage.workshop.write("excerpt-of-tests.csv", text);
    ours("restore_tests: { file: excerpt-of-tests.csv }", &["restore_tests"], stage)
}

fn of_prometheus(text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    // Files that such a configuration names have to be there.
    with_files(folder.path(), &["ca.crt", "client.crt", "client.key", "password"]);
    let path = folder.path().join("prometheus.yml");
    let alerts = repository().join("alerts");
    std::fs::write(&path, text.replace("/etc/prometheus/saasbackup", alerts.join("saasbackup").to_str().unwrap()))
        .unwrap();
    Generation::ALL.into_iter().try_for_each(|generation| {
        let output = generation.tool("promtool").args(["check", "config"]).arg(&path).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        if text.contains("rule_files") && !said.contains("saasbackup.rules.yml") {
            return Err(format!("{generation:?}: the rules were not found: {said}"));
        }
        if output.status.success() { Ok(()) } else { Err(format!("{generation:?}: {said}")) }
    })
}

fn of_alertmanager(text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alertmanager.yml");
    std::fs::write(&path, text).unwrap();
    super::commands::succeeds(tool("amtool").arg("check-config").arg(path))
}

/// The manifest of this kind that is shipped has everything that an excerpt shows; its numbers are the user's.
fn of_kubernetes(excerpt: &Value) -> Result<(), String> {
    let kind = excerpt["kind"].as_str().unwrap_or_default().to_lowercase();
    let path = format!("deploy/kubernetes/{kind}.yaml");
    let shipped: Value = yaml(&repository().join(&path));
    if has(&shipped, excerpt) { Ok(()) } else { Err(format!("{path} has not all of this")) }
}

fn has(shipped: &Value, excerpt: &Value) -> bool {
    match (shipped, excerpt) {
        (Value::Object(shipped), Value::Object(excerpt)) => {
            excerpt.iter().all(|(key, value)| shipped.get(key).is_some_and(|shipped| has(shipped, value)))
        }
        (Value::Array(shipped), Value::Array(excerpt)) => {
            excerpt.iter().all(|value| shipped.iter().any(|shipped| has(shipped, value)))
        }
        (Value::Number(_), Value::Number(_)) => true,
        (Value::String(shipped), Value::String(excerpt)) if shipped.parse::<u64>().is_ok() => {
            excerpt.parse::<u64>().is_ok()
        }
        (shipped, excerpt) => shipped == excerpt,
    }
}

/// The file that is mounted into Grafana has the same keys, and tests of its own.
fn of_grafana(document: &Value) -> Result<(), String> {
    let ours: Value = yaml(&repository().join("deploy/compose/grafana-dashboards.yaml"));
    let known = |value: &Value| value["providers"][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (found, known) = (known(document), known(&ours));
    match found.iter().find(|key| !known.contains(key)) {
        Some(key) => Err(format!("deploy/compose/grafana-dashboards.yaml has no {key}")),
        None if document["providers"][0]["options"]["path"].is_string() => Ok(()),
        None => Err("no path".to_owned()),
    }
}
