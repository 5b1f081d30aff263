//! Vendors that refuse, stall or limit the rate, and operators who interrupt: the recording is valid and says so.

use std::path::Path;
use std::time::Duration;

use saasbackup_exporter::commands::replay::Replay;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::process::clock;
use saasbackup_exporter::recording::{Ended, Recorded, Recording};
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::json;

use super::marked::{MARK, Marks, before};
use super::{config, recorded};
use crate::support::process::{Process, run, text};
use crate::support::vendor::Vendor;
use crate::support::wait::until;

async fn vendor_and_config(tenants: usize) -> (Vendor, Config) {
    let vendor = Vendor::start(tenants).await;
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    let url = before(&vendor.server.base_url(), "/api", Marks::Refusals).await;
    let config = config("dropsuite", &url, [&secrets[0], &secrets[1]]);
    (vendor, config)
}

/// What it concludes; the file is valid and lacks no request.
async fn conclusion(recording: &Recording) -> String {
    let written = recording.to_json();
    assert!(!written.contains(&MARK[..4]), "{written}");
    let read = Recording::parse(written.as_bytes()).unwrap();
    let conclusion = Replay::start(read, clock::now()).await.unwrap().conclusion();
    assert!(conclusion.ends_with("\nrequests that are not in the recording: none\n"), "{conclusion}");
    conclusion
}

fn requests<'r>(recording: &'r Recording, endpoint: &str) -> Vec<&'r Recorded> {
    let requests: Vec<_> = recording.requests.iter().filter(|request| request.endpoint == endpoint).collect();
    assert!(!requests.is_empty(), "{endpoint}");
    requests
}

