//! Combines sources of which some are unreachable or rejected.

use std::net::{Ipv4Addr, TcpListener};

use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_that_cannot_be_reached_do_not_touch_the_others() {
    let vendor = Vendor::start(3).await;
    let server = &vendor.server;
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let plain = server.base_url().replace("http://", "https://");
    let ca_file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/ca.pem");
    let token = server.admin_token();
    let source = |name: &str, url: &str, token: &str, more: &str| {
        let reseller = server.reseller_token();
        let keys = format!("base_url: \"{url}\", reseller_token: {reseller}, access_token: {token}");
        format!("  - {{ name: {name}, provider: dropsuite, {keys}{more} }}\n")
    };
    let file = [
        "collection: { timeout: 5s, requests_per_second: 1000 }\nsources:\n".to_owned(),
        source("reached", &server.base_url(), &token, ""),
        source("refused", &format!("http://{closed}/api"), &token, ""),
        source("nowhere", "http://no-such-host.invalid/api", &token, ""),
        source("no-tls", &plain, &token, &format!(", ca_file: {ca_file}")),
        source("dead-key", &server.base_url(), "dead", ""),
    ];
    let exporter = Exporter::start(&parse(&file.concat())).await;
    let outcomes = [("refused", "connect"), ("nowhere", "dns"), ("no-tls", "tls"), ("dead-key", "unauthorized")];
    let ended = |scrape: &Exposition| {
        let up = |source: &str| scrape.get("saasbackup_up", &[("source", source)]);
        let observed = scrape.all("saasbackup_observed_timestamp_seconds", &[("source", "reached")]).len();
        observed == 3 * 14 && outcomes.iter().all(|(source, _)| up(source) == Some(0.0))
    };
    let scrape = exporter.until("the first attempts ended and one source is collected", ended).await;
    assert_eq!(scrape.get("saasbackup_up", &[("source", "reached")]), Some(1.0));
    for (source, outcome) in outcomes {
        let labels = [("source", source), ("endpoint", "/users"), ("outcome", outcome)];
        assert!(scrape.sum("saasbackup_exporter_api_requests_total", &labels) > 0.0, "{source}: {outcome}");
        assert!(scrape.all("saasbackup_workload_state", &[("source", source)]).is_empty(), "{source} shows no tenant");
        assert!(
            scrape.all("saasbackup_exporter_tenants", &[("source", source)]).is_empty(),
            "{source} counts no tenant"
        );
    }
    let (status, text) = exporter.get("/-/ready").await;
    assert_eq!(status, 200, "a dead source does not keep the others from being scraped: {text}");
    exporter.stop().await;
}
