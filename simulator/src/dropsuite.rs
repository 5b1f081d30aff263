//! Serves the invented fleet as Dropsuite's sub-reseller API does.
//!
//! Every endpoint of the vendor's document answers, also those the exporter never asks. Tokens, parameters and paging
//! bounds are checked as the vendor checks them; [`Shapes`] chooses between the envelopes seen in the wild, and
//! faults are injected through the [`Server`].

mod accounts;
mod call;
mod disclosure;
mod drives;
mod endpoint;
pub mod fleet;
mod lifecycle;
mod paging;
mod query;
mod reference;
mod refusal;
mod routing;
mod rows;
mod service;
mod shapes;
mod spaces;
mod tenants;
mod users;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

pub use super::record::{RecordedRequest, Requests};
use endpoint::ENDPOINTS;
use service::State;
pub use shapes::{AccountsShape, DelegatedShape, DrivesShape, Shapes, SingleShape, UsersShape};

use self::fleet::{Fleet, Oddity, Organization};
use super::clock::Clock;
use super::faults::Injection;
use super::socket::{Bound, Socket};

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

/// A running fake; it stops when dropped.
pub struct Server {
    socket: Socket,
    state: Arc<State>,
}

/// One customer as a test wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationSummary {
    /// As the vendor sends it; empty when the vendor sends none.
    pub name: String,
    /// The suffixed id of the login to prefer.
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
    pub oddity: Oddity,
}

impl Server {
    /// Listens at `address` (port 0: any free one) and serves until dropped or shut down.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let bound = Bound::new(address).await?;
        let state = Arc::new(State::new(options, bound.origin(), bound.stopping()));
        let router = Router::new().fallback(service::serve).with_state(Arc::clone(&state));
        Ok(Self { socket: bound.serve(router), state })
    }

    /// Where the API is, `/api` included and without a final slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/api", self.socket.address())
    }

    /// The value for `X-Reseller-Token`.
    #[must_use]
    pub fn reseller_token(&self) -> String {
        self.state.reseller_token.clone()
    }

    /// The value for `X-Access-Token` of the reseller's own view.
    #[must_use]
    pub fn admin_token(&self) -> String {
        self.state.admin_token.clone()
    }

    /// The value for `X-Access-Token` of an organization; `None` when unknown or without a token.
    #[must_use]
    pub fn organization_token(&self, name_or_id: &str) -> Option<String> {
        let fleet = self.state.fleet();
        let organization = fleet.organizations().find(|organization| is_called(organization, name_or_id))?;
        Some(organization.preferred_login().token).filter(|token| !token.is_empty())
    }

    /// The customers that are left.
    #[must_use]
    pub fn organizations(&self) -> Vec<OrganizationSummary> {
        let fleet = self.state.fleet();
        let summaries = fleet.organizations().map(|organization| OrganizationSummary {
            name: organization.name().to_owned(),
            login_id: organization.login_id(),
            organization_id: organization.organization_id(),
            domain: organization.domain(),
            seats_used: organization.seats_used(),
            seats_available: organization.seats_available(),
            oddity: organization.oddity(),
        });
        summaries.collect()
    }

    /// Lets customers leave, by name, organization id or login id; tells how many left.
    pub fn remove_organization(&self, name_or_id: &str) -> usize {
        self.state.remove(|organization| is_called(organization, name_or_id))
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.state.record.requests()
    }

    /// Makes requests fail from now on; of several faults that match, the one injected first hits.
    ///
    /// # Panics
    ///
    /// When the injection names an endpoint that does not exist: it would never hit, and a test would prove nothing.
    pub fn inject(&self, injection: impl Into<Injection>) {
        let injection = injection.into();
        let is_known = |wanted: &str| ENDPOINTS.iter().any(|&(_, template, _)| template == wanted);
        assert!(injection.endpoint().is_none_or(is_known), "no such endpoint: {:?}", injection.endpoint());
        self.state.faults.inject(injection);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// Every token that an answer could hold, and the tokens of the requests.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        disclosure::secrets(&self.state)
    }

    /// Every name of a person, mailbox, site, team, drive or policy that an answer could hold.
    ///
    /// All of them contain [`PRIVATE_MARKER`](super::fleet::PRIVATE_MARKER).
    #[must_use]
    pub fn private_names(&self) -> Vec<String> {
        disclosure::private_names(&self.state)
    }

    /// Stops accepting, lets answers under way finish for a moment, and frees the port.
    pub async fn shutdown(self) {
        self.socket.shutdown().await;
    }
}

impl fmt::Debug for Server {
    /// Leaves out the tokens.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.socket.address()).finish_non_exhaustive()
    }
}

/// Whether a person could mean this organization.
fn is_called(organization: &Organization, name_or_id: &str) -> bool {
    organization.name() == name_or_id
        || organization.organization_id().to_string() == name_or_id
        || (0..organization.login_count()).any(|position| organization.login(position).id == name_or_id)
}
