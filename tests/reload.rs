//! Reloads the configuration of the binary, and checks what stays and what changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::support::exposition::{Exposition, Series};
use crate::support::http;
use crate::support::process::{Process, exporter as exporter_with, text};
use crate::support::vendor::Vendor;
use crate::support::wait::eventually;
use tempfile::TempDir;

/// An exporter with the file that it reads.
struct Reloading {
    process: Process,
    address: String,
    path: PathBuf,
    http: reqwest::Client,
    _folder: TempDir,
}

/// A source of the file; nothing is requested twice during a test.
fn source(name: &str, vendor: &Vendor, more: &str) -> String {
    let server = &vendor.server;
    format!(
        "  - name: {name}
    provider: dropsuite
    base_url: {}
    reseller_token: {}
    access_token: {}
    interval: 1h
    requests_per_second: 1000
{more}",
        server.base_url(),
        server.reseller_token(),
        server.admin_token(),
    )
}

fn file(top: &str, sources: &[String]) -> String {
    format!("{top}sources:\n{}", sources.concat())
}

impl Reloading {
    fn start(config: &str, flags: &[&str]) -> Self {
        Self::start_in(config, flags, &[])
    }

    /// The same with these environment variables.
    fn start_in(config: &str, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        fs::write(&path, config).unwrap();
        let arguments = [&["--config.file", text(&path), "--web.listen-address=127.0.0.1:0"], flags].concat();
        let mut process = Process::spawn(exporter_with(&arguments).envs(environment.iter().copied()));
        let address = process.address();
        let http = http::client();
        Self { process, address, path, http, _folder: folder }
    }

    async fn scrape(&self) -> Exposition {
        let reply = self.http.get(format!("http://{}/metrics", self.address)).send().await.unwrap();
        Exposition::parse(&reply.text().await.unwrap())
    }

    async fn until(&self, expectation: &str, holds: impl Fn(&Exposition) -> bool) -> Exposition {
        eventually(async || {
            let scrape = self.scrape().await;
            if holds(&scrape) { Ok(scrape) } else { Err(format!("{expectation}:\n{}", self.process.stderr())) }
        })
        .await
    }

    /// The first scrape in which every tenant of these sources was asked for everything.
    async fn collected(&self, sources: &[&str]) -> Exposition {
        self.until("everything was asked for once", |scrape| {
            sources.iter().all(|source| {
                let count = |state| scrape.get("saasbackup_exporter_tenants", &[("source", source), ("state", state)]);
                count("pending") == Some(0.0) && count("collected").is_some_and(|count| count > 0.0)
            })
        })
        .await
    }

