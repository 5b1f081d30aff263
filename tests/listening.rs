//! Connects to the exporter in the ways that its flags offer, and in some that it must reject.

use std::net::SocketAddr;

use crate::support::exporter::{Exporter, patient};
use crate::support::http;
use crate::support::process::{Process, run, text};
use crate::support::tools::tool;
use crate::support::vendor::Vendor;
use reqwest::{Method, StatusCode};
use saasbackup_exporter::server::ServerOptions;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

fn client() -> reqwest::Client {
    http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn status(http: &reqwest::Client, method: Method, url: &str) -> StatusCode {
    http.request(method, url).send().await.unwrap().status()
}

/// A demo with these flags and no tenant to wait for.
fn demo(flags: &[&str]) -> Process {
    Process::start(&[&["demo", "--tenants=1", "--web.listen-address=127.0.0.1:0"], flags].concat())
}

#[tokio::test]
async fn every_page_is_below_the_prefix_of_the_external_url() {
    let mut process = demo(&["--web.external-url=https://monitoring.example/backups/"]);
    let (address, http) = (process.address(), client());
    for path in ["/backups/metrics", "/backups/", "/backups/-/healthy"] {
        assert_eq!(status(&http, Method::GET, &format!("http://{address}{path}")).await, 200, "{path}");
    }
    for path in ["/metrics", "/-/healthy"] {
        assert_eq!(status(&http, Method::GET, &format!("http://{address}{path}")).await, 404, "{path}");
    }
    for path in ["/", "/backups"] {
        let reply = http.get(format!("http://{address}{path}")).send().await.unwrap();
        assert_eq!((reply.status().as_u16(), &reply.headers()["location"]), (307, &"/backups/".parse().unwrap()));
    }
}

#[tokio::test]
async fn a_proxy_that_strips_the_prefix_finds_the_pages_without_it() {
    let mut process = demo(&["--web.external-url=https://monitoring.example/backups", "--web.route-prefix=/"]);
    let (address, http) = (process.address(), client());
    assert_eq!(status(&http, Method::GET, &format!("http://{address}/metrics")).await, 200);
}

#[tokio::test]
async fn a_wrong_method_gets_the_right_ones() {
    let (mut process, http) = (demo(&["--web.telemetry-path=/probe"]), client());
    let address = process.address();
    for path in ["/", "/probe", "/status", "/config", "/sd", "/seats.csv", "/-/healthy", "/-/ready"] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let reply = http.request(method.clone(), format!("http://{address}{path}")).send().await.unwrap();
            assert_eq!(reply.status(), 405, "{method} {path}");
            assert_eq!(reply.headers()["allow"], "GET,HEAD", "{method} {path}");
        }
        let reply = http.head(format!("http://{address}{path}")).send().await.unwrap();
        assert!(matches!(reply.status().as_u16(), 200 | 503), "HEAD {path}");
        assert_eq!(reply.bytes().await.unwrap().len(), 0, "HEAD {path}");
    }
    for path in ["/metrics", "/probe/", "//probe", "/-/", "/status/", "/sd/1", "/favicon.ico"] {
        assert_eq!(status(&http, Method::GET, &format!("http://{address}{path}")).await, 404, "{path}");
    }
}

#[tokio::test]
async fn it_listens_at_several_addresses_of_both_families() {
    let mut process = demo(&["--web.listen-address=[::1]:0", "--web.listen-address=127.0.0.1:0"]);
    let addresses: Vec<SocketAddr> = process.until("it listens at three addresses", |process| {
        let log = process.stderr();
        let addresses = log.lines().filter(|line| line.contains("listening")).filter_map(|line| {
            let (_, address) = line.split_once("address=")?;
            address.split_whitespace().next()?.trim_matches('"').parse().ok()
        });
        let addresses: Vec<_> = addresses.collect();
        (addresses.len() == 3).then_some(addresses)
    });
    assert_eq!(addresses.iter().filter(|address| address.is_ipv6()).count(), 1, "{addresses:?}");
    for address in addresses {
        assert_eq!(status(&client(), Method::GET, &format!("http://{address}/-/healthy")).await, 200, "{address}");
    }
}

/// Does what systemd does: opens a socket, hands it over as descriptor 3, and becomes the exporter.
const ACTIVATION: &str = "
import os, socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen()
open(sys.argv[1] + '.new', 'w').write(str(listener.getsockname()[1]))
os.rename(sys.argv[1] + '.new', sys.argv[1])
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
";

#[tokio::test]
#[ignore = "needs python3"]
async fn it_listens_on_a_socket_that_systemd_hands_over() {
    let folder = tempfile::tempdir().unwrap();
    let port_file = folder.path().join("port");
    let binary = env!("CARGO_BIN_EXE_saasbackup-exporter");
    let arguments = ["-c", ACTIVATION, text(&port_file), binary, "demo", "--tenants=1", "--web.systemd-socket"];
    let mut process = Process::spawn(tool("python3").args(arguments));
    let port = process.until("a socket is open", |_| std::fs::read_to_string(&port_file).ok());
    // The socket is open before the exporter runs: who comes early waits.
    let reply = client().get(format!("http://127.0.0.1:{port}/-/healthy")).send().await;
    assert_eq!(reply.unwrap().status(), 200);
}

#[test]
fn a_socket_that_is_not_passed_is_an_error() {
    let ended = run(&["demo", "--tenants=1", "--web.systemd-socket"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("no socket was passed by systemd"), "{}", ended.stderr);
}

/// Scrapes, one after the other, whose responses are not read: one of them stays under way once the socket buffers are
/// full.
async fn idle_scrape(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(&b"GET /metrics HTTP/1.1\r\nHost: exporter\r\n\r\n".repeat(50)).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrapes_that_are_not_read_make_room_for_others() {
    let vendor = Vendor::start(100).await;
    let settings = ServerOptions { max_requests: 2, ..ServerOptions::default() };
    let exporter = Exporter::with(&patient(&vendor.server, ""), settings).await;
    exporter.collected().await;

    let idle = [idle_scrape(exporter.address()).await, idle_scrape(exporter.address()).await];
    for _ in 0..5 {
        assert_eq!(exporter.get("/metrics").await.0, 200);
        assert_eq!(exporter.get("/-/healthy").await.0, 200, "only scrapes are limited");
    }
    drop(idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_scrapes_at_once_are_answered_or_refused() {
    let vendor = Vendor::start(3).await;
    let exporter = Exporter::start(&patient(&vendor.server, "")).await;
    exporter.collected().await;
    let url = format!("http://{}/metrics", exporter.address());
    let http = client();
    let mut scrapes = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        // One request at a time goes over a connection, so there are as many of these.
        let (http, url) = (http.clone(), url.clone());
        scrapes.spawn(async move {
            // Who waits long for a place may find the connection closed, which is a refusal too.
            let reply = http.get(url).send().await.ok()?;
            let status = reply.status().as_u16();
            Some((status, reply.text().await.ok()?))
        });
    }
    let mut whole = 0;
    while let Some(scrape) = scrapes.join_next().await {
        let Some((status, text)) = scrape.unwrap() else { continue };
        match status {
            200 => {
                assert!(text.len() > 10_000, "a whole exposition: {}", text.len());
                whole += 1;
            }
            503 => {}
            other => panic!("{other}: {text}"),
        }
    }
    assert!(whole >= 40, "as many as are allowed at once are answered: {whole}");
    assert_eq!(exporter.get("/metrics").await.0, 200, "and afterwards all is well");
}
