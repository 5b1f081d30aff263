//! A real Prometheus that shows its certificate and its password.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use serde_json::Value;

use super::bench::{Bench, PASSWORD, TLS, users};
use super::process::{Process, eventually};
use super::support::process::text;

/// The value of an expression; `None` where it gives nothing or Prometheus does not answer yet.
async fn query(address: &str, expression: &str) -> Option<f64> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("http://{address}/api/v1/query")).query(&[("query", expression)]);
    let body = request.send().await.ok()?.bytes().await.ok()?;
    let answer: Value = serde_json::from_slice(&body).ok()?;
    answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_scrapes_with_certificate_and_password_and_not_without() {
    let bench = Bench::start(&format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [prometheus.example]\n{}",
        users("prometheus")
    ));
    let issued = bench.authority.issue(&["prometheus.example"]);
    bench.replace("client.crt", &issued.certificate);
    bench.replace("client.key", &issued.key);
    bench.replace("password", PASSWORD);
    let job = |name: &str, certificate: &str, user: &str| {
        format!(
            "  - job_name: {name}\n    scheme: https\n    static_configs: [{{ targets: [\"{}\"] }}]\n    tls_config:\n      ca_file: ca.crt\n{certificate}{user}",
            bench.address
        )
    };
    let certificate = "      cert_file: client.crt\n      key_file: client.key\n";
    let user = "    basic_auth: { username: prometheus, password_file: password }\n";
    let jobs = [job("good", certificate, user), job("no-certificate", "", user), job("no-password", certificate, "")];
    bench.replace(
        "prometheus.yml",
        &format!("global: {{ scrape_interval: 2s, scrape_timeout: 2s }}\nscrape_configs:\n{}", jobs.concat()),
    );

    let (prometheus, address) = eventually(async || start(&bench).await).await;
    eventually(async || {
        let up = query(&address, "up{job=\"good\"}").await;
        let refused =
            [query(&address, "up{job=\"no-certificate\"}").await, query(&address, "up{job=\"no-password\"}").await];
        let is_done = up == Some(1.0) && refused == [Some(0.0); 2];
        if is_done {
            Ok(())
        } else {
            Err(format!("{up:?} {refused:?}\n{}\n{}", prometheus.output(), bench.process.stderr()))
        }
    })
    .await;
    let tenants = query(&address, "count(saasbackup_tenant_info{job=\"good\"})").await;
    assert!(tenants.is_some_and(|tenants| tenants >= 1.0), "{tenants:?}");
}

/// The port is free when it is chosen and may be taken when Prometheus comes to it.
async fn start(bench: &Bench) -> Result<(Process, String), String> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", text(&bench.path("prometheus.yml"))))
        .arg(format!("--storage.tsdb.path={}", text(&bench.path("data"))))
        .arg(format!("--web.listen-address={address}"));
    let mut process = Process::start(&mut command);
    let is_ready = eventually(async || {
        let (has_ended, output) = (process.has_ended(), process.output());
        let is_ready = output.contains("Server is ready to receive web requests");
        if is_ready || has_ended { Ok(is_ready) } else { Err(output) }
    })
    .await;
    if is_ready { Ok((process, address)) } else { Err(process.output()) }
}
