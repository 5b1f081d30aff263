//! Performs TLS handshakes, and responds to clients that send plain HTTP.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const PLAIN: &str = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
this port speaks HTTPS, but the client sent a plain HTTP request\n";

/// Why the handshake failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The connection failed, or the client was rejected.
    #[error(transparent)]
    Failed(#[from] std::io::Error),
    /// The client took too long.
    #[error("not completed within {}s", .0.as_secs())]
    TooSlow(Duration),
    /// The client sent plain HTTP, and got an error response.
    #[error("the client sent a plain HTTP request")]
    Plain,
    /// The client sent nothing, as in a port check.
    #[error("the client sent nothing")]
    Silent,
}

/// Completes the handshake within `limit`.
pub(super) async fn handshake(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    limit: Duration,
) -> Result<TlsStream<TcpStream>, Error> {
    tokio::time::timeout(limit, accept(stream, config)).await.map_err(|_| Error::TooSlow(limit))?
}

async fn accept(mut stream: TcpStream, config: Arc<ServerConfig>) -> Result<TlsStream<TcpStream>, Error> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(Error::Silent);
    }
    // A TLS record begins with a byte that is not a letter, an HTTP method with a letter.
    if first[0].is_ascii_alphabetic() {
        // With unread data, closing the socket would discard the response.
        let _ = stream.read(&mut [0; 4096]).await?;
        stream.write_all(PLAIN.as_bytes()).await?;
        stream.shutdown().await?;
        return Err(Error::Plain);
    }
    Ok(TlsAcceptor::from(config).accept(stream).await?)
}
