//! Probes the `/-/healthy` endpoint of a running exporter, for container health checks.

mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

use super::Exit;

/// Container runtimes have no use for slower responses.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why a probe failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection failed.
    #[error("connection failed: {0}")]
    Unreachable(std::io::Error),
    /// The TLS handshake failed.
    #[error("TLS handshake failed: {0}")]
    Tls(std::io::Error),
    /// The response is not valid or complete HTTP.
    #[error("request failed: {0}")]
    Http(hyper::Error),
    /// The URL is unusable.
    #[error("invalid URL: {0}")]
    Url(axum::http::Error),
    /// The response has an unexpected status.
    #[error("unexpected status {0} (expected 200)")]
    Status(StatusCode),
    /// No response in time.
    #[error("no response within {}s", TIMEOUT.as_secs())]
    Late,
}

/// The URLs of this path for an exporter that listens on this address, the most likely first.
///
/// The scheme depends on the web configuration, which is not read here.
#[must_use]
pub fn urls(address: SocketAddr, may_speak_tls: bool, path: &str) -> Vec<Url> {
    let ips: Vec<IpAddr> = match address.ip() {
        // The unspecified address may only be available for one IP version.
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => vec![Ipv4Addr::LOCALHOST.into()],
        ip => vec![ip],
    };
    let schemes: &[&str] = if may_speak_tls { &["https", "http"] } else { &["http"] };
    let url = |scheme: &str, ip: &IpAddr| {
        let address = SocketAddr::new(*ip, address.port());
        Url::parse(&format!("{scheme}://{address}{path}")).ok()
    };
    schemes.iter().flat_map(|scheme| ips.iter().filter_map(|ip| url(scheme, ip))).collect()
}

/// Probes the exporter behind these URLs.
///
/// # Errors
///
/// If none of them responds as a healthy exporter does.
pub async fn run(urls: Vec<Url>) -> anyhow::Result<Exit> {
    check(&urls).await.map(|()| Exit::Success).map_err(anyhow::Error::msg)
}

/// Succeeds if one of these URLs, probed in order, responds with 200.
///
/// A TLS server that demands a client certificate counts as healthy.
///
/// # Errors
///
/// One line per URL if none succeeds.
pub async fn check(urls: &[Url]) -> Result<(), String> {
    let mut failures = Vec::with_capacity(urls.len());
    for url in urls {
        match timeout(TIMEOUT, ask(url)).await.unwrap_or(Err(Error::Late)) {
            Ok(StatusCode::OK) => return Ok(()),
            Err(Error::Tls(error)) if tls::is_request_for_certificate(&error) => return Ok(()),
            Err(Error::Http(error)) if tls::is_request_for_certificate(&error) => return Ok(()),
            Ok(status) => failures.push(format!("{url}: {}", Error::Status(status))),
            Err(error) => failures.push(format!("{url}: {error}")),
        }
    }
    Err(failures.join("\n"))
}

async fn ask(url: &Url) -> Result<StatusCode, Error> {
    let port = url.port_or_known_default().unwrap_or_default();
    let stream = match url.host() {
        Some(Host::Ipv4(ip)) => TcpStream::connect((ip, port)).await,
        Some(Host::Ipv6(ip)) => TcpStream::connect((ip, port)).await,
        Some(Host::Domain(name)) => TcpStream::connect((name, port)).await,
        None => Err(std::io::ErrorKind::AddrNotAvailable.into()),
    };
    let stream = stream.map_err(Error::Unreachable)?;
    if url.scheme() == "https" {
        get(tls::connect(url, stream).await.map_err(Error::Tls)?, url).await
    } else {
        get(stream, url).await
    }
}

async fn get(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, url: &Url) -> Result<StatusCode, Error> {
    let request = Request::get(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(HOST, &url[url::Position::BeforeHost..url::Position::AfterPort])
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(Error::Url)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(Error::Http)?;
    let asking = async move { sender.send_request(request).await.map(|answer| answer.status()) };
    // The connection carries the response as well; how it ends afterwards does not matter.
    let (status, _) = tokio::join!(asking, connection);
    status.map_err(Error::Http)
}
