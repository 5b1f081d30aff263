//! Checks that the exporter respects its rate limit and the vendor's, and that a rotated token recovers a source.

mod economy;

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::exporter::{Exporter, eager};
use crate::support::exposition::Exposition;
use crate::support::process::{Process, text};
use crate::support::vendor::Vendor;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::Options;
use saasbackup_simulator::dropsuite::fleet::Fleet;
use tokio::net::TcpListener;
use tokio::sync::Notify;

const REQUESTS: &str = "saasbackup_exporter_api_requests_total";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_with_a_low_rate_limit_gets_few_requests_and_no_tenant_is_lost() {
    let clock = Clock::fixed(clock::now().as_millis());
    let limit = NonZeroU32::new(20);
    let options = Options { requests_per_second: limit, ..Options::new(Fleet::demo(3, 7), clock) };
    let vendor = Vendor::serving(options).await;
    let exporter = Exporter::start(&eager(&vendor.server, "", Duration::from_secs(2))).await;
    let all_parts = |scrape: &Exposition| {
        let observed = scrape.all("saasbackup_observed_timestamp_seconds", &[]).len();
        // The listing, four slow parts and nine workloads of each of three tenants.
        observed == 3 * 14
    };
    let scrape = exporter.until("every part of all tenants was collected", all_parts).await;
    let throttled = scrape.sum(REQUESTS, &[("outcome", "throttled")]);
    assert!(throttled > 0.0, "the ceiling is fifty times what the vendor bears");
    let interval = scrape.sum("saasbackup_exporter_effective_interval_seconds", &[]);
    assert!(interval >= 2.0, "{interval}");
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_second_has_more_requests_than_the_rate_limit() {
    let vendor = Vendor::start(3).await;
    let mut config = eager(&vendor.server, "", Duration::from_secs(1));
    config.sources[0].collection.requests_per_second = 20.0;
    let started = std::time::Instant::now();
    let exporter = Exporter::start(&config).await;
    let enough = |scrape: &Exposition| scrape.sum(REQUESTS, &[]) >= 100.0;
    let scrape = exporter.until("a hundred requests were sent", enough).await;
    let rate = scrape.sum(REQUESTS, &[]) / started.elapsed().as_secs_f64();
    assert!(rate <= 21.0, "{rate} requests a second");
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_token_heals_a_refused_source_without_a_restart() {
    let vendor = Vendor::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let (reseller, access) = (folder.path().join("reseller"), folder.path().join("access"));
    std::fs::write(&reseller, vendor.server.reseller_token()).unwrap();
    std::fs::write(&access, "an-old-token").unwrap();
    let file = format!(
        "sources:\n  - {{ name: rotated, provider: dropsuite, base_url: \"{}\", reseller_token_file: {}, access_token_file: {} }}\n",
        vendor.server.base_url(),
        reseller.display(),
        access.display()
    );
    let config = Config::parse(&file, &|_| None, Path::new("")).unwrap();
    let exporter = Exporter::start(&config).await;
    exporter
        .until("the token is refused", |scrape| scrape.all("saasbackup_up", &[]).iter().any(|(_, up)| *up == 0.0))
        .await;
    std::fs::write(&access, vendor.server.admin_token()).unwrap();
    let healed = |scrape: &Exposition| scrape.sum("saasbackup_up", &[]) == 1.0;
    let scrape = exporter.until("the new token is used, long before the next round", healed).await;
    assert_eq!(scrape.all("saasbackup_exporter_credential_last_success_timestamp_seconds", &[]).len(), 1);
    exporter.stop().await;
}

/// A mock API that holds requests with the old token until released, then rejects them; it lists no tenants.
#[derive(Debug, Default)]
struct SlowRefusal {
    was_asked_with_old: AtomicBool,
    was_asked_with_new: AtomicBool,
    release: Notify,
}

impl SlowRefusal {
    async fn start(self: &Arc<Self>) -> String {
        let vendor = Arc::clone(self);
        let router = axum::Router::new().fallback(move |headers: axum::http::HeaderMap| {
            let vendor = Arc::clone(&vendor);
            async move {
                let is_old = headers.get("x-access-token").is_some_and(|token| token == "old");
                let asked = if is_old { &vendor.was_asked_with_old } else { &vendor.was_asked_with_new };
                asked.store(true, Ordering::SeqCst);
                if is_old {
                    vendor.release.notified().await;
                }
                if is_old { (axum::http::StatusCode::UNAUTHORIZED, "{}") } else { (axum::http::StatusCode::OK, "[]") }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_an_old_token_that_comes_late_does_not_keep_the_new_one_waiting() {
    let vendor = Arc::new(SlowRefusal::default());
    let base_url = vendor.start().await;
    let folder = tempfile::tempdir().unwrap();
    let (access, config) = (folder.path().join("access"), folder.path().join("config.yaml"));
    std::fs::write(&access, "old").unwrap();
    let source = format!(
        "{{ name: rotated, provider: dropsuite, base_url: \"{base_url}\", reseller_token: reseller, \
         access_token_file: {}, interval: 1h, timeout: 5m }}",
        access.display()
    );
    std::fs::write(&config, format!("sources: [{source}]\n")).unwrap();
    let mut process = Process::start(&["--config.file", text(&config), "--web.listen-address=127.0.0.1:0"]);
    let was_asked = |asked: &AtomicBool| asked.load(Ordering::SeqCst).then_some(());
    process.until("the old token is tried", |_| was_asked(&vendor.was_asked_with_old));

    std::fs::write(&access, "new").unwrap();
    process.signal("HUP");
    process.until("the new token is in use", |process| process.stderr().contains("changed, using").then_some(()));
    assert!(was_asked(&vendor.was_asked_with_new).is_none(), "the listing is under way");
    vendor.release.notify_one();
    process.until("the new token is tried", |_| was_asked(&vendor.was_asked_with_new));
}
