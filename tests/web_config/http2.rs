//! HTTP/2, where both sides want it.

use axum::body::Body;
use axum::http::Request;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::ring;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::bench::{Bench, TLS};

/// A connection of a client that speaks both.
async fn connect(bench: &Bench) -> TlsStream<TcpStream> {
    super::handshakes::connect(bench, ring::default_provider(), rustls::ALL_VERSIONS).await.unwrap()
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
