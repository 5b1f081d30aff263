//! Identifies the peer of a connection, tracks its activity, and can disconnect it.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Answering};

/// The peer of one connection.
#[derive(Debug)]
pub(super) struct Client {
    address: IpAddr,
    activity: Arc<Activity>,
    cut: CancellationToken,
}

impl Client {
    pub(super) fn new(address: IpAddr) -> Arc<Self> {
        Arc::new(Self {
            // The same address on IPv4 and IPv6 listeners.
            address: address.to_canonical(),
            activity: Activity::new(),
            cut: CancellationToken::new(),
        })
    }

    pub(super) const fn address(&self) -> IpAddr {
        self.address
    }

    /// The key by which clients share slots: for IPv6 the network, because clients have many addresses.
    pub(super) fn group(&self) -> IpAddr {
        match self.address {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
            address @ IpAddr::V4(_) => address,
        }
    }

    pub(super) const fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Closes the connection at once, because others need its resources.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_cancelled()
    }

    pub(super) async fn until_cut(&self) {
        self.cut.cancelled().await;
    }
}

/// One request of a client, as a request extension.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) client: Arc<Client>,
    pub(super) answering: Arc<Answering>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_are_one_group() {
        let group = |address: &str| Client::new(address.parse().unwrap()).group().to_string();
        assert_eq!(group("2001:db8:1:2:3:4:5:6"), group("2001:db8:1:2::1"));
        assert_ne!(group("2001:db8:1:2::1"), group("2001:db8:1:3::1"));
        assert_eq!(group("::ffff:10.0.0.1"), "10.0.0.1");
        assert_ne!(group("10.0.0.1"), group("10.0.0.2"));
    }
}