fn assert_replaces_nothing(recording: &Recording, path: &Path) {
    std::fs::write(path, "precious").unwrap();
    assert!(recording.write(path).is_err());
    assert_eq!(std::fs::read_to_string(path).unwrap(), "precious");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_listing_leaves_a_recording_that_says_so_and_replaces_nothing() {
    let (vendor, config) = vendor_and_config(2).await;
    let folder = tempfile::tempdir().unwrap();
    for (fault, words) in [(Fault::Unauthorized, "listing unauthorized"), (Fault::Html200, "listing decode")] {
        vendor.server.clear_faults();
        vendor.server.inject(Injection::new(fault).on("/users"));
        let recording = recorded(&config, 2).await;
        assert_eq!(recording.ended, Ended::ListingFailed);
        let conclusion = conclusion(&recording).await;
        assert!(conclusion.starts_with("the recording is incomplete: the tenants could not be listed\n"));
        assert!(conclusion.contains(words), "{conclusion}");
        assert_replaces_nothing(&recording, &folder.path().join("recording.json"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_refusal_there_is_the_status_and_whether_it_was_json() {
    let (vendor, config) = vendor_and_config(1).await;
    for (fault, status, body, words) in [
        (Fault::Unauthorized, 401, None, "(unauthorized)"),
        (Fault::Forbidden, 403, Some(json!({})), "calendar       not_licensed"),
        (Fault::NotFound, 404, Some(json!({})), "calendar       not_licensed"),
        (Fault::Redirect(format!("https://{MARK}.example/")), 302, None, "(rejected)"),
    ] {
        vendor.server.clear_faults();
        vendor.server.inject(Injection::new(fault).on("/calendars"));
        let recording = recorded(&config, 1).await;
        for request in requests(&recording, "/calendars") {
            assert_eq!((request.status, &request.body, &request.unreadable), (Some(status), &body, &None));
        }
        let conclusion = conclusion(&recording).await;
        assert!(conclusion.contains(words), "{status}: {conclusion}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_vendor_is_recorded_as_slow() {
    let (vendor, mut config) = vendor_and_config(1).await;
    config.sources[0].collection.timeout = Duration::from_secs(1);
    vendor.server.inject(Injection::new(Fault::Delay(Duration::from_millis(300))).on("/tasks").times(1));
    vendor.server.inject(Injection::new(Fault::Stall).on("/calendars").times(1));
    let recording = recorded(&config, 1).await;
    assert_eq!(recording.ended, Ended::Complete);
    assert!(requests(&recording, "/tasks")[0].duration_ms >= 300);
    let stalled = requests(&recording, "/calendars")[0];
    assert_eq!((stalled.status, stalled.failure.as_deref()), (None, Some("timeout")));
    assert!(stalled.duration_ms >= 1_000);
    let conclusion = conclusion(&recording).await;
    assert!(conclusion.contains("calendar       unknown (timeout)"), "{conclusion}");
    assert!(conclusion.contains("tasks          ok"), "{conclusion}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_vendor_that_limits_the_rate_kept_back_is_unknown() {
    let (vendor, config) = vendor_and_config(1).await;
    let folder = tempfile::tempdir().unwrap();
    for retry_after in [RetryAfter::Seconds(3_600), RetryAfter::Date(Duration::from_secs(3_600))] {
        vendor.server.clear_faults();
        vendor.server.inject(Injection::new(Fault::TooManyRequests(retry_after)).on("/calendars"));
        let recording = recorded(&config, 1).await;
        assert_eq!(recording.ended, Ended::RateLimited);
        let limited = requests(&recording, "/calendars")[0];
        let delay = limited.headers["retry-after"].trim_matches(|letter: char| !letter.is_ascii_digit());
        assert!((3_590..=3_600).contains(&delay.parse().unwrap()), "{delay}");
        let conclusion = conclusion(&recording).await;
        assert!(conclusion.starts_with("the recording is incomplete: the vendor limited the rate"), "{conclusion}");
        let unknown = "unknown (throttled)";
        assert!(conclusion.contains(&format!("calendar       {unknown}")), "{conclusion}");
        assert!(conclusion.matches(unknown).count() > 1, "what was not requested: {conclusion}");
        assert_replaces_nothing(&recording, &folder.path().join("recording.json"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_recording_is_valid_and_says_so() {
    let vendor = Vendor::start(3).await;
    let id = vendor.id(Quirk::Healthy);
    vendor.server.inject(Injection::new(Fault::Stall).for_organization(&id));
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    let folder = tempfile::tempdir().unwrap();
    let (file, output) = (folder.path().join("config.yaml"), folder.path().join("recording.json"));
    let source = format!("provider: dropsuite, base_url: \"{}\"", vendor.server.base_url());
    let tokens = format!("reseller_token: {}, access_token: {}", secrets[0], secrets[1]);
    let timeout = "collection: { timeout: 10m, requests_per_second: 1000 }";
    std::fs::write(&file, format!("{timeout}\nsources: [{{ name: us, {source}, {tokens} }}]\n")).unwrap();
    let command = ["--config.file", text(&file), "record", "--output", text(&output)];
    let interrupted = async || {
        let before = vendor.server.requests().total;
        let process = Process::start(&command);
        until("a request stalls", async || (vendor.server.requests().total >= before + 2).then_some(())).await;
        process.signal("INT");
        let ended = process.wait();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        ended
    };
    let ended = interrupted().await;
    assert!(ended.stdout.contains("incomplete: it was interrupted"), "{}", ended.stdout);
    assert_eq!(Recording::read(&output).unwrap().ended, Ended::Interrupted);
    std::fs::write(&output, "precious").unwrap();
    let ended = interrupted().await;
    assert!(ended.stderr.contains("an incomplete recording replaces no file"), "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing temporary is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_written_is_refused_before_the_first_request() {
    let vendor = Vendor::start(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.yaml");
    let (source, tokens) = (vendor.server.base_url(), vendor.server.reseller_token());
    let source = format!("base_url: \"{source}\", reseller_token: {tokens}, access_token: a");
    std::fs::write(&file, format!("sources: [{{ name: us, provider: dropsuite, {source} }}]\n")).unwrap();
    for output in [folder.path().join("missing/recording.json"), folder.path().to_owned()] {
        let ended = run(&["--config.file", text(&file), "record", "--output", text(&output)]);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("cannot write {}", output.display())), "{}", ended.stderr);
    }
    assert_eq!(vendor.server.requests().total, 0);
}
