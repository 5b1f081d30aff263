//! Restarts the exporter while the vendor wants a pause, or after it has rejected the credentials.

use std::net::SocketAddr;
use std::time::Duration;

use saasbackup_exporter::domain::Timestamp;
use saasbackup_simulator::faults::{Fault, RetryAfter};
use serde_json::Value;

use super::binary;
use super::*;
use crate::support::exporter::{Exporter, config_file, eager};
use crate::support::exposition::Exposition;
use crate::support::http;
use crate::support::vendor::Vendor;
use crate::support::wait::until;

const REQUESTS: &str = "saasbackup_exporter_api_requests_total";

/// What the status page says of the only source, once its poller has published something.
async fn source(address: SocketAddr) -> Value {
    until("the poller runs", async || {
        let request = http::client().get(format!("http://{address}/status")).header("Accept", "application/json");
        let document: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        Some(document["sources"][0].clone()).filter(|source| !source["requests_per_second"].is_null())
    })
    .await
}

fn moment(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap_or_else(|| panic!("no time: {value}"));
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_during_a_pause_sends_nothing_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(3).await;
    let mut config = eager(&vendor.server, "", Duration::from_secs(1));
    config.state_path = Some(folder.path().join("state"));
    let exporter = Exporter::start(&config).await;
    let before = exporter.collected().await;
    vendor.server.inject(Fault::TooManyRequests(RetryAfter::Seconds(8)));
    let throttled = |scrape: &Exposition| scrape.sum(REQUESTS, &[("outcome", "throttled")]) > 0.0;
    exporter.until("the vendor wants a pause", throttled).await;
    exporter.stop().await;
    vendor.server.clear_faults();
    let asked = vendor.server.requests().total;

    let exporter = Exporter::start(&config).await;
    let end = moment(&source(exporter.address()).await["paused_until"]);
    let tenants = |scrape: &Exposition| scrape.all("saasbackup_workload_state", &[]).len();
    assert_eq!(tenants(&exporter.scrape().await), tenants(&before), "what is known is served");
    until("it is asked again", async || (vendor.server.requests().total > asked).then_some(())).await;
    assert!(clock::now() >= end, "a request {:?} before the end of the pause", end.since(clock::now()));
    let works = |scrape: &Exposition| scrape.get("saasbackup_up", &[]) == Some(1.0);
    exporter.until("the listing works", works).await;
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_does_not_make_it_forget_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config_path) = (folder.path().join("state"), folder.path().join("config.yaml"));
    let vendor = Vendor::start(3).await;
    std::fs::write(&config_path, config_file(&vendor.server, &format!("state: {{ path: {path:?} }}\n"))).unwrap();
    let config = Config::load(&config_path).unwrap();
    vendor.server.inject(Fault::TooManyRequests(RetryAfter::Seconds(3_600)));
    let exporter = binary::Exporter::start(&config_path);
    until("the pause is in the file", async || {
        let saved = state_file::load(&path).unwrap()?;
        saved.restraint(&fresh(&config, &config.sources[0])).pause
    })
    .await;
    drop(exporter);
    vendor.server.clear_faults();
    let asked = vendor.server.requests().total;

    let exporter = binary::Exporter::start(&config_path);
    let paused_until = moment(&source(exporter.address()).await["paused_until"]);
    assert!(paused_until.since(clock::now()) > Duration::from_secs(3_000));
    assert_eq!(vendor.server.requests().total, asked, "its poller runs, and has sent nothing");
    assert!(exporter.log().contains("still rate limited by the vendor"), "{}", exporter.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_does_not_try_rejected_credentials_again_and_other_ones_at_once() {
    const REJECTED: &str = "canary-of-a-rejected-token";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let vendor = Vendor::start(3).await;
    let with_token = |token: &str| {
        let mut config = parse(&config_file(&vendor.server, "").replace(&vendor.server.admin_token(), token));
        config.sources[0].collection.interval = Duration::from_secs(3_600);
        config.state_path = Some(path.clone());
        config
    };
    let exporter = Exporter::start(&with_token(REJECTED)).await;
    let rejected = |scrape: &Exposition| scrape.sum(REQUESTS, &[("outcome", "unauthorized")]) > 0.0;
    exporter.until("the credentials are rejected", rejected).await;
    exporter.stop().await;
    let asked = vendor.server.requests().total;
    assert!(!std::fs::read_to_string(&path).unwrap().contains("canary"));

    for _ in 0..2 {
        let exporter = Exporter::start(&with_token(REJECTED)).await;
        let next = moment(&source(exporter.address()).await["next_listing"]["at"]);
        assert!(next.since(clock::now()) > Duration::from_secs(3_000), "{next:?}");
        assert_eq!(vendor.server.requests().total, asked, "its poller runs, and has sent nothing");
        exporter.stop().await;
    }
    let exporter = Exporter::start(&with_token(&vendor.server.admin_token())).await;
    exporter.collected().await;
    exporter.stop().await;
}
