//! Changes certificates and users while the exporter serves.

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::authority::Authority;
use super::bench::{Bench, PASSWORD, TLS, client, hash, users};
use crate::support::wait::eventually;

/// Waits until the exporter has said this so many times.
async fn until_logged(bench: &Bench, words: &str, times: usize) {
    eventually(async || {
        let log = bench.process.stderr();
        let told = log.matches(words).count();
        if told == times { Ok(()) } else { Err(format!("{told} times {words:?}:\n{log}")) }
    })
    .await;
}

const KEPT: &str = "web configuration reload failed";

async fn is_trusted(bench: &Bench, authority: &Authority) -> bool {
    client(&authority.pem, None).get(bench.url("/metrics")).send().await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_served_without_a_restart_and_a_bad_one_never() {
    let bench = Bench::start(TLS);
    let kept_open = bench.client(None);
    assert_eq!(kept_open.get(bench.url("/metrics")).send().await.unwrap().status(), 200);
    let next = Authority::new("the next authority");
    assert!(!is_trusted(&bench, &next).await);

    let issued = next.issue(&["127.0.0.1"]);
    bench.replace("server.crt", &issued.certificate);
    until_logged(&bench, KEPT, 1).await;
    assert!(bench.process.stderr().contains("key_file: does not match the certificate"), "{}", bench.process.stderr());
    assert!(is_trusted(&bench, &bench.authority).await, "half of a rotation changes nothing");

    bench.replace("server.key", &issued.key);
    eventually(async || if is_trusted(&bench, &next).await { Ok(()) } else { Err(bench.process.stderr()) }).await;
    assert!(!is_trusted(&bench, &bench.authority).await);
    assert!(kept_open.get(bench.url("/metrics")).send().await.is_err(), "the old connection was closed");

    bench.replace("server.key", "canary: no key at all");
    until_logged(&bench, KEPT, 2).await;
    bench.replace("web.yaml", &format!("{TLS}  min_version: TLS11\n"));
    until_logged(&bench, KEPT, 3).await;
    assert!(is_trusted(&bench, &next).await, "what was good stays");
    bench.replace("web.yaml", &format!("{TLS}\n"));
    bench.replace("server.key", &issued.key);
    until_logged(&bench, "web configuration reloaded", 2).await;
    assert!(is_trusted(&bench, &next).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_client_authority_shuts_its_clients_out() {
    let bench =
        Bench::start(&format!("{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"));
    let own = bench.client(Some(&bench.authority.issue(&["prometheus.example"])));
    assert_eq!(own.get(bench.url("/metrics")).send().await.unwrap().status(), 200);
    bench.replace("ca.crt", &Authority::new("another authority").pem);
    // The same client, with its open connection and its session.
    eventually(async || match own.get(bench.url("/metrics")).send().await {
        Ok(answer) => Err(format!("{}\n{}", answer.status(), bench.process.stderr())),
        Err(_) => Ok(()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_come_and_go_and_what_was_remembered_of_them_goes_too() {
    let bench = Bench::start(&users("ada"));
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200);
    assert_eq!(bench.status_for("bob", PASSWORD).await, 401);
    bench
        .replace("web.yaml", &format!("basic_auth_users:\n  ada: {}\n  bob: {}\n", hash("canary-new"), hash(PASSWORD)));
    eventually(async || {
        let status = bench.status_for("bob", PASSWORD).await;
        if status == 200 { Ok(()) } else { Err(format!("bob gets {status}")) }
    })
    .await;
    assert_eq!(bench.status_for("ada", PASSWORD).await, 401);
    assert_eq!(bench.status_for("ada", "canary-new").await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_connected_before_is_answered_under_the_new_rules() {
    let bench = Bench::start("");
    assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200, "no password is asked for");
    let mut connected = TcpStream::connect(&bench.address).await.unwrap();
    bench.replace("web.yaml", &users("ada"));
    until_logged(&bench, "web configuration reloaded", 1).await;
    connected.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    connected.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_tls_nor_authentication_falls_away_with_the_file() {
    let bench = Bench::start(&format!("{TLS}{}", users("ada")));
    let path = bench.path("web.yaml");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    until_logged(&bench, KEPT, 1).await;
    bench.replace("web.yaml", &users("eve"));
    until_logged(&bench, "turning TLS off requires a restart", 1).await;
    bench.replace("web.yaml", &format!("{before}rate_limit: {{ interval: often }}\n"));
    until_logged(&bench, KEPT, 3).await;
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200);
    assert_eq!(bench.status_for("eve", PASSWORD).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_that_are_commented_out_while_it_serves_do_not_disable_authentication() {
    let bench = Bench::start(&users("ada"));
    bench.replace("web.yaml", "basic_auth_users:\n  # ada: gone\n");
    until_logged(&bench, KEPT, 1).await;
    assert!(bench.process.stderr().contains("basic_auth_users: contains no users"), "{}", bench.process.stderr());
    assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 401);
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200, "the old users stay");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_known_passes_strangers_and_changes_of_the_file() {
    let users = users("ada");
    let limited = format!("{users}rate_limit: {{ interval: 1h, burst: 5 }}\n");
    let bench = Bench::start(&limited);
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200);
    for guess in 0..6 {
        assert!([401, 429].contains(&bench.status_for("ada", &format!("guess {guess}")).await));
    }
    assert_eq!(bench.status_for("eve", PASSWORD).await, 429, "strangers have used the rate up");
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200);
    // Read again, the rate begins anew; strangers use it up before the known user comes.
    bench.replace("web.yaml", &format!("{limited}http_server_config: {{ headers: {{ X-Frame-Options: deny }} }}\n"));
    until_logged(&bench, "web configuration reloaded", 1).await;
    for guess in 0..6 {
        bench.status_for("ada", &format!("another guess {guess}")).await;
    }
    assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 429);
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200);
}
