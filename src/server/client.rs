//! Knows who is at the other end of a connection, what it is doing, and how to be rid of it.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Answering};

/// The other end of one connection.
#[derive(Debug)]
pub(super) struct Client {
    address: IpAddr,
    activity: Arc<Activity>,
    cut: CancellationToken,
}

impl Client {
    pub(super) fn new(address: IpAddr) -> Arc<Self> {
        Arc::new(Self {
            // The same address whichever listener it came to.
            address: address.to_canonical(),
            activity: Activity::new(),
            cut: CancellationToken::new(),
        })
    }

    pub(super) const fn address(&self) -> IpAddr {
        self.address
    }

    pub(super) const fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Ends the connection at once, as others need what it occupies.
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

/// One request of a client, as an extension of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) client: Arc<Client>,
    pub(super) answering: Arc<Answering>,
}
