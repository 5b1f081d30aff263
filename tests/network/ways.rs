//! Tests each network path to the vendor.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use saasbackup_exporter::commands::doctor::{self, Verdict};
use saasbackup_exporter::config::Config;

use super::certificates::{Authority, Pair};
use super::gateway::{gateway, proxy};
use crate::support::exporter::config_file;
use crate::support::exposition::Exposition;
use crate::support::process::{Ended, run, text};
use crate::support::vendor::Vendor;

/// Where the fake vendor itself listens.
fn socket(vendor: &Vendor) -> SocketAddr {
    url::Url::parse(&vendor.server.base_url()).unwrap().socket_addrs(|| None).unwrap()[0]
}

/// Runs `once` with this base URL and these further keys of the source.
fn once(folder: &Path, vendor: &Vendor, base_url: &str, keys: &[(&str, &str)]) -> Ended {
    let more: String = keys.iter().map(|(key, value)| format!("    {key}: {value}\n")).collect();
    let file = config_file(&vendor.server, &more).replace(&vendor.server.base_url(), base_url);
    let path = folder.join("config.yaml");
    std::fs::write(&path, file).unwrap();
    run(&["once", "--config.file", text(&path)])
}

fn is_collected(ended: &Ended) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let scrape = Exposition::parse(&ended.stdout);
    assert_eq!(scrape.value("saasbackup_exporter_tenants", &[("state", "collected")]), 1.0);
}

