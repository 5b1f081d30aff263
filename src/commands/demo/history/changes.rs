//! Changes seats over the history, so that it ends in the present fleet.

use saasbackup_simulator::datto::fleet::{Quirk, SeatState};
use saasbackup_simulator::datto::{SeatPlace, Server};

/// One seat in this many was protected only during the history.
const GROWTH: usize = 12;
/// The share of the history after which the customer with many unprotected seats lost their protection.
const DROP: f64 = 0.6;

/// The seats that change.
#[derive(Debug)]
pub(super) struct Changes {
    /// Active in the present; unprotected at first.
    protected_since: Vec<SeatPlace>,
    /// Unprotected in the present; backed up until they were removed.
    dropped: Vec<SeatPlace>,
}

impl Changes {
    /// Selects them from the present seats.
    pub(super) fn of(datto: &Server) -> Self {
        let active = datto.seats_in(SeatState::Active);
        let unprotected = datto.seats_in(SeatState::Unprotected);
        let customers = datto.customers();
        let lost = customers.iter().find(|customer| customer.quirk == Quirk::ManyUnprotected).map(|lost| lost.id);
        Self {
            protected_since: active.into_iter().step_by(GROWTH).collect(),
            dropped: unprotected.into_iter().filter(|seat| Some(seat.customer) == lost).collect(),
        }
    }

    /// Sets the mock to its state after this share of the history, from 0 to 1.
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

#[cfg(test)]
mod tests {
    use super::*;
    use saasbackup_simulator::clock::Clock;
    use saasbackup_simulator::datto::Options;
    use saasbackup_simulator::datto::fleet::Fleet;

    #[tokio::test]
    async fn the_past_leads_to_the_present() {
        let options = Options::new(Fleet::demo(60, 1), Clock::fixed(1_790_000_000_000));
        let datto = Server::bind(([127, 0, 0, 1], 0).into(), options).await.unwrap();
        let present = datto.seats_in(SeatState::Active);
        let changes = Changes::of(&datto);
        let (since, dropped) = (changes.protected_since.len(), changes.dropped.len());
        assert!(since > 10 && dropped > 5, "{since} {dropped}");
        changes.apply(&datto, 0.0);
        assert_eq!(datto.seats_in(SeatState::Active).len(), present.len() - since + dropped);
        changes.apply(&datto, DROP);
        assert!(datto.seats_in(SeatState::Active).len() < present.len());
        changes.apply(&datto, 1.0);
        assert_eq!(datto.seats_in(SeatState::Active), present);
    }
}
