//! Tests untrusted certificates, and a trusted one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::bench::{Bench, HERE, complaints, dropsuite_config, is_golden, testdata};

/// Answers everything with 401 over TLS, under this certificate, as long as the test runs.
fn serve(certificate: &str) -> SocketAddr {
    let folder = testdata().join("tls");
    let certificate = CertificateDer::from_pem_file(folder.join(certificate)).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind(HERE).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let mut stream =
                BufReader::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), connection));
            let mut line = String::new();
            // A refused handshake ends the lines at once, without waiting for the response.
            while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let reply = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
            let stream = stream.get_mut();
            if stream.write_all(reply).is_ok() {
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    address
}

fn config(address: SocketAddr, trusts_the_authority: bool) -> Bench {
    let ca_file = testdata().join("tls/ca.pem");
    let more = if trusts_the_authority { format!("    ca_file: {}\n", ca_file.display()) } else { String::new() };
    Bench::new(&dropsuite_config(&format!("https://{address}"), "canary-1", "canary-2", &more))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_certificate_that_is_not_trusted_is_reported_by_its_fault() {
    let mut told = String::new();
    for (name, certificate, trusts_the_authority) in [
        ("an unknown authority", "trusted.pem", false),
        ("another host's certificate", "elsewhere.pem", true),
        ("an expired certificate", "expired.pem", true),
    ] {
        let text = config(serve(certificate), trusts_the_authority).told(1).await;
        assert!(text.contains("fail  tls") && text.contains("skip  credentials"), "{text}");
        told += &format!("{name}\n{}\n", complaints(&text));
    }
    let times = regex::Regex::new(r"verification time \d+ \(UNIX\)|\(\d+ seconds ago\)|\d{9,}").unwrap();
    is_golden("tls", &times.replace_all(&told, "<moment>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_is_trusted_by_its_file() {
    let told = config(serve("trusted.pem"), true).told(1).await;
    assert!(
        told.contains("ok    tls          127.0.0.1:<port> with the system's CA certificates and ca_file"),
        "{told}"
    );
    assert!(told.contains("fail  credentials"), "the server knows no token: {told}");
}
