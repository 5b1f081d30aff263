//! Probes exporters with several kinds of web configurations.

use super::bench::{Bench, TLS, users};
use crate::support::process::{Ended, run, text};

/// Asks with the flags of an exporter that listens here.
fn health(bench: &Bench, flags: &[&str]) -> Ended {
    run(&[&["health", "--web.listen-address", &bench.address], flags].concat())
}

#[test]
fn an_exporter_lives_whatever_its_web_configuration_asks_of_others() {
    let demanding = format!("{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n");
    let older = format!("{demanding}  max_version: TLS12\n");
    for web in ["", &users("ada"), TLS, &format!("{TLS}{}", users("ada")), &demanding, &older] {
        let bench = Bench::start(web);
        let ended = health(&bench, &["--web.config.file", text(&bench.path("web.yaml"))]);
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""), "{web}");
        // The file that the exporter runs by may be in the middle of a change.
        bench.replace("web.yaml", "tls_server_config: [");
        let ended = health(&bench, &["--web.config.file", text(&bench.path("web.yaml"))]);
        assert_eq!(ended.code, Some(0), "{web}: {}", ended.stderr);
    }
}

#[test]
fn what_is_no_living_exporter_is_named() {
    let bench = Bench::start_with("", &["--web.route-prefix=/backups"]);
    let address = bench.address.clone();
    assert_eq!(health(&bench, &["--web.route-prefix=/backups"]).code, Some(0));
    let ended = health(&bench, &[]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, format!("http://{address}/-/healthy: unexpected status 404 Not Found (expected 200)\n"));
    let ended = run(&["health", "--url", &format!("https://{address}/backups/-/healthy")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("TLS handshake failed: "), "{}", ended.stderr);
    let ended = run(&["health", "--url", &format!("http://localhost:{}/backups/-/ready", &address[10..])]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    drop(bench);
    let ended = run(&["health", "--web.listen-address", &address]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&format!("http://{address}/-/healthy: connection failed: ")), "{}", ended.stderr);
}

#[test]
fn a_url_with_a_password_is_refused() {
    let ended = run(&["health", "--url", "http://ada:password@127.0.0.1/"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("expected a URL such as http://127.0.0.1:10047/-/healthy"), "{}", ended.stderr);
}
