//! Lets seats change over the past, so that the present is what the past led to.

use crate::simulator::datto::fleet::SeatState;
use crate::simulator::datto::{SeatPlace, Server};

/// One seat in so many was protected only in the course of the past.
const GROWTH: usize = 12;
/// At this share of the past the customer with the most unprotected seats lost their protection.
const DROP: f64 = 0.6;

/// The seats that were something else before.
#[derive(Debug)]
pub(super) struct Changes {
    /// Active in the present; nobody protected them at first.
    protected_since: Vec<SeatPlace>,
    /// Unprotected in the present; backed up until somebody took them out.
    dropped: Vec<SeatPlace>,
}

impl Changes {
    /// Chooses them among the present ones.
    pub(super) fn of(datto: &Server) -> Self {
        let active = datto.seats_in(SeatState::Active);
        let unprotected = datto.seats_in(SeatState::Unprotected);
        let of_customer = |customer: u64| unprotected.iter().filter(move |seat| seat.customer == customer);
        let largest = unprotected.iter().max_by_key(|seat| of_customer(seat.customer).count());
        Self {
            protected_since: active.into_iter().step_by(GROWTH).collect(),
            dropped: largest.map_or_else(Vec::new, |seat| of_customer(seat.customer).copied().collect()),
        }
    }

    /// Brings the fake to where it was after this share of the past, from 0 to 1.
    pub(super) fn apply(&self, datto: &Server, share: f64) {
        let count = u32::try_from(self.protected_since.len()).unwrap_or(u32::MAX);
        for (number, seat) in (0..count).zip(&self.protected_since) {
            let is_protected = f64::from(number) < f64::from(count) * share;
            datto.set_seat(*seat, if is_protected { SeatState::Active } else { SeatState::Unprotected });
        }
        for seat in &self.dropped {
            datto.set_seat(*seat, if share < DROP { SeatState::Active } else { SeatState::Unprotected });
        }
    }
}
