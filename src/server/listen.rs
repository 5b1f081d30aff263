//! Opens the listening sockets: configured addresses, or sockets passed by systemd.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use listenfd::ListenFd;
use tokio::net::TcpListener;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// On these addresses; if empty, on the default one.
    At(Vec<SocketAddr>),
    /// On the sockets passed by systemd.
    Systemd,
}

/// Why a socket is unavailable.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be bound.
    #[error("cannot listen on {address} (set --web.listen-address to use another): {cause}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        cause: io::Error,
    },
    /// No socket was passed.
    #[error("--web.systemd-socket: no socket was passed by systemd; start the exporter through its .socket unit")]
    NoSocket,
    /// A passed socket is unusable.
    #[error("--web.systemd-socket: socket {number} is unusable, expected an IPv4 or IPv6 stream socket: {cause}")]
    Socket {
        /// The zero-based index of the socket.
        number: usize,
        /// The system's error.
        cause: io::Error,
    },
}

/// Opens the sockets; uses `default` if no address is given.
///
/// # Errors
///
/// If one of them is unavailable.
pub async fn listeners(listen: &Listen, default: SocketAddr) -> Result<Vec<TcpListener>, Error> {
    let listeners = match listen {
        Listen::Systemd => handed_over()?,
        Listen::At(addresses) if addresses.is_empty() => vec![bound(default).await?],
        Listen::At(addresses) => {
            let mut listeners = Vec::with_capacity(addresses.len());
            for address in addresses {
                listeners.push(bound(*address).await?);
            }
            listeners
        }
    };
    for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        tracing::info!(%address, "listening");
    }
    Ok(listeners)
}

async fn bound(address: SocketAddr) -> Result<TcpListener, Error> {
    bind(address).await.map_err(|cause| Error::Address { address, cause })
}

/// The unspecified address falls back to IPv4 if the machine has no IPv6.
async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(error) if address.ip() == Ipv6Addr::UNSPECIFIED && error.kind() != ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await.map_err(|_| error)
        }
        result => result,
    }
}

fn handed_over() -> Result<Vec<TcpListener>, Error> {
    let mut sockets = ListenFd::from_env();
    let mut listeners = Vec::new();
    for number in 0..sockets.len() {
        let failed = |cause| Error::Socket { number, cause };
        let socket = sockets.take_tcp_listener(number).map_err(failed)?.ok_or(Error::NoSocket)?;
        socket.set_nonblocking(true).map_err(failed)?;
        listeners.push(TcpListener::from_std(socket).map_err(failed)?);
    }
    if listeners.is_empty() { Err(Error::NoSocket) } else { Ok(listeners) }
}
