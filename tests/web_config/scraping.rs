//! Scrapes with a real Prometheus, with certificate and password.

use super::bench::{Bench, PASSWORD, TLS, users};
use crate::support::generation::with_both;
use crate::support::prometheus::Prometheus;
use crate::support::wait::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
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

    with_both(async |generation| {
        let prometheus = Prometheus::reading(&bench.path("prometheus.yml"), generation).await;
        eventually(async || {
            let mut up = Vec::new();
            for job in ["good", "no-certificate", "no-password"] {
                up.extend(prometheus.query(&format!("up{{job=\"{job}\"}}")).await.into_iter().map(|(_, value)| value));
            }
            if up == [1.0, 0.0, 0.0] {
                Ok(())
            } else {
                Err(format!("{up:?}\n{}\n{}", prometheus.log(), bench.process.stderr()))
            }
        })
        .await;
        assert!(prometheus.value("count(saasbackup_tenant_info{job=\"good\"})").await >= 1.0);
    })
    .await;
}
