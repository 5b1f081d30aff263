//! Serves an invented fleet as Datto's SaaS Protection API does.
//!
//! By default it responds as observed by clients of the live API; [`Shape::Documented`] as published. Keys,
//! parameters and the hourly quota are checked like the vendor's, seats can be changed, the vendor's latency
//! is simulated on demand, and faults are injected through the [`Server`].

mod answer;
mod applications;
mod budget;
mod distortion;
mod documented;
mod edge;
mod endpoint;
pub mod fleet;
mod live;
mod parameters;
mod refusal;
mod seat_change;
mod service;
mod shapes;
mod state;

use std::io;
use std::net::SocketAddr;

pub use budget::{Budget, Costs, ResetsFormat, RetryAfterFormat};
use fleet::{Customer, Fleet, Quirk, SeatState};
pub use shapes::{ApplicationsShape, BillableSpelling, Shape};
use state::Partner;

use super::clock::Clock;
pub use super::record::{RecordedRequest, Requests};

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

/// A running fake of Datto; it stops when dropped.
///
/// Faults are aimed at `/v1/saas/domains`, `/v1/saas/{saasCustomerId}/seats`, `/v1/saas/{saasCustomerId}/applications`
/// or `/v1/saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange`, and at a customer's name or id; they hit
/// admitted requests only.
pub type Server = super::server::Server<Fleet, Partner>;

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
    pub quirk: Quirk,
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
        let (fleet, clock, shape) = (options.fleet.clone(), options.clock.clone(), options.shape);
        Self::start(address, service::routes(shape), fleet, clock, Partner::new(options)).await
    }

    /// The user name of HTTP Basic.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.shell.vendor.public_key.clone()
    }

    /// The password of HTTP Basic.
    #[must_use]
    pub fn secret_key(&self) -> String {
        self.shell.vendor.secret_key.clone()
    }

    /// The customers that are left.
    #[must_use]
    pub fn customers(&self) -> Vec<CustomerSummary> {
        let fleet = self.shell.fleet();
        let summaries = fleet.customers().map(|customer| CustomerSummary {
            name: customer.name().to_owned(),
            id: customer.id(),
            documented_id: customer.documented_id(),
            domains: (0..customer.domain_count()).map(|record| customer.domain(record)).collect(),
            subscriptions: (0..customer.domain_count()).map(|record| customer.subscription(record)).collect(),
            seats: customer.seat_count(),
            quirk: customer.quirk(),
        });
        summaries.collect()
    }

    /// The seats that are in this state now.
    #[must_use]
    pub fn seats_in(&self, state: SeatState) -> Vec<SeatPlace> {
        let fleet = self.shell.fleet();
        let seats = fleet.customers().flat_map(|customer| {
            let of_state = customer.seats().enumerate().filter(move |(_, seat)| seat.state == state);
            of_state.map(|(position, _)| SeatPlace { customer: customer.id(), position })
        });
        seats.collect()
    }

    /// Puts a seat into another state, as a person in the vendor's portal could.
    pub fn set_seat(&self, seat: SeatPlace, state: SeatState) {
        self.shell.replace_fleet(|fleet| fleet.with_seats(seat.customer, &[seat.position], state));
    }

    /// Lets customers leave, by name or by either id; returns how many left.
    pub fn remove_customer(&self, name_or_id: &str) -> usize {
        let leaves = |customer: &Customer| customer.is_called(name_or_id);
        let (before, after) = self.shell.replace_fleet(|fleet| fleet.without(leaves));
        before.customers().count() - after.customers().count()
    }

    /// What authorizes requests and no answer holds: the secret key, and the pair as a header carries it.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        vec![self.secret_key(), self.shell.vendor.encoded_keys()]
    }

    /// Every name, address and link of a seat that an answer could hold.
    ///
    /// All of them contain [`PRIVATE_MARKER`](super::dropsuite::fleet::PRIVATE_MARKER).
    #[must_use]
    pub fn private_names(&self) -> Vec<String> {
        let fleet = self.shell.fleet();
        let seats = fleet.customers().flat_map(Customer::seats);
        let mut names: Vec<_> = seats.flat_map(|seat| [seat.name, seat.main_id]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
