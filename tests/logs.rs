//! Tests the log: one line per failure, with the fields to search for, and none while everything works.

use crate::support::exporter::{SOURCE, config_file};
use crate::support::process::{Ended, Process, run, text};
use crate::support::vendor::Vendor;
use saasbackup_simulator::faults::{Fault, Injection};
use serde_json::Value;

/// A collection of two tenants, in which `/accounts` of the first answers with 500 however often it is asked.
async fn collect(format: &str) -> (Vendor, Ended) {
    let vendor = Vendor::start(2).await;
    let organization = vendor.server.organizations()[0].login_id.clone();
    vendor.server.inject(Injection::new(Fault::ServerError(500)).on("/accounts").for_organization(&organization));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, config_file(&vendor.server, "")).unwrap();
    let ended = run(&["once", "--log.format", format, "--config.file", text(&path)]);
    assert_eq!(ended.code, Some(0), "the listing worked: {}", ended.stderr);
    (vendor, ended)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_one_line_of_json_with_everything_to_search_for() {
    let (vendor, ended) = collect("json").await;
    let organization = &vendor.server.organizations()[0];
    let lines: Vec<Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [line] = lines.as_slice() else { panic!("one failure, however often it was repeated: {}", ended.stderr) };
    for (field, value) in [
        ("level", "WARN"),
        ("source", SOURCE),
        ("tenant.id", &organization.login_id),
        ("parts", "mail"),
        ("endpoint", "/accounts"),
        ("outcome", "server_error"),
    ] {
        assert_eq!(line[field].as_str(), Some(value), "{field} in {line}");
    }
    assert!(line["timestamp"].is_string(), "{line}");
    let message = line["message"].as_str().unwrap();
    assert!(message.contains(&organization.login_id) && message.contains("500"), "{message}");
    assert!(!ended.stderr.contains(&organization.name), "the id names the tenant, and its name may be anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_one_line_of_logfmt_with_everything_to_search_for() {
    let (vendor, ended) = collect("logfmt").await;
    let organization = &vendor.server.organizations()[0];
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    for field in [
        "level=warn".to_owned(),
        format!("source={SOURCE}"),
        format!("tenant.id={}", organization.login_id),
        "parts=mail".to_owned(),
        "endpoint=/accounts".to_owned(),
        "outcome=server_error".to_owned(),
    ] {
        assert!(format!(" {} ", ended.stderr.trim_end()).contains(&format!(" {field} ")), "{field}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains(&organization.name), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_tenants_are_logged_once() {
    let vendor = Vendor::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, config_file(&vendor.server, "    series_limit: 400\n")).unwrap();
    let ended = run(&["once", "--config.file", text(&path)]);
    assert_eq!((ended.code, ended.stderr.lines().count()), (Some(0), 1), "{}", ended.stderr);
    for words in [
        "level=warn",
        "series_limit=400",
        "dropped=2",
        "tenants=3",
        "2 tenants of source dropsuite-test dropped: its series_limit of 400 would be exceeded",
    ] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    assert!(ended.stdout.contains("saasbackup_tenants_dropped{provider=\"dropsuite\",source=\"dropsuite-test\"} 2\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_start_logs_version_listeners_sources_and_tenants() {
    let vendor = Vendor::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let excluded = &vendor.server.organizations()[0].login_id;
    let more = format!("    tenants: {{ exclude: [\"^{excluded}$\"] }}\n");
    std::fs::write(&path, config_file(&vendor.server, &more)).unwrap();
    let file = format!("--config.file={}", text(&path));
    let mut process = Process::start(&[&file, "--web.listen-address=127.0.0.1:0", "--log.format=json"]);
    let lines = |process: &Process| -> Vec<Value> {
        process.stderr().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    process.until("the tenants are logged", |process| {
        lines(process).iter().any(|line| line["message"] == "tenants listed").then_some(())
    });
    let log = lines(&process);
    let with = |message: &str| log.iter().find(|line| line["message"] == message).unwrap_or_else(|| panic!("{log:?}"));
    assert!(with("listening")["address"].as_str().is_some_and(|address| address.starts_with("127.0.0.1:")), "{log:?}");
    let started = with("exporter started");
    assert_eq!(
        (started["version"].as_str(), started["sources"].as_str()),
        (Some(env!("CARGO_PKG_VERSION")), Some(SOURCE)),
        "{started}"
    );
    let listed = with("tenants listed");
    assert_eq!((listed["source"].as_str(), listed["provider"].as_str()), (Some(SOURCE), Some("dropsuite")), "{listed}");
    assert_eq!((listed["tenants"].as_u64(), listed["excluded"].as_u64()), (Some(2), Some(1)), "{listed}");
    assert!(log.iter().all(|line| line["level"] == "INFO"), "{log:?}");
}
