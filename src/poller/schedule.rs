//! Decides what is asked for next: a plain value, without a clock and without a vendor.
//!
//! The tenant that has waited longest comes first, so nobody starves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::Instant;

use super::Cadence;
use crate::domain::{Part, Policy, TenantId};
use crate::provider::{Ask, Listed};

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
        asks: Vec<Ask>,
    },
}

/// When what is due.
#[derive(Debug)]
pub(super) struct Schedule {
    cadence: Cadence,
    policy: Arc<Policy>,
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
    is_running: bool,
}

impl Schedule {
    pub(super) const fn new(cadence: Cadence, policy: Arc<Policy>) -> Self {
        Self { cadence, policy, listing: ListingTurn::First, tenants: BTreeMap::new(), waiting: BTreeSet::new() }
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
        let asks: Vec<Ask> = self
            .cadence
            .parts
            .iter()
            .filter(|(part, interval)| turns.started.get(part).is_none_or(|started| *started + *interval <= now))
            .map(|(part, _)| ask(*part, &turns.listed, &self.policy))
            .collect();
        turns.started.extend(asks.iter().map(|ask| (ask.part(), now)));
        turns.is_running = true;
        Some(Job::Collect { listed: Arc::clone(&turns.listed), asks })
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
                    None => Turns { listed, started: BTreeMap::new(), is_running: false },
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

    /// The collection of a tenant ended.
    pub(super) fn ended(&mut self, id: &TenantId) {
        let Some(turns) = self.tenants.get_mut(id) else { return };
        turns.is_running = false;
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
        let due = |(part, interval): &(Part, _)| turns.started.get(part).map(|started| *started + *interval);
        self.cadence.parts.iter().map(due).min()
    }
}

fn ask(part: Part, listed: &Listed, policy: &Policy) -> Ask {
    match part {
        Part::Listing | Part::Seats => Ask::Seats,
        Part::Coverage => Ask::Coverage,
        Part::Lifecycle => Ask::Lifecycle,
        Part::Workload(workload) => {
            let tenant = &listed.tenant;
            let objective = policy.objectives.resolve(tenant.id.as_str(), tenant.name_or_id(), workload);
            Ask::Workload(workload, objective)
        }
    }
}

#[cfg(test)]
mod tests;
