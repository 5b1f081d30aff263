//! Runs a real `VictoriaMetrics` and vmalert, and queries them over Prometheus's HTTP API.

use std::path::PathBuf;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::demo::client;
use super::generation::newer;
use super::process::Process;
use super::prometheus::serving;

/// A `VictoriaMetrics` of its own, with an empty database.
#[derive(Debug)]
pub(crate) struct VictoriaMetrics {
    address: String,
    client: Client,
    _process: Process,
    _folder: TempDir,
}

impl VictoriaMetrics {
    /// Starts it with this configuration of scrapes, and waits until it serves.
    pub(crate) async fn start(config: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let (process, address) = serving("started VictoriaMetrics", |address| {
            let mut command = newer("victoria-metrics");
            command
                .arg(format!("-promscrape.config={}", file.display()))
                .arg(format!("-storageDataPath={}", folder.path().join("data").display()))
                .arg(format!("-httpListenAddr={address}"))
                // What was scraped is found at once.
                .arg("-search.latencyOffset=0s")
                .args(arguments);
            command
        })
        .await;
        Self { address, client: client(), _process: process, _folder: folder }
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stores samples with their times, and makes them visible to queries.
    pub(crate) async fn import(&self, samples: Vec<u8>) {
        let request = self.client.post(format!("{}/api/v1/import/prometheus", self.url())).body(samples);
        request.send().await.unwrap().error_for_status().unwrap();
        let flushed = self.client.get(format!("{}/internal/force_flush", self.url())).send().await.unwrap();
        flushed.error_for_status().unwrap();
    }

    /// The series that an expression gives now: labels and value.
    pub(crate) async fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let request = self.client.get(format!("{}/api/v1/query", self.url())).query(&[("query", expression)]);
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
        let series = answer["data"]["result"].as_array().unwrap().iter();
        series.map(|one| (one["metric"].clone(), one["value"][1].as_str().unwrap().parse().unwrap())).collect()
    }

    /// The value of an expression that gives at most one series.
    pub(crate) async fn value(&self, expression: &str) -> Option<f64> {
        let series = self.query(expression).await;
        assert!(series.len() < 2, "{expression} gives {series:?}");
        series.first().map(|(_, value)| *value)
    }

    /// Starts a vmalert that evaluates these rules from and into this database.
    pub(crate) async fn evaluating(&self, rules: &[PathBuf], arguments: &[&str]) -> Process {
        let (process, _) = serving("started server at", |address| {
            let mut command = newer("vmalert");
            command
                .args(rules.iter().map(|path| format!("-rule={}", path.display())))
                .arg(format!("-datasource.url={}", self.url()))
                .arg(format!("-remoteWrite.url={}", self.url()))
                .arg("-notifier.blackhole")
                .arg(format!("-httpListenAddr={address}"))
                .args(arguments);
            command
        })
        .await;
        process
    }
}
