//! Runs a real Alertmanager with the shipped example, and a webhook that records notifications.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::files::{read, repository};
use crate::support::generation::Generation;
use crate::support::http;
use crate::support::process::Process;
use crate::support::prometheus::serving;

/// What arrived: the receiver, and the group that it was sent.
type Inbox = Arc<Mutex<Vec<(String, Value)>>>;

/// An Alertmanager that sends to a webhook of this test.
#[derive(Debug)]
pub(crate) struct Alertmanager {
    pub(crate) address: String,
    inbox: Inbox,
    client: reqwest::Client,
    _process: Process,
    _folder: TempDir,
}

impl Alertmanager {
    /// Starts both; groups wait a few seconds instead of minutes.
    pub(crate) async fn start(generation: Generation) -> Self {
        let inbox = Inbox::default();
        let webhook = listen(Arc::clone(&inbox)).await;
        let folder = tempfile::tempdir().unwrap();
        let config = read(&repository().join("alerts/alertmanager.example.yml"))
            .replace("http://localhost:9099", &webhook)
            .replace("group_wait: 1m", "group_wait: 5s")
            .replace("group_interval: 5m", "group_interval: 1s");
        std::fs::write(folder.path().join("alertmanager.yml"), config).unwrap();
        let (process, address) = serving("Listening on", |address| {
            let mut command = generation.tool("prometheus-alertmanager");
            command
                .arg(format!("--config.file={}", folder.path().join("alertmanager.yml").display()))
                .arg(format!("--storage.path={}", folder.path().join("data").display()))
                .arg(format!("--web.listen-address={address}"))
                // Alone, it needs no port for others of its kind.
                .arg("--cluster.listen-address=");
            command
        })
        .await;
        let client = http::client();
        Self { address, inbox, client, _process: process, _folder: folder }
    }

    /// The alerts of this name that a receiver got with this status, by the customer's id; empty for none.
    pub(crate) fn received(&self, receiver: &str, status: &str, alert: &str) -> BTreeSet<String> {
        let inbox = self.inbox.lock().unwrap();
        let groups = inbox.iter().filter(|(name, _)| name == receiver);
        let alerts = groups.flat_map(|(_, group)| group["alerts"].as_array().unwrap());
        alerts
            .filter(|one| one["status"] == status && one["labels"]["alertname"] == alert)
            .map(|one| one["labels"]["tenant_id"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The names of all alerts whose end arrived anywhere.
    pub(crate) fn resolved(&self) -> BTreeSet<String> {
        self.names_with(|alert| alert["status"] == "resolved")
    }

    /// The names of all alerts that arrived anywhere.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.names_with(|_| true)
    }

    fn names_with(&self, is_meant: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let inbox = self.inbox.lock().unwrap();
        let alerts = inbox.iter().flat_map(|(_, group)| group["alerts"].as_array().unwrap());
        let alerts = alerts.filter(|alert| is_meant(alert));
        alerts.map(|one| one["labels"]["alertname"].as_str().unwrap().to_owned()).collect()
    }

    /// The groups that a receiver got, by the labels that they share.
    pub(crate) fn groups(&self, receiver: &str) -> Vec<Value> {
        let inbox = self.inbox.lock().unwrap();
        inbox.iter().filter(|(name, _)| name == receiver).map(|(_, group)| group["groupLabels"].clone()).collect()
    }

    /// Names and severities of the alerts that are inhibited.
    pub(crate) async fn inhibited(&self) -> BTreeSet<(String, String)> {
        let reply = self.client.get(format!("http://{}/api/v2/alerts", self.address)).send().await.unwrap();
        let alerts: Vec<Value> = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        let label = |alert: &Value, name: &str| alert["labels"][name].as_str().unwrap().to_owned();
        alerts
            .iter()
            .filter(|alert| alert["status"]["state"] == "suppressed")
            .map(|alert| (label(alert, "alertname"), label(alert, "severity")))
            .collect()
    }
}

async fn listen(inbox: Inbox) -> String {
    async fn keep(State(inbox): State<Inbox>, Path(receiver): Path<String>, body: String) {
        inbox.lock().unwrap().push((receiver, serde_json::from_str(&body).unwrap()));
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/{receiver}", post(keep)).with_state(inbox);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}
