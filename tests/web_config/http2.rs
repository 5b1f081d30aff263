//! HTTP/2, where both sides want it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::bench::{Bench, TLS};

/// A connection of a client that speaks both.
async fn connect(bench: &Bench) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(bench.authority.pem.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(&bench.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

async fn speak(stream: TlsStream<TcpStream>) -> SendRequest<Body> {
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str, header: &str) -> Request<Body> {
    Request::get(format!("https://localhost{path}")).header("x-padding", header).body(Body::empty()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_of_http_are_offered_unless_one_is_switched_off() {
    let bench = Bench::start(TLS);
    let stream = connect(&bench).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut sender = speak(stream).await;
    for path in ["/metrics", "/-/healthy"] {
        assert_eq!(sender.send_request(get(path, "")).await.unwrap().status(), 200, "{path}");
    }
    let refused = sender.send_request(get("/metrics", &"x".repeat(20 << 10))).await.unwrap();
    assert_eq!(refused.status(), 431);
    assert_eq!(
        sender.send_request(get("/no-such-page", "")).await.unwrap().status(),
        404,
        "the connection is still good"
    );

    let bench = Bench::start(&format!("{TLS}http_server_config: {{ http2: false }}\n"));
    let stream = connect(&bench).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}
