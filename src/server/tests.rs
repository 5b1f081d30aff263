//! Stops the server while answers are under way.

use std::net::Ipv4Addr;
use std::time::Instant;

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

/// A server whose one page is answered when it is told to, and a client that has asked for it.
struct Bench {
    client: TcpStream,
    answer: Arc<Notify>,
    stopping: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl Bench {
    async fn start() -> Self {
        let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (is_asked, is_answered) = (Arc::clone(&asked), Arc::clone(&answer));
        let page = move || async move {
            is_asked.notify_one();
            is_answered.notified().await;
            StatusCode::OK
        };
        let router = Router::new().route("/", get(page));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = CancellationToken::new();
        let web = Arc::new(LiveWebConfig::plain());
        let stop = stopping.clone();
        let serving =
            tokio::spawn(
                async move { serve_routes(vec![listener], router, &ServerOptions::default(), web, stop).await },
            );
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        asked.notified().await;
        Self { client, answer, stopping, serving }
    }

    async fn received(mut self) -> String {
        let mut received = String::new();
        self.client.read_to_string(&mut received).await.unwrap();
        received
    }
}

#[tokio::test]
async fn an_answer_under_way_is_finished_and_its_connection_closed() {
    let bench = Bench::start().await;
    let address = bench.client.peer_addr().unwrap();
    bench.stopping.cancel();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!bench.serving.is_finished());
    bench.answer.notify_one();
    assert!(bench.received().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn an_answer_that_never_comes_is_not_waited_for_longer_than_a_moment() {
    let mut bench = Bench::start().await;
    let started = Instant::now();
    bench.stopping.cancel();
    (&mut bench.serving).await.unwrap().unwrap();
    assert!(started.elapsed() >= SHUTDOWN_TIMEOUT, "it was waited for");
    assert_eq!(bench.received().await, "");
}