    async fn post(&self, path: &str) -> (u16, String) {
        let reply = self.http.post(format!("http://{}{path}", self.address)).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    async fn reload(&self, config: &str) -> (u16, String) {
        fs::write(&self.path, config).unwrap();
        self.post("/-/reload").await
    }
}

/// Everything that is said of a source, but what the exporter counts itself.
fn observed(scrape: &Exposition, source: &str) -> BTreeMap<Series, f64> {
    let is_observed =
        |series: &Series| series.label("source") == source && !series.name.starts_with("saasbackup_exporter_");
    scrape.series().filter(|(series, _)| is_observed(series)).collect()
}

const LIFECYCLE: &[&str] = &["--web.enable-lifecycle"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_come_and_go_without_touching_the_others() {
    let (one, two, three) = (Vendor::start(4).await, Vendor::start(3).await, Vendor::start(5).await);
    let exporter = Reloading::start(&file("", &[source("one", &one, ""), source("two", &two, "")]), &[]);
    let before = exporter.collected(&["one", "two"]).await;
    let asked = one.server.requests().total;

    fs::write(&exporter.path, file("", &[source("three", &three, ""), source("one", &one, "")])).unwrap();
    exporter.process.signal("HUP");
    let after = exporter.collected(&["one", "three"]).await;

    assert_eq!(observed(&after, "one"), observed(&before, "one"));
    assert_eq!(one.server.requests().total, asked, "the source that stays is not asked again");
    assert!(!observed(&before, "two").is_empty());
    let remains: Vec<_> = after.series().filter(|(series, _)| series.label("source") == "two").collect();
    assert!(remains.is_empty(), "{remains:?}");
    assert_eq!(after.all("saasbackup_tenant_info", &[("source", "three")]).len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_rotated_in_its_file_is_no_reason_to_ask_for_everything_again() {
    let vendor = Vendor::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, vendor.server.admin_token()).unwrap();
    let inline = format!("access_token: {}", vendor.server.admin_token());
    let source = source("one", &vendor, "").replace(&inline, &format!("access_token_file: {}", token.display()));
    let config = file("", &[source]);
    let exporter = Reloading::start(&config, LIFECYCLE);
    let before = exporter.collected(&["one"]).await;
    let asked = vendor.server.requests().total;

    fs::write(&token, "another-token").unwrap();
    assert_eq!(exporter.reload(&config).await.0, 200);
    // The change is noticed without a request, and a poller that was replaced would have listed before that.
    exporter
        .until("the secret was read again", |_| exporter.process.stderr().contains("changed, using the new ones"))
        .await;
    assert_eq!(vendor.server.requests().total, asked);
    assert_eq!(observed(&exporter.scrape().await, "one"), observed(&before, "one"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_forgets_no_pause_that_the_vendor_asked_for() {
    use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
    let vendor = Vendor::start(3).await;
    vendor.server.inject(Injection::new(Fault::TooManyRequests(RetryAfter::Seconds(3_600))).times(1));
    let exporter = Reloading::start(&file("", &[source("one", &vendor, "")]), LIFECYCLE);
    let throttled = "saasbackup_exporter_api_throttled_total";
    exporter.until("the listing was throttled", |scrape| scrape.sum(throttled, &[]) == 1.0).await;

    let other = source("one", &vendor, "    timeout: 45s\n");
    assert_eq!(exporter.reload(&file("", &[other])).await.0, 200);
    let loaded = "saasbackup_exporter_config_last_reload_success_timestamp_seconds";
    exporter.until("it was loaded", |scrape| scrape.sum(loaded, &[]) > 0.0).await;
    // A new poller lists at once; this one has had time for it.
    let another = source("two", &vendor, "");
    let both = [source("one", &vendor, "    timeout: 45s\n"), another];
    assert_eq!(exporter.reload(&file("", &both)).await.0, 200);
    exporter.collected(&["two"]).await;
    let requests = "saasbackup_exporter_api_requests_total";
    assert_eq!(exporter.scrape().await.sum(requests, &[("source", "one")]), 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_source_goes_on_from_what_is_known() {
    let vendor = Vendor::start(6).await;
    let exporter = Reloading::start(&file("", &[source("one", &vendor, "")]), LIFECYCLE);
    let before = exporter.collected(&["one"]).await;
    let names = before.all("saasbackup_tenant_info", &[]);
    let gone = names[0].0.label("tenant_id").to_owned();
    // A scrape during the change has the known values: the vendor does not respond meanwhile.
    vendor.server.inject(saasbackup_simulator::faults::Fault::Stall);

    let more = format!("    workloads: [mail, onedrive]\n    tenants: {{ exclude: [\"^{gone}$\"] }}\n");
    let config = file("rpo: { default: 30h }\n", &[source("one", &vendor, &more)]);
    assert_eq!(exporter.reload(&config).await.0, 200);

    let after = exporter.scrape().await;
    assert_eq!(after.all("saasbackup_tenant_info", &[]).len(), names.len() - 1);
    assert!(after.all("saasbackup_workload_state", &[("tenant_id", &gone)]).is_empty());
    assert_eq!(
        after.get("saasbackup_exporter_tenants", &[("state", "excluded")]),
        before.get("saasbackup_exporter_tenants", &[("state", "excluded")]).map(|excluded| excluded + 1.0)
    );
    let observed = |scrape: &Exposition, workload: &str| {
        let all = scrape.all("saasbackup_observed_timestamp_seconds", &[("part", workload)]);
        all.into_iter().filter(|(series, _)| series.label("tenant_id") != gone).collect::<Vec<_>>()
    };
    assert_eq!(observed(&after, "mail"), observed(&before, "mail"));
    assert!(!observed(&before, "calendar").is_empty() && observed(&after, "calendar").is_empty());
    assert!(after.all("saasbackup_rpo_seconds", &[]).iter().all(|(_, seconds)| *seconds == 30.0 * 3600.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workload_that_is_newly_collected_is_unknown_until_it_was_seen() {
    let vendor = Vendor::start(4).await;
    let more = "    workloads: [mail]\n";
    let exporter = Reloading::start(&file("", &[source("one", &vendor, more)]), LIFECYCLE);
    exporter.collected(&["one"]).await;
    vendor.server.inject(saasbackup_simulator::faults::Fault::Stall);

    let (status, answer) =
        exporter.reload(&file("", &[source("one", &vendor, "    workloads: [mail, tasks]\n")])).await;
    assert_eq!((status, answer.as_str()), (200, "configuration reloaded\n"));

    let scrape = exporter.scrape().await;
    let unknown = scrape.all("saasbackup_workload_state", &[("workload", "tasks"), ("state", "unknown")]);
    assert!(unknown.len() == 4 && unknown.iter().all(|(_, value)| *value == 1.0), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_address_under_the_same_name_is_another_account() {
    let (one, two) = (Vendor::start(4).await, Vendor::start(3).await);
    two.server.inject(saasbackup_simulator::faults::Fault::Stall);
    let exporter = Reloading::start(&file("", &[source("one", &one, "")]), LIFECYCLE);
    exporter.collected(&["one"]).await;

    assert_eq!(exporter.reload(&file("", &[source("one", &two, "")])).await.0, 200);
    let scrape = exporter.scrape().await;
    assert!(scrape.all("saasbackup_tenant_info", &[]).is_empty(), "no exporter shows the old account's tenants");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_file_is_refused_with_every_problem_and_the_old_one_stays() {
    let vendor = Vendor::start(3).await;
    let config = file("", &[source("one", &vendor, "")]);
    let exporter = Reloading::start(&config, LIFECYCLE);
    let before = exporter.collected(&["one"]).await;
    let loaded_at = "saasbackup_exporter_config_last_reload_success_timestamp_seconds";
    let successful = "saasbackup_exporter_config_last_reload_successful";
    assert_eq!(before.get(successful, &[]), Some(1.0));

    let bad = file("rpo: { default: soon }\n", &[source("one", &vendor, "    intervall: 5m\n")]);
    let (status, answer) = exporter.reload(&bad).await;
    assert_eq!(status, 500);
    for problem in
        ["rpo.default: \"soon\" is not a duration", "sources[0].intervall: unknown key", "keeping the previous"]
    {
        assert!(answer.contains(problem), "{problem:?} is missing in: {answer}");
    }
    assert!(!answer.contains(&vendor.server.admin_token()), "{answer}");

    let after = exporter.scrape().await;
    assert_eq!(after.get(successful, &[]), Some(0.0));
    assert_eq!(after.get(loaded_at, &[]), before.get(loaded_at, &[]));
    assert_eq!(observed(&after, "one"), observed(&before, "one"));

    fs::remove_file(&exporter.path).unwrap();
    assert_eq!(exporter.post("/-/reload").await.0, 500, "a file that is gone is no reason to stop");
    assert_eq!(exporter.reload(&config).await.0, 200);
    let mended = exporter.scrape().await;
    assert_eq!(mended.get(successful, &[]), Some(1.0));
    assert!(mended.get(loaded_at, &[]) > before.get(loaded_at, &[]));
    assert_eq!(observed(&mended, "one"), observed(&before, "one"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reload_over_http_must_be_enabled() {
    let vendor = Vendor::start(1).await;
    let exporter = Reloading::start(&file("", &[source("one", &vendor, "")]), &[]);
    let (status, answer) = exporter.post("/-/reload").await;
    assert_eq!((status, answer.contains("--web.enable-lifecycle")), (403, true), "{answer}");
    let reply = exporter.http.get(format!("http://{}/-/reload", exporter.address)).send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 405);
    assert_eq!(reply.headers()["allow"], "POST,PUT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_becomes_detailed_and_quiet_again_without_a_restart() {
    let vendor = Vendor::start(2).await;
    let sources = [source("one", &vendor, "")];
    let mut exporter = Reloading::start(&file("", &sources), LIFECYCLE);
    exporter.collected(&["one"]).await;
    assert!(!exporter.process.stderr().contains("level=debug"));

    let changed = [source("one", &vendor, "    timeout: 60s\n")];
    assert_eq!(exporter.reload(&file("log: { level: debug }\n", &changed)).await.0, 200);
    exporter
        .process
        .until("a detailed line is there", |process| process.stderr().contains("level=debug").then_some(()));

    assert_eq!(exporter.reload(&file("log: { level: error }\n", &sources)).await.0, 200);
    assert_eq!(exporter.reload(&file("log: { level: error }\n", &changed)).await.0, 200);
    let lines = exporter.process.stderr().lines().filter(|line| line.contains("configuration reloaded")).count();
    assert_eq!(lines, 1, "only the first reload was to be logged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pasted_in_the_wrong_place_is_shown_nowhere() {
    let vendor = Vendor::start(1).await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let top = format!("state: {{ path: {:?} }}\n", text(&state));
    let good = file(&top, &[source("one", &vendor, "")]);
    let environment = [("PASTED", "https://user:canary@vendor.example/x?token=canary")];
    let exporter = Reloading::start_in(&good, LIFECYCLE, &environment);
    exporter.collected(&["one"]).await;
    for pasted in [
        "dGhpcyBpcyBhIGNhbmFyeQcanary/c2Vj+cmV0==",
        "abcdefghijklmnopqrstuvwxyzcanary",
        "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n",
        "https://user:canary@vendor.example",
        "${PASTED}",
    ] {
        for key in ["ca_file", "client_key_file", "interval", "proxy_url", "base_url", "access_token_file", "tenants"] {
            let bad = file(&top, &[source("one", &vendor, "").replace("interval: 1h", &format!("{key}: {pasted:?}"))]);
            let (status, answer) = exporter.reload(&bad).await;
            let is_proxy = key == "proxy_url" && ["https", "$"].iter().any(|start| pasted.starts_with(start));
            assert_eq!(status, if is_proxy { 200 } else { 500 }, "{key}: {answer}");
            assert!(!answer.contains("canary"), "{key}: {answer}");
            for command in ["--config.check", "doctor"] {
                let mut command = exporter_with(&[command, "--config.file", text(&exporter.path)]);
                let ended = command.envs(environment).output().unwrap();
                let told = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
                assert!(!told.is_empty() && !told.contains("canary"), "{command:?}, {key}: {told}");
                assert!(
                    is_proxy || ended.status.code() == Some(2),
                    "{command:?}, {key}: {pasted:?} is refused: {told}"
                );
            }
        }
    }
    for page in ["/config", "/status", "/metrics", "/sd", "/seats.csv"] {
        let reply = exporter.http.get(format!("http://{}{page}", exporter.address)).send().await.unwrap();
        assert!(!reply.text().await.unwrap().contains("canary"), "{page}");
    }
    exporter.process.signal("TERM");
    let ended = exporter.process.wait();
    assert!(
        ended.stderr.contains("configuration reload failed") && !ended.stderr.contains("canary"),
        "{}",
        ended.stderr
    );
    assert!(!fs::read_to_string(state).unwrap().contains("canary"));
}
