//! Runs a real Prometheus with the shipped rules, whose times are shortened to what a test can wait for.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::files::{read, rule_files};
use crate::patience::eventually;
use crate::process::Process;

/// How the rules are changed on their way into the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Windows {
    /// Conditions fire at once.
    AsShipped,
    /// Besides, what looks back by minutes or hours looks back by seconds: what ended before is forgotten soon.
    Short,
}

/// A Prometheus of its own, with an empty database.
#[derive(Debug)]
pub(crate) struct Prometheus {
    _process: Process,
    address: String,
    client: reqwest::Client,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts it; it scrapes the exporter every few seconds as the job that the rules know.
    pub(crate) async fn start(exporter: SocketAddr, alertmanager: Option<&str>, windows: Windows) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in rule_files() {
            let name = path.file_name().unwrap();
            std::fs::write(folder.path().join(name), shortened(&read(&path), windows)).unwrap();
        }
        std::fs::write(folder.path().join("prometheus.yml"), config(exporter, alertmanager, windows)).unwrap();
        // The port is free when it is chosen and may be taken when Prometheus comes to it.
        let (process, address) = eventually(async || start(folder.path()).await).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { _process: process, address, client, _folder: folder }
    }

    /// The alerts that fire now, each by its labels.
    pub(crate) async fn firing(&self) -> Vec<Value> {
        let alerts = self.api("alerts").await["alerts"].take();
        let Value::Array(alerts) = alerts else { panic!("{alerts}") };
        alerts.into_iter().filter(|alert| alert["state"] == "firing").map(|mut alert| alert["labels"].take()).collect()
    }

    /// When the groups of rules were last evaluated; fails where a rule could not be.
    pub(crate) async fn evaluated(&self) -> Vec<String> {
        let groups = self.api("rules").await["groups"].take();
        let mut times = Vec::new();
        for group in groups.as_array().unwrap() {
            for rule in group["rules"].as_array().unwrap() {
                assert_ne!(rule["health"], "err", "{rule}");
            }
            times.push(group["lastEvaluation"].as_str().unwrap().to_owned());
        }
        times
    }

    async fn api(&self, endpoint: &str) -> Value {
        let reply = self.client.get(format!("http://{}/api/v1/{endpoint}", self.address)).send().await.unwrap();
        let mut answer: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        assert_eq!(answer["status"], "success", "{endpoint}: {answer}");
        answer["data"].take()
    }
}

/// The rules without the time for which a condition has to hold.
fn shortened(rules: &str, windows: Windows) -> String {
    let without_for = Regex::new(r"(?m)^( +for: ).*$").unwrap().replace_all(rules, "${1}0s");
    match windows {
        Windows::AsShipped => without_for.into_owned(),
        Windows::Short => Regex::new(r"\[\d+[mh]\]").unwrap().replace_all(&without_for, "[5s]").into_owned(),
    }
}

fn config(exporter: SocketAddr, alertmanager: Option<&str>, windows: Windows) -> String {
    // A scrape that is cut off looks like an exporter that is down, and a busy machine takes its time for a large one.
    let interval = if windows == Windows::Short { "1s" } else { "5s" };
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

async fn start(folder: &Path) -> Result<(Process, String), String> {
    let address = free_address();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={address}"));
    started(command, &address, "Server is ready to receive web requests").await
}

/// Starts a server and waits for its word; its own log is asked, since at a port that was taken another would answer.
pub(crate) async fn started(mut command: Command, address: &str, word: &str) -> Result<(Process, String), String> {
    let mut process = Process::start(&mut command);
    let is_ready = eventually(async || {
        let has_ended = process.has_ended();
        let is_ready = process.output().contains(word);
        if is_ready || has_ended { Ok(is_ready) } else { Err(process.output()) }
    })
    .await;
    if is_ready { Ok((process, address.to_owned())) } else { Err(format!("it ended:\n{}", process.output())) }
}

pub(crate) fn free_address() -> String {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string()
}
