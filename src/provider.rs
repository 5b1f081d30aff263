//! Asks the vendors: who the tenants are, and how one of them is.
//!
//! The set of vendors is closed, so it is an enum; the test double sits at the
//! socket. Each vendor has its `wire` (JSON exactly as it is sent) and its
//! `convert` (wire to domain, pure); both share one [`Transport`].

mod dropsuite;
mod endpoint;
mod error;
mod field;
mod note;
mod transport;

pub use dropsuite::Credentials as DropsuiteCredentials;
pub use error::{Error, ErrorKind};
pub use transport::{BuildError, Settings, Transport};

use std::time::Duration;

use crate::domain::{Drift, Part, PartResult, Tenant, TenantId, Timestamp, Workload};

/// A client of one account of one vendor.
#[derive(Debug)]
pub enum Client {
    /// Dropsuite, sold as NinjaOne SaaS Backup.
    Dropsuite(dropsuite::Client),
}

/// A tenant of the listing, with what the client needs to ask for it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What the listing says of it.
    pub tenant: Tenant,
    /// How to ask for it.
    pub target: Target,
}

/// How a client asks for one tenant; opaque to everybody else, since it may hold a token.
#[derive(Clone, Debug)]
pub enum Target {
    /// A tenant of Dropsuite.
    Dropsuite(dropsuite::Target),
}

/// One part to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The licence counters.
    Seats,
    /// What could be protected.
    Coverage,
    /// The slow facts.
    Lifecycle,
    /// A workload, to be measured against an objective.
    Workload(Workload, Duration),
}

impl Ask {
    /// The part it asks for.
    #[must_use]
    pub const fn part(&self) -> Part {
        match self {
            Self::Seats => Part::Seats,
            Self::Coverage => Part::Coverage,
            Self::Lifecycle => Part::Lifecycle,
            Self::Workload(workload, _) => Part::Workload(*workload),
        }
    }
}

/// What an attempt at the listing brought.
#[derive(Debug)]
pub struct ListingAttempt {
    /// The tenants, or why there are none.
    pub result: Result<Vec<Listed>, Error>,
    /// What did not look as documented.
    pub drift: Vec<Drift>,
}

/// What an attempt at some parts of a tenant brought.
#[derive(Debug, Default)]
pub struct Collection {
    /// One result for each part that was asked for.
    pub parts: Vec<PartResult>,
    /// Why parts failed, for the log.
    pub failures: Vec<(Part, Error)>,
    /// What did not look as documented.
    pub drift: Vec<Drift>,
}

impl Client {
    /// The endpoints that this client asks, as they appear in labels.
    #[must_use]
    pub const fn endpoints(&self) -> &'static [&'static str] {
        match self {
            Self::Dropsuite(_) => dropsuite::ENDPOINTS,
        }
    }

    /// Asks who the tenants are.
    pub async fn list_tenants(&self) -> ListingAttempt {
        match self {
            Self::Dropsuite(client) => client.list_tenants().await,
        }
    }

    /// Asks for some parts of one tenant; times are measured against `now`.
    ///
    /// The parts fail apart: each gets its own result.
    pub async fn collect_tenant(&self, target: &Target, asks: &[Ask], now: Timestamp) -> Collection {
        match (self, target) {
            (Self::Dropsuite(client), Target::Dropsuite(target)) => client.collect_tenant(target, asks, now).await,
        }
    }
}

impl Listed {
    /// The tenant's id.
    #[must_use]
    pub const fn id(&self) -> &TenantId {
        &self.tenant.id
    }
}

impl From<dropsuite::Client> for Client {
    fn from(client: dropsuite::Client) -> Self {
        Self::Dropsuite(client)
    }
}
