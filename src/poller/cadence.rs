//! Defines which parts of a tenant are collected, and how often.

use std::time::Duration;

use crate::config;
use crate::domain::{Part, Tenant};

/// Refresh intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// The interval between listings.
    pub listing: Duration,
    /// The parts of a tenant and their refresh intervals, mail first.
    pub parts: Vec<(Part, Duration)>,
}

/// Recheck interval of a product that the vendor rejected as not licensed: licences rarely change within a day.
const OF_REFUSED: Duration = Duration::from_secs(24 * 60 * 60);
/// A part with an interval this many times the shortest one is collected early, together with others, not alone.
const MUCH_SLOWER: u32 = 4;

/// The longest interval for values that expire after `stale_after`: with a longer one they would flicker.
pub(super) fn longest(stale_after: Duration) -> Duration {
    stale_after * 3 / 4
}

/// The recheck interval of a product that the vendor rejected as not licensed, while its listing does not change.
#[must_use]
pub fn refused_interval(stale_after: Duration) -> Duration {
    OF_REFUSED.min(longest(stale_after))
}

impl Cadence {
    /// The configured intervals.
    ///
    /// Every interval is kept below `stale_after`: with an interval of `stale_after` (both default to 24 h) values
    /// would expire just before their refresh, and flicker.
    #[must_use]
    pub fn of(collection: &config::Collection) -> Self {
        let longest = longest(collection.stale_after);
        let workloads = collection.workloads.iter().map(|workload| Part::Workload(*workload));
        let slow = collection.parts.iter().map(|part| part.part());
        let parts = workloads.chain(slow).map(|part| (part, collection.interval_of(part).min(longest))).collect();
        Self { listing: collection.interval, parts }
    }

    /// The same parts, each collected once.
    pub(super) fn never_again(self) -> Self {
        const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        Self { listing: NEVER, parts: self.parts.into_iter().map(|(part, _)| (part, NEVER)).collect() }
    }

    /// The parts to collect for this tenant. Licence counters are skipped if the listing already contains them all.
    pub fn parts_of(&self, tenant: &Tenant) -> impl Iterator<Item = (Part, Duration)> {
        let is_listed = |part| part == Part::Seats && tenant.seats.has_every_counter();
        self.parts.iter().copied().filter(move |(part, _)| tenant.parts.contains(part) && !is_listed(*part))
    }

    /// The refresh interval of a part.
    pub(super) fn interval_of(&self, part: Part) -> Duration {
        self.parts.iter().find(|(own, _)| *own == part).map_or(self.listing, |(_, interval)| *interval)
    }

    /// The shortest refresh interval of any part.
    pub(super) fn shortest(&self) -> Duration {
        self.parts.iter().map(|(_, interval)| *interval).min().unwrap_or(self.listing)
    }

    /// How early a part with this interval may be collected along with others of its tenant.
    ///
    /// A rejection or an empty list is only conclusive next to a list that is readable, so slow parts are collected
    /// together with fast ones.
    pub(super) fn companionship(&self, interval: Duration) -> Duration {
        let shortest = self.shortest();
        if interval / MUCH_SLOWER >= shortest { shortest } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SeatCounts, Workload};

    const HOUR: Duration = Duration::from_secs(60 * 60);
    const ALL: SeatCounts = SeatCounts {
        used: Some(1),
        available: Some(2),
        active: Some(0),
        deactivated: Some(0),
        required: Some(1),
        billable: None,
        shared_mailboxes_paid: Some(0),
        shared_mailboxes_free: Some(3),
    };

    #[test]
    fn what_is_not_licensed_is_requested_once_a_day_and_before_that_expires() {
        for (stale_after, expected) in [(24, 18), (48, 24), (32, 24), (365 * 24, 24), (4, 3)] {
            assert_eq!(refused_interval(HOUR * stale_after), HOUR * expected, "{stale_after} h");
        }
    }

    #[test]
    fn licence_counters_are_asked_for_unless_the_listing_gives_every_one() {
        let cadence = Cadence { listing: HOUR, parts: vec![(Part::Seats, HOUR), (Part::Coverage, HOUR)] };
        let asked = |seats| {
            let tenant = Tenant { seats, parts: &[Part::Seats, Part::Coverage], ..Tenant::default() };
            cadence.parts_of(&tenant).any(|(part, _)| part == Part::Seats)
        };
        assert!(!asked(ALL), "a counter of zero is one");
        for lacking in [
            SeatCounts { used: None, ..ALL },
            SeatCounts { available: None, ..ALL },
            SeatCounts { active: None, ..ALL },
            SeatCounts { deactivated: None, ..ALL },
            SeatCounts { required: None, ..ALL },
            SeatCounts { shared_mailboxes_paid: None, ..ALL },
            SeatCounts { shared_mailboxes_free: None, ..ALL },
            SeatCounts::default(),
        ] {
            assert!(asked(lacking), "{lacking:?}");
        }
        let datto = SeatCounts { used: Some(12), billable: Some(12), ..SeatCounts::default() };
        assert!(asked(datto), "Datto's listing has the seats in use alone");
    }

    #[test]
    fn only_much_slower_parts_come_early_for_company() {
        let mail = (Part::Workload(Workload::Mail), HOUR / 4);
        let cadence = Cadence { listing: HOUR, parts: vec![mail, (Part::Coverage, 6 * HOUR)] };
        for (interval, expected) in [(HOUR / 4, 0), (HOUR / 2, 0), (HOUR, 15), (2 * HOUR, 15), (18 * HOUR, 15)] {
            assert_eq!(cadence.companionship(interval), Duration::from_secs(60 * expected), "{interval:?}");
        }
    }
}
