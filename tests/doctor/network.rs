//! Tests network paths that do not lead to a vendor.

use std::net::TcpListener;

use super::bench::{Bench, HERE, complaints, dropsuite, dropsuite_config, is_golden};

const MORE: [&str; 2] = ["canary-1", "canary-2"];

fn config(base_url: &str, more: &str) -> Bench {
    Bench::new(&dropsuite_config(base_url, MORE[0], MORE[1], more))
}

/// A port without a listener.
fn dead() -> String {
    TcpListener::bind(HERE).unwrap().local_addr().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_port_is_refused_at_the_connection() {
    let told = config(&format!("http://{}", dead()), "").told(1).await;
    is_golden("dead-port", &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_does_not_exist_is_reported_with_the_resolvers_error() {
    let told = config("https://no-such-host.invalid", "").told(1).await;
    // The words are the system's own.
    let masked =
        regex::Regex::new(r"(?m)^(  fail  name +[^:]+: ).*$").unwrap().replace(&told, "$1<reason>").into_owned();
    is_golden("no-such-name", &masked);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_to_a_port_without_it_is_reported_as_that() {
    let server = dropsuite(1).await;
    let told = config(&server.base_url().replace("http://", "https://"), "").told(1).await;
    is_golden("no-tls", &complaints(&told));
    assert_eq!(server.requests().total, 0, "no token was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_shown_without_its_credentials_and_tried_in_the_hosts_place() {
    let dead = dead();
    let bench = config("https://dropsuite.us", &format!("    proxy_url: http://canary:canary@{dead}\n"));
    is_golden("dead-proxy", &bench.told(1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_found_unless_it_says_not_to_use_it() {
    let proxy = format!("http://canary:canary@{}", dead());
    let bench = config("https://dropsuite.invalid", "");
    let ended = bench.run(&[], &[("HTTPS_PROXY", &proxy)]).await;
    let told = bench.masked(&ended.stdout);
    assert!(told.contains("the environment: http://[REDACTED]@127.0.0.1:<port>"), "{told}");
    assert!(told.contains("fail  connect      the proxy: 127.0.0.1:<port>"), "{told}");
    let ended = bench.run(&[], &[("HTTPS_PROXY", &proxy), ("NO_PROXY", ".invalid")]).await;
    assert!(ended.stdout.contains("the environment: no proxy"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_host_is_distinguished_from_another() {
    let proxy = format!("    proxy_url: http://{}\n", dead());
    for (host, is_known) in [
        ("dropsuite.us", true),
        ("na-saas-npp.backup.ninjarmm.com", true),
        ("backup.example", false),
        ("evildropsuite.us", false),
    ] {
        let told = config(host, &proxy).told(1).await;
        let expected =
            if is_known { format!("ok    address      {host}") } else { format!("note  address      {host}") };
        assert!(told.contains(&expected), "{told}");
    }
}

/// The fake takes a request for another host as its own, and so stands in for a proxy.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_works_is_used_and_unencrypted_tokens_are_warned_of() {
    let server = dropsuite(1).await;
    let proxy = server.base_url().replace("/api", "");
    let (reseller, access) = (server.reseller_token(), server.admin_token());
    let more = format!("    proxy_url: {proxy}\n");
    let told = Bench::new(&dropsuite_config("http://vendor.invalid", &reseller, &access, &more)).told(0).await;
    assert!(told.contains("ok    connect      the proxy 127.0.0.1:<port>: connected"), "{told}");
    assert!(told.contains("1 tenant listed"), "{told}");
    is_golden("unencrypted", &complaints(&told));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_rejects_every_request_is_to_blame_and_not_the_vendor() {
    let server = dropsuite(1).await;
    let told = config("https://vendor.invalid", &format!("    proxy_url: {}\n", server.base_url().replace("/api", "")));
    is_golden("refusing-proxy", &complaints(&told.told(1).await));
}
