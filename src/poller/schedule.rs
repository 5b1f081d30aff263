//! Decides what is asked for next: a plain value, without a clock and without a vendor.
//!
//! The tenant that has waited longest comes first, so nobody starves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Cadence;
use crate::domain::{Outcome, Part, TenantId};
use crate::provider::Listed;

/// A part that keeps failing is still asked for once a day.
const LONGEST_BACKOFF: Duration = Duration::from_secs(24 * 60 * 60);

/// Something to be done.
#[derive(Debug)]
pub(super) enum Job {
    /// Ask who the tenants are.
    List,
    /// Ask for some parts of one tenant.
    Collect {
        /// The tenant.
        listed: Arc<Listed>,
        /// The parts.
        parts: Vec<Part>,
    },
}

/// When what is due.
#[derive(Debug)]
pub(super) struct Schedule {
    cadence: Cadence,
    listing: ListingTurn,
    tenants: BTreeMap<TenantId, Turns>,
    /// The tenants that are not being collected, by when the first of their parts is due; never due ones first.
    waiting: BTreeSet<(Option<Instant>, TenantId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListingTurn {
    /// Never started.
    First,
    Running {
        started: Instant,
    },
    DueAt(Instant),
}

#[derive(Debug)]
struct Turns {
    listed: Arc<Listed>,
    /// When each part was last started; a part that never was is missing.
    started: BTreeMap<Part, Instant>,
    /// How often in a row a part failed in a way that speaks against asking again soon.
    failures: BTreeMap<Part, u32>,
    is_running: bool,
}

impl Schedule {
    pub(super) const fn new(cadence: Cadence) -> Self {
        Self { cadence, listing: ListingTurn::First, tenants: BTreeMap::new(), waiting: BTreeSet::new() }
    }

    /// What is due at `now`, if one of the `places` is free; it counts as started.
    pub(super) fn start(&mut self, now: Instant, running: usize, places: usize) -> Option<Job> {
        if self.listing_is_due(now) {
            self.listing = ListingTurn::Running { started: now };
            return Some(Job::List);
        }
        let (due, id) = self.waiting.first().filter(|_| running < places)?.clone();
        if due.is_some_and(|due| due > now) {
            return None;
        }
        self.waiting.pop_first();
        let turns = self.tenants.get_mut(&id)?;
        let parts: Vec<Part> = self
            .cadence
            .parts_of(&turns.listed.tenant)
            .filter(|(part, interval)| turns.due(*part, *interval).is_none_or(|due| due <= now))
            .map(|(part, _)| part)
            .collect();
        turns.started.extend(parts.iter().map(|part| (*part, now)));
        turns.is_running = true;
        Some(Job::Collect { listed: Arc::clone(&turns.listed), parts })
    }

    /// When [`Schedule::start`] will next have something, unless something ends before.
    pub(super) fn next_start(&self, has_place: bool) -> Option<Instant> {
        let listing = match self.listing {
            ListingTurn::DueAt(at) => Some(at),
            ListingTurn::First | ListingTurn::Running { .. } => None,
        };
        let tenant = self.waiting.first().filter(|_| has_place).and_then(|(due, _)| *due);
        [listing, tenant].into_iter().flatten().min()
    }

    /// The listing ended; a complete one says who is collected from now on.
    pub(super) fn listing_ended(&mut self, listed: Option<Vec<Listed>>) {
        if let ListingTurn::Running { started } = self.listing {
            self.listing = ListingTurn::DueAt(started + self.cadence.listing);
        }
        let Some(listed) = listed else { return };
        let mut known = std::mem::take(&mut self.tenants);
        self.tenants = listed
            .into_iter()
            .map(|listed| {
                let listed = Arc::new(listed);
                let turns = match known.remove(listed.id()) {
                    Some(turns) => Turns { listed, ..turns },
                    None => Turns { listed, started: BTreeMap::new(), failures: BTreeMap::new(), is_running: false },
                };
                (turns.listed.id().clone(), turns)
            })
            .collect();
        self.waiting = self
            .tenants
            .iter()
            .filter(|(_, turns)| !turns.is_running)
            .filter_map(|(id, turns)| Some((self.due(turns)?, id.clone())))
            .collect();
    }

    /// The collection of some parts of a tenant ended, and some of them failed.
    pub(super) fn ended(&mut self, id: &TenantId, parts: &[Part], failed: &[(Part, Outcome)]) {
        let Some(turns) = self.tenants.get_mut(id) else { return };
        turns.is_running = false;
        turns.count_failures(parts, failed);
        let due = self.tenants.get(id).and_then(|turns| self.due(turns));
        self.waiting.extend(due.map(|due| (due, id.clone())));
    }

    fn listing_is_due(&self, now: Instant) -> bool {
        match self.listing {
            ListingTurn::First => true,
            ListingTurn::Running { .. } => false,
            ListingTurn::DueAt(at) => at <= now,
        }
    }

    /// When the first part of a tenant is due: `Some(None)` if one never was started, `None` if nothing is collected.
    fn due(&self, turns: &Turns) -> Option<Option<Instant>> {
        self.cadence.parts_of(&turns.listed.tenant).map(|(part, interval)| turns.due(part, interval)).min()
    }
}

impl Turns {
    /// When a part is due; `None` if it never was started.
    fn due(&self, part: Part, interval: Duration) -> Option<Instant> {
        let failures = self.failures.get(&part).copied().unwrap_or(0);
        let backed_off = interval.saturating_mul(1 << failures.min(16)).min(interval.max(LONGEST_BACKOFF));
        self.started.get(&part).map(|started| *started + backed_off)
    }

    /// Counts the failures that speak against asking again soon.
    ///
    /// Datto cannot list the seats of a large customer at all: each attempt
    /// takes a minute and ends in 504, and the next would end no better.
    fn count_failures(&mut self, parts: &[Part], failed: &[(Part, Outcome)]) {
        for part in parts {
            let outcome = failed.iter().find(|(failed, _)| failed == part).map(|(_, outcome)| *outcome);
            match (part, outcome) {
                (Part::Seats, Some(Outcome::ServerError | Outcome::Timeout)) => {
                    *self.failures.entry(*part).or_default() += 1;
                }
                _ => {
                    self.failures.remove(part);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
