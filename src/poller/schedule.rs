//! Decides what is asked for next: a plain value, without a clock and without a vendor.
//!
//! The tenant that has waited longest comes first, so nobody starves. Tenants
//! whose last collection met no answer share a few places, so that slow ones
//! cannot hold up the others.

mod planning;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(super) use self::planning::Now;
use self::planning::Planning;
use self::turns::Turns;
use super::Cadence;
use crate::domain::{Outcome, Part, TenantId};
use crate::provider::Listed;

/// Suspects may take one place in this many, and at least one.
const SUSPECT_SHARE: usize = 4;

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

/// The tenants that are not being collected, by when the first of their parts is due; never started ones first.
type Queue = BTreeSet<(Option<Instant>, TenantId)>;

/// When what is due.
#[derive(Debug)]
pub(super) struct Schedule {
    cadence: Cadence,
    listing: ListingTurn,
    tenants: BTreeMap<TenantId, Turns>,
    waiting: Queue,
    waiting_suspects: Queue,
    running_suspects: usize,
    planning: Planning,
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

impl Schedule {
    pub(super) fn new(cadence: Cadence) -> Self {
        Self {
            cadence,
            listing: ListingTurn::First,
            tenants: BTreeMap::new(),
            waiting: BTreeSet::new(),
            waiting_suspects: BTreeSet::new(),
            running_suspects: 0,
            planning: Planning::default(),
        }
    }

    /// How many tenants are collected.
    pub(super) fn tenants(&self) -> usize {
        self.tenants.len()
    }

    /// How often each tenant is to be looked at.
    pub(super) fn interval(&self) -> Duration {
        self.cadence.parts.iter().map(|(_, interval)| *interval).min().unwrap_or(self.cadence.listing)
    }

    /// What is due at `now`, if one of the `places` is free; it counts as started.
    pub(super) fn start(&mut self, now: Instant, running: usize, places: usize) -> Option<Job> {
        if self.listing_is_due(now) {
            self.listing = ListingTurn::Running { started: now };
            return Some(Job::List);
        }
        let first = self.first(running, places)?;
        if self.may_start(first).is_some_and(|at| at > now) {
            return None;
        }
        let id = first.1.clone();
        let turns = self.tenants.get_mut(&id)?;
        if turns.is_suspect {
            self.waiting_suspects.pop_first();
            self.running_suspects += 1;
        } else {
            self.waiting.pop_first();
        }
        let parts: Vec<Part> = self
            .cadence
            .parts_of(&turns.listed.tenant)
            .filter(|(part, interval)| {
                turns.due(*part, *interval).is_none_or(|due| due <= now + turns.head_start(*interval))
            })
            .map(|(part, _)| part)
            .collect();
        turns.start(&parts, now);
        self.planning.changed(&id);
        Some(Job::Collect { listed: Arc::clone(&turns.listed), parts })
    }

    /// When [`Schedule::start`] will next have something, unless something ends before.
    pub(super) fn next_start(&self, running: usize, places: usize) -> Option<Instant> {
        let listing = match self.listing {
            ListingTurn::DueAt(at) => Some(at),
            ListingTurn::First | ListingTurn::Running { .. } => None,
        };
        let tenant = self.first(running, places).and_then(|first| self.may_start(first));
        [listing, tenant].into_iter().flatten().min()
    }

    /// Who has waited longest among those for whom there is a place.
    fn first(&self, running: usize, places: usize) -> Option<&(Option<Instant>, TenantId)> {
        if running >= places {
            return None;
        }
        let suspects_have_place = self.running_suspects < (places / SUSPECT_SHARE).max(1);
        let suspect = self.waiting_suspects.first().filter(|_| suspects_have_place);
        [self.waiting.first(), suspect].into_iter().flatten().min()
    }

    /// From when on a tenant in line may be started; `None` means at once.
    fn may_start(&self, (due, id): &(Option<Instant>, TenantId)) -> Option<Instant> {
        let head_start = self.tenants.get(id)?.head_start(self.interval());
        Some(due.as_ref()?.checked_sub(head_start).unwrap_or(*due.as_ref()?))
    }

    /// The listing ended; a complete one says who is collected from now on.
    pub(super) fn listing_ended(&mut self, listed: Option<Vec<Listed>>) {
        if let ListingTurn::Running { started } = self.listing {
            self.listing = ListingTurn::DueAt(started + self.cadence.listing);
        }
        let Some(listed) = listed else { return };
        let mut known = std::mem::take(&mut self.tenants);
        self.add(listed, &mut known);
        self.queue_all();
    }

    /// An attempt at the listing ended that could not read every record: whoever it does not have is still asked for.
    pub(super) fn incomplete_listing_ended(&mut self, listed: Vec<Listed>) {
        self.listing_ended(None);
        let mut known = std::mem::take(&mut self.tenants);
        self.add(listed, &mut known);
        self.tenants.extend(known);
        self.queue_all();
    }

    /// Adds the listed tenants; those that are known already keep their turns.
    fn add(&mut self, listed: Vec<Listed>, known: &mut BTreeMap<TenantId, Turns>) {
        self.tenants.extend(listed.into_iter().map(|listed| {
            let id = listed.id().clone();
            let turns = match known.remove(&id) {
                Some(turns) => turns.relisted(listed),
                None => Turns::new(Arc::new(listed)),
            };
            (id, turns)
        }));
    }

    fn queue_all(&mut self) {
        self.planning.all_changed();
        self.running_suspects = self.tenants.values().filter(|turns| turns.is_running && turns.is_suspect).count();
        self.waiting.clear();
        self.waiting_suspects.clear();
        let ids: Vec<TenantId> = self.tenants.keys().cloned().collect();
        ids.into_iter().for_each(|id| self.queue(id));
    }

    /// The listing is due at once, unless it is running.
    pub(super) fn list_now(&mut self, now: Instant) {
        if let ListingTurn::DueAt(_) = self.listing {
            self.listing = ListingTurn::DueAt(now);
        }
    }

    /// The collection of some parts of a tenant ended, and some of them failed.
    pub(super) fn ended(&mut self, id: &TenantId, parts: &[Part], failed: &[(Part, Outcome)]) {
        let Some(turns) = self.tenants.get_mut(id) else { return };
        if turns.is_suspect {
            self.running_suspects = self.running_suspects.saturating_sub(1);
        }
        turns.end(parts, failed);
        self.planning.changed(id);
        self.queue(id.clone());
    }

    /// Puts a tenant in line that is not being collected.
    fn queue(&mut self, id: TenantId) {
        let Some(turns) = self.tenants.get(&id).filter(|turns| !turns.is_running) else { return };
        let parts = self.cadence.parts_of(&turns.listed.tenant);
        let Some(due) = parts.map(|(part, interval)| turns.due(part, interval)).min() else { return };
        let queue = if turns.is_suspect { &mut self.waiting_suspects } else { &mut self.waiting };
        queue.insert((due, id));
    }

    fn listing_is_due(&self, now: Instant) -> bool {
        match self.listing {
            ListingTurn::First => true,
            ListingTurn::Running { .. } => false,
            ListingTurn::DueAt(at) => at <= now,
        }
    }
}

#[cfg(test)]
mod tests;
