//! Stops the server while answers are under way.

use std::net::Ipv4Addr;
use std::time::Instant;

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

/// A server whose one page is answered on demand, and a client that has asked for it.
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

#[tokio::test]
async fn a_place_is_taken_until_the_work_ends_though_its_scraper_has_given_up() {
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let (wait, begun) = (Arc::new(std::sync::Mutex::new(wait)), Arc::new(Notify::new()));
    let is_begun = Arc::clone(&begun);
    let page = move |Extension(occupied): Extension<limits::Occupied>| async move {
        let work = tokio::task::spawn_blocking(move || {
            let _occupied = occupied;
            is_begun.notify_one();
            wait.lock().unwrap().recv()
        });
        work.await.map_or(StatusCode::INTERNAL_SERVER_ERROR, |_| StatusCode::OK)
    };
    let layers = from_fn_with_state(limits::scrapes(1), limits::one_of_few);
    let router = Router::new().route("/", get(page).layer(from_fn(limits::in_time)).layer(layers));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (web, options, stopping) =
        (Arc::new(LiveWebConfig::plain()), ServerOptions::default(), CancellationToken::new());
    tokio::spawn(async move { serve_routes(vec![listener], router, &options, web, stopping).await });
    let scrape = async |seconds: &str| {
        let mut client = TcpStream::connect(address).await.unwrap();
        let head = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Prometheus-Scrape-Timeout-Seconds: ";
        client.write_all(format!("{head}{seconds}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = scrape("0.1").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("not ready within 0.1 s"), "{answer}");
    begun.notified().await;
    let answer = scrape("10").await;
    assert!(
        answer.starts_with("HTTP/1.1 503")
            && answer.contains("limit of 1 concurrent scrapes (--web.max-requests) reached"),
        "{answer}"
    );
    drop(release);
    assert!(scrape("10").await.starts_with("HTTP/1.1 200"), "once the work has ended there is a place");
}