fn dead() -> String {
    format!("http://{}", TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_tunnels_tls_and_sees_no_token_and_no_proxy_goes_past_it() {
    let vendor = Vendor::start(1).await;
    let authority = Authority::new("one authority");
    let gateway = gateway(&authority.issue(&["vendor.invalid", "localhost"]), None, socket(&vendor)).await;
    let proxy = proxy(gateway.address).await;
    let ca_file = ("ca_file", text(&authority.file()).to_owned());
    let proxy_url = format!("http://canary-user:canary-word@{}", proxy.address);

    let keys = [(ca_file.0, ca_file.1.as_str()), ("proxy_url", proxy_url.as_str())];
    is_collected(&once(authority.folder(), &vendor, "https://vendor.invalid", &keys));
    let tunnels = proxy.heard.lock().unwrap().clone();
    assert!(!tunnels.is_empty());
    for head in &tunnels {
        assert!(head.starts_with("CONNECT vendor.invalid:443 ") && head.to_lowercase().contains("proxy-authorization"));
        assert!(!head.contains(&vendor.server.admin_token()) && !head.contains(&vendor.server.reseller_token()));
    }
    let requests = gateway.heard.lock().unwrap().clone();
    let agent = concat!("user-agent: saasbackup-exporter/", env!("CARGO_PKG_VERSION"), "\r\n");
    assert!(
        !requests.is_empty() && requests.iter().all(|request| request.to_lowercase().contains(agent)),
        "{requests:?}"
    );

    let here = format!("https://localhost:{}", gateway.address.port());
    let dead = dead();
    for no_proxy in ["[other.example, localhost]", "\"other.example,localhost\"", "\"*\""] {
        let keys = [(ca_file.0, ca_file.1.as_str()), ("proxy_url", dead.as_str()), ("no_proxy", no_proxy)];
        is_collected(&once(authority.folder(), &vendor, &here, &keys));
    }
    let keys = [(ca_file.0, ca_file.1.as_str()), ("proxy_url", dead.as_str()), ("no_proxy", "other.example")];
    let refused = once(authority.folder(), &vendor, &here, &keys);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert_eq!(proxy.heard.lock().unwrap().len(), tunnels.len(), "there was no other connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_asks_for_a_certificate_is_shown_one() {
    let vendor = Vendor::start(1).await;
    let (authority, stranger) = (Authority::new("one authority"), Authority::new("another"));
    let own = authority.issue(&["localhost"]);
    let gateway = gateway(&own, Some(&authority), socket(&vendor)).await;
    let base_url = format!("https://localhost:{}", gateway.address.port());
    let ca_file = authority.file();
    let collect = |client: Option<&Pair>| {
        let mut keys = vec![("ca_file", text(&ca_file))];
        if let Some(Pair { certificate, key }) = client {
            keys.extend([("client_cert_file", text(certificate)), ("client_key_file", text(key))]);
        }
        once(authority.folder(), &vendor, &base_url, &keys)
    };
    is_collected(&collect(Some(&authority.issue(&["exporter"]))));
    for client in [None, Some(&stranger.issue(&["exporter"]))] {
        let refused = collect(client);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains("outcome=tls"), "{}", refused.stderr);
        let config = authority.folder().join("config.yaml");
        let told = run(&["doctor", "--config.file", text(&config)]).stdout;
        assert!(told.contains("set client_cert_file and client_key_file"), "{told}");
        assert_eq!(told.contains(", client_cert_file"), client.is_some(), "{told}");
    }
}

#[test]
fn a_certificate_is_checked_before_it_is_needed() {
    let authority = Authority::new("one authority");
    let (one, other) = (authority.issue(&["one"]), authority.issue(&["other"]));
    let (ca, cert, key) = (authority.file(), text(&one.certificate), text(&one.key));
    let missing = authority.folder().join("missing");
    for (keys, problems) in [
        (vec![("client_cert_file", cert), ("client_key_file", key)], vec![]),
        (vec![("client_cert_file", cert)], vec!["client_key_file: is missing (required with client_cert_file)"]),
        (vec![("client_key_file", key)], vec!["client_cert_file: is missing (required with client_key_file)"]),
        (
            vec![("client_cert_file", cert), ("client_key_file", text(&other.key))],
            vec!["client_key_file: does not match the certificate in client_cert_file"],
        ),
        (
            vec![("client_cert_file", key), ("client_key_file", text(&ca))],
            vec!["contains no PEM certificate", "contains no unencrypted PEM private key"],
        ),
        (
            vec![("client_cert_file", text(&missing)), ("client_key_file", text(&missing))],
            vec!["client_cert_file: cannot read", "client_key_file: cannot read"],
        ),
        (vec![("no_proxy", "\"http://a.example\"")], vec!["no_proxy: \"http://a.example\" is not a list of hosts"]),
        (
            vec![("no_proxy", "[a.example, \"b.example:80\"]")],
            vec!["no_proxy[1]: \"b.example:80\" is not a list of hosts"],
        ),
    ] {
        let keys: String = keys.iter().map(|(key, value)| format!("    {key}: {value}\n")).collect();
        let path = authority.folder().join("config.yaml");
        let source = "sources:\n  - name: datto\n    provider: datto\n    public_key: p\n    secret_key: s\n";
        std::fs::write(&path, format!("{source}{keys}")).unwrap();
        let ended = run(&["--config.check", "--config.file", text(&path)]);
        assert_eq!(ended.code, Some(if problems.is_empty() { 0 } else { 2 }), "{keys}{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), problems.len(), "{keys}{}", ended.stderr);
        assert!(problems.iter().all(|problem| ended.stderr.contains(problem)), "{keys}{}", ended.stderr);
        assert!(!ended.stderr.contains("PRIVATE KEY"), "{}", ended.stderr);
    }
}

/// The server's alert follows the client's half of the handshake, and overtakes the request one time in six.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_certificate_is_named_whether_the_alert_or_the_request_comes_first() {
    let vendor = Vendor::start(1).await;
    let (authority, stranger) = (Authority::new("one authority"), Authority::new("another"));
    let gateway = gateway(&authority.issue(&["localhost"]), Some(&authority), socket(&vendor)).await;
    let base_url = format!("https://localhost:{}", gateway.address.port());
    let pair = stranger.issue(&["exporter"]);
    let shown =
        format!("    client_cert_file: {}\n    client_key_file: {}\n", text(&pair.certificate), text(&pair.key));
    for keys in [String::new(), shown] {
        let more = format!("    ca_file: {}\n{keys}", text(&authority.file()));
        let file = config_file(&vendor.server, &more).replace(&vendor.server.base_url(), &base_url);
        let config = Config::parse(&file, &|_| None, Path::new("")).unwrap();
        for _ in 0..100 {
            let report = doctor::examine(&config, Path::new(""), &mut |_| {}).await;
            let mut findings = report.sources[0].findings.iter();
            let failed = findings.find(|finding| finding.verdict == Verdict::Fail).unwrap();
            let advice = failed.advice.as_deref().unwrap_or_default();
            assert!(advice.contains("set client_cert_file and client_key_file"), "{failed:?}");
        }
    }
}
