//! Opens the sockets that the exporter answers at: addresses of its own, or those that systemd hands over.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use listenfd::ListenFd;
use tokio::net::TcpListener;

/// Where the exporter is to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// At these addresses; without any, at the default one.
    At(Vec<SocketAddr>),
    /// On the sockets that systemd hands over.
    Systemd,
}

/// Why there is nothing to answer at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address cannot be had.
    #[error("cannot listen on {address} (set --web.listen-address to use another): {cause}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// Nobody handed a socket over.
    #[error("--web.systemd-socket: no socket was passed by systemd; start the exporter through its .socket unit")]
    NoSocket,
    /// What was handed over cannot be listened on.
    #[error("--web.systemd-socket: socket {number} is unusable, expected an IPv4 or IPv6 stream socket: {cause}")]
    Socket {
        /// Which of them, from 0 on.
        number: usize,
        /// What the system says.
        cause: io::Error,
    },
}

/// The sockets to answer at; `default` where no address is given.
///
/// # Errors
///
/// When one of them cannot be had.
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

/// Every interface means IPv4 alone where the machine has no IPv6.
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
