//! Reads the log as operators do: one line for each failure, with the fields to search for, and none while all is well.

use crate::support::exporter::{SOURCE, config_file};
use crate::support::process::{Ended, run, text};
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
    assert!(ended.stdout.contains("saasbackup_tenants_refused{provider=\"dropsuite\",source=\"dropsuite-test\"} 2\n"));
}
