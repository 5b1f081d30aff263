//! Serves the generated fleet as Dropsuite's sub-reseller API does.
//!
//! It has every endpoint of the vendor's document, including those that the exporter never requests. Tokens, parameters
//! and paging bounds are checked like the vendor's; [`Shapes`] chooses between the observed envelopes, and
//! faults are injected through the [`Server`].

mod accounts;
mod call;
mod drives;
pub mod fleet;
mod lifecycle;
mod paging;
mod reference;
mod refusal;
mod routes;
mod rows;
mod service;
mod shapes;
mod spaces;
mod state;
mod tenants;
mod users;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

pub use super::record::{RecordedRequest, Requests};
pub use shapes::{Envelope, PerPage, Shapes};

use self::fleet::{Fleet, Organization, Quirk};
use self::state::Reseller;
use super::clock::Clock;

/// What a server serves, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The customers.
    pub fleet: Fleet,
    /// The time that backups follow.
    pub clock: Clock,
    /// The envelopes.
    pub shapes: Shapes,
    /// Above this rate requests get 429 with `Retry-After`; `None`: no limit.
    pub requests_per_second: Option<NonZeroU32>,
    /// Every answer takes at least this long.
    pub latency: Duration,
}

impl Options {
    /// The most likely live server: default envelopes, no limit, no latency.
    #[must_use]
    pub fn new(fleet: Fleet, clock: Clock) -> Self {
        Self { fleet, clock, shapes: Shapes::default(), requests_per_second: None, latency: Duration::ZERO }
    }
}

/// A running fake of Dropsuite; it stops when dropped.
pub type Server = super::server::Server<Fleet, Reseller>;

/// One customer as a test wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationSummary {
    /// As the vendor sends it; empty when the vendor sends none.
    pub name: String,
    /// The suffixed id of the administrator's login.
    pub login_id: String,
    /// The vendor's number.
    pub organization_id: u64,
    /// The primary domain.
    pub domain: String,
    /// Seats in use.
    pub seats_used: usize,
    /// Seats that were bought.
    pub seats_available: usize,
    /// What is peculiar about it.
    pub quirk: Quirk,
}

impl Server {
    /// Listens at `address` (port 0: any free one) and serves until dropped or shut down.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let reseller = Reseller::new(&options);
        Self::start(address, service::routes(), options.fleet, options.clock, reseller).await
    }

    /// The value for `X-Reseller-Token`.
    #[must_use]
    pub fn reseller_token(&self) -> String {
        self.shell.vendor.reseller_token.clone()
    }

    /// The value for `X-Access-Token` of the reseller's own view.
    #[must_use]
    pub fn admin_token(&self) -> String {
        self.shell.vendor.admin_token.clone()
    }

    /// The value for `X-Access-Token` of an organization; `None` when unknown or without a token.
    #[must_use]
    pub fn organization_token(&self, name_or_id: &str) -> Option<String> {
        let fleet = self.shell.fleet();
        let organization = fleet.organizations().find(|organization| is_called(organization, name_or_id))?;
        Some(organization.preferred_login().token).filter(|token| !token.is_empty())
    }

    /// The customers that are left.
    #[must_use]
    pub fn organizations(&self) -> Vec<OrganizationSummary> {
        let fleet = self.shell.fleet();
        let summaries = fleet.organizations().map(|organization| OrganizationSummary {
            name: organization.name().to_owned(),
            login_id: organization.login_id(),
            organization_id: organization.organization_id(),
            domain: organization.domain(),
            seats_used: organization.seats_used(),
            seats_available: organization.seats_available(),
            quirk: organization.quirk(),
        });
        summaries.collect()
    }

    /// Lets customers leave, by name, organization id or login id; returns how many left.
    pub fn remove_organization(&self, name_or_id: &str) -> usize {
        let leaves = |organization: &Organization| is_called(organization, name_or_id);
        let (before, after) = self.shell.replace_fleet(|fleet| fleet.without(leaves));
        before.organizations().count() - after.organizations().count()
    }

    /// Every token that an answer could hold, and the tokens of the requests.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let fleet = self.shell.fleet();
        let mut secrets = vec![self.reseller_token(), self.admin_token(), users::support_key(fleet.seed())];
        secrets.extend(fleet.organizations().flat_map(Organization::secrets));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }

    /// Every name of a person, mailbox, site, team, drive or policy that an answer could hold.
    ///
    /// All of them contain [`PRIVATE_MARKER`](super::dropsuite::fleet::PRIVATE_MARKER).
    #[must_use]
    pub fn private_names(&self) -> Vec<String> {
        let fleet = self.shell.fleet();
        let mut names: Vec<_> = fleet.organizations().flat_map(Organization::private_names).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Whether a person could mean this organization.
fn is_called(organization: &Organization, name_or_id: &str) -> bool {
    organization.name() == name_or_id
        || organization.organization_id().to_string() == name_or_id
        || (0..organization.login_count()).any(|position| organization.login(position).id == name_or_id)
}
