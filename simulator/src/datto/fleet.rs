//! Generates the customers of a Datto partner: seeded, deterministic, with named quirks.
//!
//! Only names, seeds and changed seats are stored; every seat and backup is generated again on request, so that
//! a fleet of thousands stays small.

mod app;
mod backup;
mod customer;
mod names;
mod quirk;
mod seat;

use std::fmt;
use std::sync::Arc;

pub(crate) use app::{App, Suite};
pub(crate) use backup::{Protected, Protection};
pub use customer::Customer;
pub(crate) use customer::Product;
pub use quirk::Quirk;
pub(crate) use quirk::Quirks;
pub use seat::SeatState;
pub(crate) use seat::{Seat, SeatType, Tally};

use crate::names::company;
use crate::random::{derive, draw, pick};

/// The invented customers and the partner who looks after them.
#[derive(Clone)]
pub struct Fleet {
    seed: u64,
    /// In the order of their indices, and so of their ids.
    customers: Vec<Arc<Customer>>,
}

impl Fleet {
    /// The first `customers` of the named customers, then generated ones; equal arguments give equal fleets.
    ///
    /// The generated ones are mostly healthy. About four of a hundred are behind in one app, and a few have seats
    /// that are not protected.
    #[must_use]
    pub fn demo(customers: usize, seed: u64) -> Self {
        let customers = (0..customers).map(|index| {
            let own_seed = derive(seed, "customer", index);
            let (name, quirk, seats) = match names::NAMED.get(index) {
                Some(&(name, quirk, seats)) => (name.to_owned(), quirk, seats),
                None => generated(own_seed, index - names::NAMED.len()),
            };
            Arc::new(Customer::new(index, own_seed, name, quirk, seats))
        });
        Self { seed, customers: customers.collect() }
    }

    /// The fleet with one more customer, which has this quirk; for those that the demo does not have.
    #[must_use]
    pub fn with(&self, quirk: Quirk) -> Self {
        const SEATS: u16 = 24;
        let index = self.customers.last().map_or(0, |last| last.index + 1);
        let seed = derive(self.seed, "customer", index);
        let customer = Customer::new(index, seed, format!("{quirk:?} Example"), quirk, SEATS);
        let all = self.customers.iter().cloned().chain([Arc::new(customer)]);
        Self { seed: self.seed, customers: all.collect() }
    }

    /// The customers in the order of their ids.
    pub fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.customers.iter().map(AsRef::as_ref)
    }

    /// The first customer with this quirk; `None` when the fleet is too small to have it.
    #[must_use]
    pub fn find(&self, quirk: Quirk) -> Option<&Customer> {
        self.customers().find(|customer| customer.quirk() == quirk)
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The customer with the vendor's number.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Customer> {
        let number: u64 = id.parse().ok()?;
        let place = self.customers.binary_search_by_key(&number, |customer| customer.id()).ok()?;
        Some(self.customers[place].as_ref()).filter(|customer| customer.id().to_string() == id)
    }

    /// The customer with the id of the document's form.
    pub(crate) fn by_documented_id(&self, id: &str) -> Option<&Customer> {
        let number: usize = id.strip_prefix("cust-")?.parse().ok()?;
        let place = self.customers.binary_search_by_key(&number, |customer| customer.index + 1).ok()?;
        Some(self.customers[place].as_ref()).filter(|customer| customer.documented_id() == id)
    }

    /// The fleet as it is after these customers left.
    pub(crate) fn without(&self, leaves: impl Fn(&Customer) -> bool) -> Self {
        let stay = self.customers.iter().filter(|customer| !leaves(customer));
        Self { seed: self.seed, customers: stay.cloned().collect() }
    }

    /// The fleet as it is after these seats of one customer changed.
    pub(crate) fn with_seats(&self, id: u64, positions: &[usize], state: SeatState) -> Self {
        let mut changed = self.clone();
        if let Ok(place) = changed.customers.binary_search_by_key(&id, |customer| customer.id()) {
            let customer = Arc::make_mut(&mut changed.customers[place]);
            customer.changes.extend(positions.iter().map(|&position| (position, state)));
        }
        changed
    }
}

impl fmt::Debug for Fleet {
    /// Leaves out thousands of names.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fleet").field("seed", &self.seed).field("len", &self.customers.len()).finish()
    }
}

fn generated(seed: u64, number: usize) -> (String, Quirk, u16) {
    let mut random = draw(seed, "generated", 0);
    let quirk = match random.u8(..100) {
        0..4 => Quirk::BehindToday,
        4..6 => Quirk::NotProtectedForDays,
        6..8 => Quirk::Uningested,
        8 => Quirk::NewCustomer,
        9..12 => Quirk::ManyUnprotected,
        12..14 => Quirk::ManyPaused,
        14..26 => Quirk::GoogleWorkspace,
        26..29 => Quirk::SeveralDomains,
        29..32 => Quirk::TimeBasedRetention,
        32 => Quirk::NoOrganization,
        33 => Quirk::OutOfScope,
        _ => Quirk::Healthy,
    };
    let name = company(names::PLACES, names::TRADES, number);
    // Most customers are small enough for their seats to be listed in time.
    let largest = pick(&mut random, &[12, 25, 40, 120, 400]);
    (name, quirk, random.u16(3..=largest))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn most_of_a_fleet_is_healthy() {
        for customers in [names::NAMED.len(), 1_000] {
            let fleet = Fleet::demo(customers, 7);
            let healthy = fleet.customers().filter(|customer| customer.quirk().is_healthy()).count();
            assert!(healthy * 100 > customers * 60, "{healthy} of {customers}");
        }
    }

    #[test]
    fn a_large_fleet_repeats_no_id_and_only_the_twins_share_a_name() {
        let fleet = Fleet::demo(5_000, 7);
        let ids: Vec<_> = fleet.customers().map(Customer::id).collect();
        assert!(ids.is_sorted_by(|before, after| before < after));
        let names: HashSet<_> = fleet.customers().map(Customer::name).collect();
        assert_eq!(names.len(), 4_999);
        let domains: HashSet<_> = fleet.customers().map(|customer| customer.domain(0)).collect();
        assert_eq!(domains.len(), 5_000);
    }

    #[test]
    fn customers_are_found_by_either_id_and_by_its_exact_spelling_only() {
        let fleet = Fleet::demo(60, 7).without(|customer| customer.index == 3);
        for customer in fleet.customers() {
            assert_eq!(fleet.by_id(&customer.id().to_string()).unwrap().index, customer.index);
            assert_eq!(fleet.by_documented_id(&customer.documented_id()).unwrap().index, customer.index);
        }
        assert!(fleet.by_documented_id("cust-004").is_none());
        assert!(fleet.by_documented_id("cust-0001").is_none());
        assert!(fleet.by_id("19999").is_none());
    }

    #[test]
    fn a_changed_seat_changes_no_other() {
        let fleet = Fleet::demo(60, 7);
        let customer = fleet.customers().nth(1).unwrap();
        let changed = fleet.with_seats(customer.id(), &[0], SeatState::Paused);
        let states = |fleet: &Fleet| -> Vec<_> {
            fleet.customers().flat_map(|customer| customer.seats().map(|seat| seat.state)).collect()
        };
        let (before, after) = (states(&fleet), states(&changed));
        assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), 1);
    }
}
