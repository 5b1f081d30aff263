//! Serves an invented fleet as Datto's SaaS Protection API does.
//!
//! By default it answers as clients met the API; [`Shape::Documented`] answers as its published document says. Keys,
//! parameters and the hourly budget are checked as the vendor checks them, seats can be changed, the vendor's slowness
//! is imitated on demand, and faults are injected through the [`Server`].

mod applications;
mod budget;
mod credentials;
mod disclosure;
mod distortion;
mod documented;
mod edge;
mod endpoint;
pub mod fleet;
mod live;
mod query;
mod refusal;
mod routing;
mod seat_change;
mod service;
mod shapes;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;

pub use budget::{Budget, Costs, ResetsFormat, RetryAfterFormat};
use endpoint::Endpoint;
use fleet::{Fleet, Oddity, SeatState};
use service::State;
pub use shapes::{ApplicationsShape, BillableSpelling, Shape};

use super::clock::Clock;
use super::faults::Injection;
pub use super::record::{RecordedRequest, Requests};
use super::socket::{Bound, Socket};

/// What a server serves, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The customers.
    pub fleet: Fleet,
    /// The time that backups and the budget follow.
    pub clock: Clock,
    /// Whose API is spoken.
    pub shape: Shape,
    /// How `/applications` wraps its items; the documented shape has none.
    pub applications: ApplicationsShape,
    /// How a live seat says that it is billed.
    pub billable: BillableSpelling,
    /// How slow the answers are: 1 is as slow as the vendor (19 to 60 seconds), 0 not slow at all.
    pub latency_scale: f64,
    /// Above this number of seats the live `/seats` ends in 504; `None`: never.
    pub seats_limit: Option<usize>,
    /// What the key may ask within an hour.
    pub budget: Budget,
}

impl Options {
    /// The most likely live server, without its slowness and with a generous budget.
    #[must_use]
    pub fn new(fleet: Fleet, clock: Clock) -> Self {
        Self {
            fleet,
            clock,
            shape: Shape::default(),
            applications: ApplicationsShape::default(),
            billable: BillableSpelling::default(),
            latency_scale: 0.0,
            seats_limit: Some(40),
            budget: Budget::default(),
        }
    }
}

/// A running fake; it stops when dropped.
pub struct Server {
    socket: Socket,
    state: Arc<State>,
}

/// One customer as a test wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerSummary {
    /// As the vendor sends it; not unique.
    pub name: String,
    /// The vendor's number, `saasCustomerId` of the live shape.
    pub id: u64,
    /// `saasCustomerId` of the documented shape.
    pub documented_id: String,
    /// The domain of each record.
    pub domains: Vec<String>,
    /// The `externalSubscriptionId` of each record, in the live shape.
    pub subscriptions: Vec<String>,
    /// All seats, whatever their state.
    pub seats: usize,
    /// What is peculiar about it.
    pub oddity: Oddity,
}

/// One seat of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatPlace {
    /// The vendor's number of the customer.
    pub customer: u64,
    /// Where it stands among the customer's seats.
    pub position: usize,
}

impl Server {
    /// Listens at `address` (port 0: any free one) and serves until dropped or shut down.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let bound = Bound::new(address).await?;
        let state = Arc::new(State::new(options, bound.stopping()));
        let router = Router::new().fallback(service::serve).with_state(Arc::clone(&state));
        Ok(Self { socket: bound.serve(router), state })
    }

    /// Where the API is, without a final slash; paths begin with `/v1/saas`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.socket.address())
    }

    /// The user name of HTTP Basic.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.state.credentials.public_key.clone()
    }

    /// The password of HTTP Basic.
    #[must_use]
    pub fn secret_key(&self) -> String {
        self.state.credentials.secret_key.clone()
    }

    /// The customers that are left.
    #[must_use]
    pub fn customers(&self) -> Vec<CustomerSummary> {
        let fleet = self.state.fleet();
        let summaries = fleet.customers().map(|customer| CustomerSummary {
            name: customer.name().to_owned(),
            id: customer.id(),
            documented_id: customer.documented_id(),
            domains: (0..customer.domain_count()).map(|record| customer.domain(record)).collect(),
            subscriptions: (0..customer.domain_count()).map(|record| customer.subscription(record)).collect(),
            seats: customer.seat_count(),
            oddity: customer.oddity(),
        });
        summaries.collect()
    }

    /// The seats that are in this state now.
    #[must_use]
    pub fn seats_in(&self, state: SeatState) -> Vec<SeatPlace> {
        let fleet = self.state.fleet();
        let seats = fleet.customers().flat_map(|customer| {
            let of_state = customer.seats().enumerate().filter(move |(_, seat)| seat.state == state);
            of_state.map(|(position, _)| SeatPlace { customer: customer.id(), position })
        });
        seats.collect()
    }

    /// Puts a seat into another state, as a person in the vendor's portal could.
    pub fn set_seat(&self, seat: SeatPlace, state: SeatState) {
        self.state.replace_fleet(|fleet| (fleet.with_seats(seat.customer, &[seat.position], state), ()));
    }

    /// Lets customers leave, by name or by either id; tells how many left.
    pub fn remove_customer(&self, name_or_id: &str) -> usize {
        self.state.replace_fleet(|fleet| {
            let smaller = fleet.without(|customer| customer.is_called(name_or_id));
            let gone = fleet.customers().count() - smaller.customers().count();
            (smaller, gone)
        })
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.state.record.requests()
    }

    /// Makes admitted requests fail from now on; of several faults that match, the one injected first hits.
    ///
    /// Aim at `/v1/saas/domains`, `/v1/saas/{saasCustomerId}/seats`, `/v1/saas/{saasCustomerId}/applications` or
    /// `/v1/saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange`, and at a customer's name or id.
    ///
    /// # Panics
    ///
    /// When the injection names an endpoint that does not exist: it would never hit, and a test would prove nothing.
    pub fn inject(&self, injection: impl Into<Injection>) {
        let injection = injection.into();
        let is_known = |wanted: &str| Endpoint::ALL.iter().any(|endpoint| endpoint.template() == wanted);
        assert!(injection.endpoint().is_none_or(is_known), "no such endpoint: {:?}", injection.endpoint());
        self.state.faults.inject(injection);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// What authorizes requests: the secret key, and the pair as a header carries it.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        disclosure::secrets(&self.state)
    }

    /// Every name, address and link of a seat that an answer could hold.
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
    /// Leaves out the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.socket.address()).finish_non_exhaustive()
    }
}
