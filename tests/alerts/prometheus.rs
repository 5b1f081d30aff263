//! Runs a real Prometheus with the shipped rules, with shortened times.

use std::net::SocketAddr;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use super::files::{read, rule_files};
use crate::support::generation::Generation;
use crate::support::prometheus::Prometheus as Server;

/// How the rules are changed on their way into the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Windows {
    /// Conditions fire at once.
    AsShipped,
    /// Besides, what looks back by minutes or hours looks back by seconds: what ended before is forgotten soon.
    Short,
    /// Conditions fire at once, and compare with a few seconds ago instead of a day or a week.
    Lately,
    /// Conditions fire at once, but the exporter is down only after as many seconds as the rule says minutes.
    Outage,
}

/// What is compared with, where a rule says a day or a week ago.
pub(crate) const LATELY: &str = "[4s] offset 6s";

/// A Prometheus of its own, with an empty database and the shipped rules.
#[derive(Debug)]
pub(crate) struct Prometheus {
    server: Server,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts it; it scrapes the exporter every few seconds as the job that the rules know.
    pub(crate) async fn start(
        exporter: SocketAddr,
        alertmanager: Option<&str>,
        windows: Windows,
        generation: Generation,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in rule_files() {
            let name = path.file_name().unwrap();
            std::fs::write(folder.path().join(name), shortened(&read(&path), windows)).unwrap();
        }
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config(exporter, alertmanager, windows)).unwrap();
        Self { server: Server::reading(&file, generation).await, _folder: folder }
    }

    /// The alerts that fire now, each by its labels.
    pub(crate) async fn firing(&self) -> Vec<Value> {
        let alerts = self.server.api("alerts", &[]).await["alerts"].take();
        let Value::Array(alerts) = alerts else { panic!("{alerts}") };
        alerts.into_iter().filter(|alert| alert["state"] == "firing").map(|mut alert| alert["labels"].take()).collect()
    }

    /// The series that an expression gives now.
    pub(crate) async fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        self.server.query(expression).await
    }

    /// When the groups of rules were last evaluated; fails where a rule could not be.
    pub(crate) async fn evaluated(&self) -> Vec<String> {
        let groups = self.server.api("rules", &[]).await["groups"].take();
        let mut times = Vec::new();
        for group in groups.as_array().unwrap() {
            for rule in group["rules"].as_array().unwrap() {
                assert_ne!(rule["health"], "err", "{rule}");
            }
            times.push(group["lastEvaluation"].as_str().unwrap().to_owned());
        }
        times
    }
}

/// The rules without the time for which a condition has to hold.
fn shortened(rules: &str, windows: Windows) -> String {
    let down = Regex::new(r"(?s)(alert: SaasBackupExporterDown.*?\[\d+)m(\].*?for: \d+)m").unwrap();
    let rules = if windows == Windows::Outage { down.replace(rules, "${1}s${2}s") } else { rules.into() };
    let without_for = Regex::new(r"(?m)^( +for: )\d.*[mhd]$").unwrap().replace_all(&rules, "${1}0s");
    match windows {
        Windows::AsShipped | Windows::Outage => without_for.into_owned(),
        Windows::Lately => Regex::new(r"\[1h\] offset 1[dw]").unwrap().replace_all(&without_for, LATELY).into_owned(),
        Windows::Short => Regex::new(r"\[\d+[mh]\]").unwrap().replace_all(&without_for, "[5s]").into_owned(),
    }
}

fn config(exporter: SocketAddr, alertmanager: Option<&str>, windows: Windows) -> String {
    // A scrape that is cut off looks like an exporter that is down, and a busy machine takes its time for a large one.
    let interval = if windows == Windows::AsShipped { "5s" } else { "1s" };
    let mut config = format!(
        "\
global: {{ scrape_interval: {interval}, scrape_timeout: {interval}, evaluation_interval: 1s }}
rule_files: [\"saasbackup*.yml\"]
scrape_configs:
  - job_name: saasbackup
    static_configs: [{{ targets: [\"{exporter}\"] }}]
"
    );
    if let Some(address) = alertmanager {
        config += &format!("alerting:\n  alertmanagers:\n    - static_configs: [{{ targets: [\"{address}\"] }}]\n");
    }
    config
}
