//! Tests clients that send too little, too much, or nothing.

use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::bench::{Bench, TLS};
use crate::support::tools::tool;
use crate::support::wait::eventually;

/// Sends this, and gives all that comes back until the connection is closed.
async fn exchange(bench: &Bench, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&bench.address).await.unwrap();
    // The answer may come before all is sent.
    let _ = stream.write_all(bytes).await;
    rest_of(stream).await
}

async fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is cut hard is closed as well.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_silent_clients_are_disconnected_and_delay_no_other() {
    for (web, beginning) in
        [("", &b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: "[..]), ("", b""), (TLS, b"\x16\x03\x01")]
    {
        let bench = Bench::start(web);
        let mut slow = Vec::new();
        for _ in 0..50 {
            let mut stream = TcpStream::connect(&bench.address).await.unwrap();
            stream.write_all(beginning).await.unwrap();
            slow.push(stream);
        }
        assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200, "the others are served meanwhile");
        let mut drip = slow.pop().unwrap();
        if !beginning.is_empty() && web.is_empty() {
            // A byte now and then wins no time.
            eventually(
                async || if drip.write_all(b"x").await.is_err() { Ok(()) } else { Err("still open".to_owned()) },
            )
            .await;
        }
        for stream in slow {
            assert_eq!(rest_of(stream).await, "", "no answer to half a request");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_idle_clients_than_connections_do_not_shut_others_out() {
    let bench = Bench::start("");
    let mut idle = Vec::new();
    for _ in 0..700 {
        let mut stream = TcpStream::connect(&bench.address).await.unwrap();
        stream.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        idle.push(stream);
    }
    assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200);
    let open = std::fs::read_dir(format!("/proc/{}/fd", bench.process.id())).unwrap().count();
    assert!(open < 600, "{open} files are open for 700 clients");
    // The last of them got an answer too, once the first had to go.
    let mut answer = [0; 12];
    idle.pop().unwrap().read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

/// No scrape takes longer, whatever strangers do; in a debug build beside other tests.
const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_clients_and_halves_of_handshakes_hold_up_no_scrape() {
    for (web, beginning) in [("", &b"GET /-/"[..]), ("", b""), (TLS, b"\x16\x03\x01"), (TLS, b"")] {
        let bench = Bench::start(web);
        let mut idle = Vec::new();
        for _ in 0..700 {
            let mut stream = TcpStream::connect(&bench.address).await.unwrap();
            // Whoever makes room for others may find itself closed already.
            let _ = stream.write_all(beginning).await;
            idle.push(stream);
        }
        let started = Instant::now();
        assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200);
        assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    }
}

/// A client that asks for the metrics, and takes little of them.
async fn slow_reader(bench: &Bench, requests: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(bench.address.parse().unwrap()).await.unwrap();
    stream.write_all(requests.as_bytes()).await.unwrap();
    stream
}

const SCRAPE: &str = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_yield_their_slots_to_waiting_ones() {
    let bench = Bench::start_with("", &["--web.max-requests=4", "--tenants=300"]);
    // So much that no buffer of the system holds all of it.
    until_large(&bench).await;
    let mut slow = Vec::new();
    for _ in 0..4 {
        let mut stream = slow_reader(&bench, SCRAPE).await;
        stream.read_exact(&mut [0; 512]).await.unwrap();
        slow.push(tokio::spawn(async move {
            let mut piece = [0; 4096];
            while stream.read(&mut piece).await.is_ok_and(|length| length > 0) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }));
    }
    for _ in 0..3 {
        let started = Instant::now();
        assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200);
        assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    }
    slow.into_iter().for_each(|reader| reader.abort());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_request_does_not_cut_the_answer_to_a_slow_client() {
    let bench = Bench::start_with("", &["--tenants=300"]);
    until_large(&bench).await;
    let mut stream = slow_reader(&bench, SCRAPE).await;
    stream.read_exact(&mut [0; 512]).await.unwrap();
    stream.write_all(b"GET ").await.unwrap();
    // Longer than a head may take.
    tokio::time::sleep(Duration::from_secs(13)).await;
    stream.write_all(b"/-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let rest = rest_of(stream).await;
    assert!(rest.contains("\n# EOF\n") || rest.contains("saasbackup_exporter_build_info"), "the whole answer came");
    assert!(rest.ends_with("saasbackup-exporter is healthy.\n"), "and the next one after it");
}

/// Waits until the metrics of the demo are more than the buffers of a connection hold.
async fn until_large(bench: &Bench) {
    eventually(async || {
        let length = bench.ask(Method::GET, "/metrics").await.bytes().await.unwrap().len();
        if length > 8 << 20 { Ok(()) } else { Err(format!("{length} bytes")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_too_large_or_none_at_all_are_refused() {
    let bench = Bench::start("");
    let long = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(20 << 10));
    let many = format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: x\r\n".repeat(200));
    for (request, status) in [
        (long.as_str(), "431"),
        (&many, "431"),
        ("GET /metrics HTTP/1.1\r\nHost: x\r\nBroken\r\n\r\n", "400"),
        ("\x16\x03\x01 hello?\r\n\r\n", "400"),
    ] {
        let answer = exchange(&bench, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{}: {answer:?}", &request[..20]);
    }
    let answer = exchange(&bench, b"GET /-/healthy HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 ") || answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_at_a_port_of_https_gets_an_explanation() {
    let bench = Bench::start(TLS);
    let answer = exchange(&bench, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 400 ") && answer.contains("this port speaks HTTPS"), "{answer:?}");
    assert!(!exchange(&bench, b"\x16\x03\x01\x00\x05hello").await.contains("HTTP"), "what looks like TLS gets no HTTP");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prlimit"]
async fn the_server_survives_that_no_file_can_be_opened() {
    let bench = Bench::start("");
    let id = bench.process.id().to_string();
    let limit = |files: usize| {
        let status = tool("prlimit").args(["--pid", &id, &format!("--nofile={files}:4096")]).status();
        assert!(status.unwrap().success());
    };
    let open = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    limit(open);
    let mut waiting = Vec::new();
    for _ in 0..20 {
        waiting.push(TcpStream::connect(&bench.address).await.unwrap());
    }
    eventually(async || {
        let log = bench.process.stderr();
        if log.contains("accept error: Too many open files") { Ok(()) } else { Err(log) }
    })
    .await;
    limit(4096);
    assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_idle_connections_at_once_and_the_process_cleanly() {
    for web in ["", TLS] {
        let mut bench = Bench::start(web);
        let client = bench.client(None);
        assert_eq!(client.get(bench.url("/-/healthy")).send().await.unwrap().status(), 200);
        let silent = TcpStream::connect(&bench.address).await.unwrap();
        bench.process.signal("TERM");
        assert_eq!(rest_of(silent).await, "");
        assert_eq!(bench.process.until_ended(), Some(0), "{}", bench.process.stderr());
    }
}
