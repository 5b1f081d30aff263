//! Tests HTTP/2.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use hyper::client::conn::http2::{Builder, SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use reqwest::Method;
use rustls::crypto::ring;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use super::bench::{Bench, TLS};
use crate::support::wait::eventually;

/// A connection of a client that speaks both.
async fn connect(bench: &Bench) -> TlsStream<TcpStream> {
    super::handshakes::connect(bench, ring::default_provider(), rustls::ALL_VERSIONS).await.unwrap()
}

/// A connection whose streams take nothing of an answer until the client says so, which it never does.
async fn speak_without_window(stream: TlsStream<TcpStream>) -> SendRequest<Body> {
    let mut client = Builder::new(TokioExecutor::new());
    let (sender, connection) = client.initial_stream_window_size(0).handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
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

/// The streams of one connection, and the scrapes at once, as `SECURITY.md` has them.
const MAX_STREAMS: usize = 32;
const MAX_SCRAPES: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_has_so_many_streams_and_no_more() {
    let bench = Bench::start(TLS);
    let mut sender = speak_without_window(connect(&bench).await).await;
    let mut asking = JoinSet::new();
    // The client knows the limit once it was answered; nothing is read, so no stream ends.
    let mut unread = vec![sender.send_request(get("/-/healthy", "")).await.unwrap()];
    for _ in 0..MAX_STREAMS {
        let mut sender = sender.clone();
        asking.spawn(async move { sender.send_request(get("/-/healthy", "")).await.unwrap() });
    }
    while unread.len() < MAX_STREAMS {
        unread.push(asking.join_next().await.unwrap().unwrap());
    }
    assert_eq!(bench.ask(Method::GET, "/-/healthy").await.status(), 200);
    assert!(asking.try_join_next().is_none(), "one more has to wait");
    drop(unread.pop());
    assert_eq!(asking.join_next().await.unwrap().unwrap().status(), 200, "until another has ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_read_nothing_yield_their_slots_to_waiting_ones() {
    let bench = Bench::start(TLS);
    let mut asking = JoinSet::new();
    let mut senders = Vec::new();
    for _ in 0..2 {
        let sender = speak_without_window(connect(&bench).await).await;
        for _ in 0..MAX_STREAMS {
            let mut sender = sender.clone();
            asking.spawn(async move { sender.send_request(get("/metrics", "")).await });
        }
        senders.push(sender);
    }
    let mut unread = Vec::new();
    while unread.len() < MAX_SCRAPES {
        unread.push(asking.join_next().await.unwrap().unwrap());
    }
    assert!(unread.iter().any(Result::is_ok), "they were answered");
    let started = Instant::now();
    eventually(async || match bench.ask(Method::GET, "/metrics").await.status().as_u16() {
        200 => Ok(()),
        status => Err(format!("status {status}")),
    })
    .await;
    // An answer has two minutes by itself.
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    eventually(async || {
        if senders.iter().any(SendRequest::is_closed) { Ok(()) } else { Err("no connection was cut".to_owned()) }
    })
    .await;
}
