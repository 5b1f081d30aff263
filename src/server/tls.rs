//! Shakes hands with TLS clients, and tells those that speak plain HTTP.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const PLAIN: &str = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
this port speaks HTTPS, but the client sent a plain HTTP request\n";

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It broke, or the client was refused.
    #[error(transparent)]
    Failed(#[from] std::io::Error),
    /// The client took too long.
    #[error("not completed within {}s", .0.as_secs())]
    TooSlow(Duration),
    /// The client speaks plain HTTP, and was told.
    #[error("the client sent a plain HTTP request")]
    Plain,
    /// The client left without a word, as a probe of the port does.
    #[error("the client sent nothing")]
    Silent,
}

/// The encrypted connection, once the client has shown what is asked of it, within `limit`.
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
    // A record of TLS begins with a number that is no letter, and each method with a letter.
    if first[0].is_ascii_alphabetic() {
        // What is left unread would make the system take back the answer.
        let _ = stream.read(&mut [0; 4096]).await?;
        stream.write_all(PLAIN.as_bytes()).await?;
        stream.shutdown().await?;
        return Err(Error::Plain);
    }
    Ok(TlsAcceptor::from(config).accept(stream).await?)
}
