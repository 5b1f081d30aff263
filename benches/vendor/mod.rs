//! A mock Dropsuite with constant latency, in a separate process whose cost is not measured.

#![allow(dead_code, reason = "every measurement uses its own part of these helpers")]

pub(crate) mod bare;
mod latency;
mod pages;
pub(crate) mod round;

use std::io::{BufRead as _, Write as _};
use std::net::Ipv4Addr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

pub(crate) use pages::Pages;

use latency::Latency;

/// A vendor in a child process; it ends with this.
#[derive(Debug)]
pub(crate) struct Vendor {
    child: Child,
    asking: ChildStdin,
    answers: std::io::BufReader<ChildStdout>,
    /// Where it is.
    pub(crate) base_url: String,
    /// The certificate to trust, in PEM; empty without TLS.
    pub(crate) certificate: String,
}

/// What a vendor was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// Requests, those of the listing included.
    pub(crate) requests: u64,
    /// Requests of the listing, which come one after the other.
    pub(crate) listing: u64,
    /// Connections.
    pub(crate) connections: u64,
    /// From the first request for a tenant to the last answer.
    pub(crate) took: Duration,
    /// How long it kept a request before it answered, in the mean.
    pub(crate) held: Duration,
}

impl Vendor {
    /// Starts this very program again, as a vendor.
    pub(crate) fn start(tenants: usize, latency: Duration, tls: bool) -> Self {
        let arguments = ["vendor".to_owned(), tenants.to_string(), latency.as_millis().to_string(), tls.to_string()];
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let asking = child.stdin.take().unwrap();
        let mut answers = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            answers.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let base_url = line();
        let certificate = line().replace('|', "\n");
        Self { child, asking, answers, base_url, certificate }
    }

    /// What it was asked since the start.
    pub(crate) fn asked(&mut self) -> Asked {
        self.asking.write_all(b"\n").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let figures: Vec<u64> = line.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
        let [requests, listing, connections, took, held] = figures[..] else { panic!("{line}") };
        let [took, held] = [took, held].map(Duration::from_micros);
        Asked { requests, listing, connections, took, held }
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        // A child that is gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
struct Answering {
    pages: Pages,
    latency: Latency,
    started: Instant,
    requests: AtomicU64,
    listing: AtomicU64,
    connections: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    held: AtomicU64,
}

impl Answering {
    fn micros(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap()
    }
}

/// Is the vendor, where this process was started as one, until its standard input is closed.
pub(crate) fn was_meant() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(at) = arguments.iter().position(|argument| argument == "vendor") else { return false };
    let [tenants, latency, tls] = &arguments[at + 1..] else { panic!("vendor TENANTS MILLISECONDS TLS") };
    be(tenants.parse().unwrap(), Duration::from_millis(latency.parse().unwrap()), tls == "true");
    true
}

fn be(tenants: usize, latency: Duration, tls: bool) {
    let answering = Arc::new(Answering {
        pages: Pages::new(tenants),
        latency: Latency::new(latency),
        started: Instant::now(),
        requests: AtomicU64::new(0),
        listing: AtomicU64::new(0),
        connections: AtomicU64::new(0),
        first: AtomicU64::new(u64::MAX),
        last: AtomicU64::new(0),
        held: AtomicU64::new(0),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (acceptor, certificate) = tls.then(acceptor).unzip();
    let mut output = std::io::stdout();
    let scheme = if tls { "https" } else { "http" };
    // Certificates have many lines, and this is a protocol of lines.
    let certificate = certificate.unwrap_or_default().replace('\n', "|");
    writeln!(output, "{scheme}://localhost:{port}/api\n{certificate}").unwrap();
    runtime.spawn(accept(listener, acceptor, Arc::clone(&answering)));
    for _ in std::io::stdin().lock().lines() {
        let figure = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        let took = figure(&answering.last).saturating_sub(figure(&answering.first));
        let Answering { requests, listing, connections, .. } = &*answering;
        let held = figure(&answering.held) / figure(requests).max(1);
        writeln!(output, "{} {} {} {took} {held}", figure(requests), figure(listing), figure(connections)).unwrap();
    }
}

fn acceptor() -> (TlsAcceptor, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, answering: Arc<Answering>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        answering.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(converse(stream, acceptor.clone(), Arc::clone(&answering)));
    }
}

async fn converse(stream: TcpStream, acceptor: Option<TlsAcceptor>, answering: Arc<Answering>) {
    let service = TowerToHyperService::new(Router::new().fallback(answer).with_state(answering));
    let connection = auto::Builder::new(TokioExecutor::new());
    // However a conversation ends, the next is another one.
    let _ = match acceptor {
        None => connection.serve_connection(TokioIo::new(stream), service).await,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => connection.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => Ok(()),
        },
    };
}

async fn answer(State(answering): State<Arc<Answering>>, request: Request) -> (StatusCode, Bytes) {
    answering.requests.fetch_add(1, Ordering::Relaxed);
    let path = request.uri().path();
    if path == "/api/users" {
        answering.listing.fetch_add(1, Ordering::Relaxed);
    } else {
        answering.first.fetch_min(answering.micros(), Ordering::Relaxed);
    }
    let since = answering.micros();
    answering.latency.pass().await;
    answering.held.fetch_add(answering.micros() - since, Ordering::Relaxed);
    let query = request.uri().query().unwrap_or_default();
    let page = query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(1);
    let body = answering.pages.body(path, page);
    answering.last.fetch_max(answering.micros(), Ordering::Relaxed);
    body.map_or_else(|| (StatusCode::NOT_FOUND, Bytes::new()), |body| (StatusCode::OK, body))
}
