//! Asks a running exporter whether it lives, as the health check of a container does.

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

use crate::cli::{DEFAULT_PORT, Web};

/// An answer that takes longer is of no use to who decides about a restart.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why an exporter does not seem to live.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is there.
    #[error("connecting: {0}")]
    Unreachable(std::io::Error),
    /// Whoever is there does not speak TLS, or not ours.
    #[error("speaking TLS: {0}")]
    Tls(std::io::Error),
    /// What comes back is not HTTP, or breaks off.
    #[error("asking: {0}")]
    Http(hyper::Error),
    /// The URL cannot be asked for.
    #[error("not a URL that can be asked for: {0}")]
    Url(axum::http::Error),
    /// Something else answers, or there.
    #[error("answered with {0} instead of 200")]
    Status(StatusCode),
    /// No answer in time.
    #[error("no answer within {}s", TIMEOUT.as_secs())]
    Late,
}

/// Where an exporter that was started with these flags can be asked, the likeliest first.
#[must_use]
pub fn urls(web: &Web) -> Vec<Url> {
    let address = web.listen_addresses.first().copied();
    let address = address.unwrap_or_else(|| (Ipv6Addr::UNSPECIFIED, DEFAULT_PORT).into());
    let ips: Vec<IpAddr> = match address.ip() {
        // Every interface may be those of one version alone.
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => vec![Ipv4Addr::LOCALHOST.into()],
        ip => vec![ip],
    };
    // Whether there is TLS stands in that file, which the exporter may have read at another time, and as another user.
    let schemes: &[&str] = if web.config_file.is_some() { &["https", "http"] } else { &["http"] };
    let path = web.options().path("/-/healthy");
    let url = |scheme: &str, ip: &IpAddr| {
        let address = SocketAddr::new(*ip, address.port());
        Url::parse(&format!("{scheme}://{address}{path}")).ok()
    };
    schemes.iter().flat_map(|scheme| ips.iter().filter_map(|ip| url(scheme, ip))).collect()
}

/// Succeeds if the exporter behind one of these URLs, asked in this order, answers with 200.
///
/// One that asks for a certificate of ours lives as well: it cannot say more without one.
///
/// # Errors
///
/// With a line for each URL if none does.
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
    // The connection moves what is asked and answered; how it ends afterwards is nobody's concern.
    let (status, _) = tokio::join!(asking, connection);
    status.map_err(Error::Http)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_flags_of_the_exporter_say_where_it_is_asked() {
        for (arguments, expected) in [
            (&[][..], &["http://127.0.0.1:10047/-/healthy", "http://[::1]:10047/-/healthy"][..]),
            (&["--web.listen-address=0.0.0.0:9000"], &["http://127.0.0.1:9000/-/healthy"]),
            (
                &["--web.listen-address=[::1]:9000,10.0.0.7:9001", "--web.route-prefix=/backups"],
                &["http://[::1]:9000/backups/-/healthy"],
            ),
            (
                &["--web.listen-address=10.0.0.7:9000", "--web.config.file=no-such-file.yaml"],
                &["https://10.0.0.7:9000/-/healthy", "http://10.0.0.7:9000/-/healthy"],
            ),
        ] {
            let cli = Cli::parse_from([&["saasbackup-exporter", "health"], arguments].concat());
            let found: Vec<_> = urls(&cli.web).into_iter().map(String::from).collect();
            assert_eq!(found, expected, "{arguments:?}");
        }
    }
}
