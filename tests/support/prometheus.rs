//! Runs a real Prometheus, and queries it over its HTTP API.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::demo::{Exporter, client};
use super::generation::Generation;
use super::process::Process;
use super::text_only;
use super::wait::eventually;

/// The job that lets Prometheus choose, which takes `OpenMetrics`, and the one that gets the text format.
pub(crate) const JOBS: [&str; 2] = ["saasbackup", "saasbackup-text"];

/// A Prometheus of its own, with an empty database.
#[derive(Debug)]
pub(crate) struct Prometheus {
    process: Process,
    address: String,
    client: Client,
    data: TempDir,
}

impl Prometheus {
    /// Starts it, and waits until it has scraped the exporter in both formats.
    pub(crate) async fn scraping(exporter: &Exporter, generation: Generation) -> Self {
        let text_only = text_only::start(&exporter.address).await;
        let prometheus =
            Self::configured(&scrape_config([&exporter.address, &text_only.to_string()]), generation).await;
        eventually(async || prometheus.has_scraped().await).await;
        prometheus
    }

    /// Starts it with this configuration, and waits until it serves.
    pub(crate) async fn configured(config: &str, generation: Generation) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        Self::reading(&file, generation).await
    }

    /// Starts it with this file, which may name others beside it, and waits until it serves.
    pub(crate) async fn reading(config: &Path, generation: Generation) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (process, address) = serving("Server is ready to receive web requests", |address| {
            let mut command = generation.tool("prometheus");
            command
                .arg(format!("--config.file={}", config.display()))
                .arg(format!("--storage.tsdb.path={}", data.path().display()))
                .arg(format!("--web.listen-address={address}"));
            command
        })
        .await;
        Self { process, address, client: client(), data }
    }

    /// Starts it over these blocks, whose samples are less than `lookback` apart, and waits until it serves.
    pub(crate) async fn over(blocks: TempDir, lookback: &str, generation: Generation) -> Self {
        let config = blocks.path().join("prometheus.yml");
        std::fs::write(&config, "").unwrap();
        let (process, address) = serving("Server is ready to receive web requests", |address| {
            let mut command = generation.tool("prometheus");
            command
                .arg(format!("--config.file={}", config.display()))
                .arg(format!("--storage.tsdb.path={}", blocks.path().display()))
                .arg("--storage.tsdb.retention.time=50y")
                // Blocks are not compacted meanwhile.
                .args(["--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h"])
                .arg(format!("--query.lookback-delta={lookback}"))
                .arg(format!("--web.listen-address={address}"));
            command
        })
        .await;
        Self { process, address, client: client(), data: blocks }
    }

    /// Where its database is.
    pub(crate) fn folder(&self) -> &Path {
        self.data.path()
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The series that an expression gives now: labels and value.
    pub(crate) async fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let data = self.api("query", &[("query", expression)]).await;
        let series = data["result"].as_array().unwrap().iter();
        series.map(|one| (one["metric"].clone(), one["value"][1].as_str().unwrap().parse().unwrap())).collect()
    }

    /// The value of an expression that gives one series.
    pub(crate) async fn value(&self, expression: &str) -> f64 {
        let series = self.query(expression).await;
        assert_eq!(series.len(), 1, "{expression} gives {series:?}");
        series[0].1
    }

    /// What the API's endpoint answers to these parameters.
    pub(crate) async fn api(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Value {
        let request = self.client.get(format!("http://{}/api/v1/{endpoint}", self.address)).query(parameters);
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(answer["status"], "success", "{endpoint} {parameters:?}: {answer}");
        answer["data"].take()
    }

    /// What it wrote to its log.
    pub(crate) fn log(&self) -> String {
        self.process.stderr()
    }

    async fn has_scraped(&self) -> Result<(), String> {
        let up = self.query("up == 1").await;
        if up.len() == JOBS.len() {
            return Ok(());
        }
        Err(format!("up is {up:?}: {}\n{}", self.api("targets", &[]).await, self.log()))
    }
}

/// Starts a server on a free port, and waits until its log says `word`.
///
/// The port is free when it is chosen and may be taken when the server comes to it. Its own log is asked, since at a port
/// that was taken another one would answer.
pub(crate) async fn serving(word: &str, command: impl Fn(&str) -> Command) -> (Process, String) {
    eventually(async || {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string();
        let mut process = Process::spawn(&mut command(&address));
        let is_ready = eventually(async || {
            let (has_ended, log) = (process.has_ended(), process.stderr());
            if has_ended || log.contains(word) { Ok(!has_ended) } else { Err(log) }
        })
        .await;
        if is_ready { Ok((process, address)) } else { Err(format!("it ended:\n{}", process.stderr())) }
    })
    .await
}

fn scrape_config(targets: [&str; JOBS.len()]) -> String {
    let mut config = "global:\n  scrape_interval: 3s\n  scrape_timeout: 3s\nscrape_configs:\n".to_owned();
    for (job, target) in JOBS.into_iter().zip(targets) {
        config += &format!("  - job_name: {job}\n    static_configs:\n      - targets: [\"{target}\"]\n");
    }
    config
}
