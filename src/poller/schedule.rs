//! Decides what is asked for next: a plain value, without a clock and without a vendor.
//!
//! The tenant that has waited longest comes first, so nobody starves.
//! Unresponsive tenants, whose last collection met no answer, share a few
//! slots, so that they cannot hold up the others.

mod tenant;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::tenant::TenantSchedule;
use super::Cadence;
use crate::domain::{Outcome, Part, TenantId, Timestamp};
use crate::provider::Listed;
use crate::store::{NextAttempt, TenantPolling};

/// Unresponsive tenants may take one slot in this many, and at least one.
const UNRESPONSIVE_SHARE: usize = 4;

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
    /// The time between two attempts at a product that was refused as not licensed.
    refused_interval: Duration,
    listing: ListingSchedule,
    tenants: BTreeMap<TenantId, TenantSchedule>,
    waiting: Queue,
    waiting_unresponsive: Queue,
    running_unresponsive: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListingSchedule {
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
            refused_interval: Duration::ZERO,
            listing: ListingSchedule::First,
            tenants: BTreeMap::new(),
            waiting: BTreeSet::new(),
            waiting_unresponsive: BTreeSet::new(),
            running_unresponsive: 0,
        }
    }

    /// The same, which asks for products that were refused as not licensed once in this time, or in their own if that is
    /// longer.
    pub(super) fn asking_for_refused_every(self, interval: Duration) -> Self {
        Self { refused_interval: interval, ..self }
    }

    /// The time between two attempts at a product that was refused as not licensed.
    pub(super) const fn refused_interval(&self) -> Duration {
        self.refused_interval
    }

    /// How many tenants are collected.
    pub(super) fn tenants(&self) -> usize {
        self.tenants.len()
    }

    /// How often what is asked for.
    pub(super) const fn cadence(&self) -> &Cadence {
        &self.cadence
    }

    /// When the tenants are listed next; `wall` is the wall time of `now`, whose clock never jumps.
    pub(super) fn next_listing(&self, now: Instant, wall: Timestamp) -> NextAttempt {
        match self.listing {
            ListingSchedule::First => NextAttempt::First,
            ListingSchedule::Running { .. } => NextAttempt::InProgress,
            ListingSchedule::DueAt(at) => NextAttempt::At(wall.after(at.saturating_duration_since(now))),
        }
    }

    /// The tenants of whom the last attempt and the interval do not say when they are collected next.
    pub(super) fn out_of_the_ordinary(&self) -> BTreeMap<TenantId, TenantPolling> {
        let polling = |(id, tenant): (&TenantId, &TenantSchedule)| Some((id.clone(), tenant.polling(&self.cadence)?));
        self.tenants.iter().filter_map(polling).collect()
    }

    /// The shortest time between two collections of a tenant.
    pub(super) fn interval(&self) -> Duration {
        self.cadence.shortest()
    }

    /// What is due at `now`, if one of the `slots` is free; it counts as started.
    pub(super) fn start(&mut self, now: Instant, running: usize, slots: usize) -> Option<Job> {
        if self.listing_is_due(now) {
            self.listing = ListingSchedule::Running { started: now };
            return Some(Job::List);
        }
        let first = self.first(running, slots)?;
        if self.may_start(first).is_some_and(|at| at > now) {
            return None;
        }
        let id = first.1.clone();
        let tenant = self.tenants.get_mut(&id)?;
        if tenant.is_unresponsive {
            self.waiting_unresponsive.pop_first();
            self.running_unresponsive += 1;
        } else {
            self.waiting.pop_first();
        }
        let cadence = &self.cadence;
        let early = |interval| tenant.head_start(interval).max(cadence.companionship(interval));
        let parts: Vec<Part> = tenant
            .parts(cadence, self.refused_interval)
            .filter(|(part, interval)| tenant.due(*part, *interval).is_none_or(|due| due <= now + early(*interval)))
            .map(|(part, _)| part)
            .collect();
        tenant.start(&parts, now);
        Some(Job::Collect { listed: Arc::clone(&tenant.listed), parts })
    }

    /// When [`Schedule::start`] will next have something, unless something ends before.
    pub(super) fn next_start(&self, running: usize, slots: usize) -> Option<Instant> {
        let listing = match self.listing {
            ListingSchedule::DueAt(at) => Some(at),
            ListingSchedule::First | ListingSchedule::Running { .. } => None,
        };
        let tenant = self.first(running, slots).and_then(|first| self.may_start(first));
        [listing, tenant].into_iter().flatten().min()
    }

    /// Who has waited longest among those for whom there is a slot.
    fn first(&self, running: usize, slots: usize) -> Option<&(Option<Instant>, TenantId)> {
        if running >= slots {
            return None;
        }
        let has_slot = self.running_unresponsive < (slots / UNRESPONSIVE_SHARE).max(1);
        let unresponsive = self.waiting_unresponsive.first().filter(|_| has_slot);
        [self.waiting.first(), unresponsive].into_iter().flatten().min()
    }

    /// From when on a tenant in line may be started; `None` means at once.
    fn may_start(&self, (due, id): &(Option<Instant>, TenantId)) -> Option<Instant> {
        let head_start = self.tenants.get(id)?.head_start(self.interval());
        Some(due.as_ref()?.checked_sub(head_start).unwrap_or(*due.as_ref()?))
    }

    /// The listing ended; a complete one says who is collected from now on.
    pub(super) fn listing_ended(&mut self, listed: Option<Vec<Listed>>) {
        if let ListingSchedule::Running { started } = self.listing {
            self.listing = ListingSchedule::DueAt(started + self.cadence.listing);
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
    fn add(&mut self, listed: Vec<Listed>, known: &mut BTreeMap<TenantId, TenantSchedule>) {
        self.tenants.extend(listed.into_iter().map(|listed| {
            let id = listed.id().clone();
            let tenant = match known.remove(&id) {
                Some(tenant) => tenant.relisted(listed),
                None => TenantSchedule::new(Arc::new(listed)),
            };
            (id, tenant)
        }));
    }

    fn queue_all(&mut self) {
        self.running_unresponsive =
            self.tenants.values().filter(|tenant| tenant.running.is_some() && tenant.is_unresponsive).count();
        self.waiting.clear();
        self.waiting_unresponsive.clear();
        let ids: Vec<TenantId> = self.tenants.keys().cloned().collect();
        ids.into_iter().for_each(|id| self.queue(id));
    }

    /// The listing is due at once, unless it is running.
    pub(super) fn list_now(&mut self, now: Instant) {
        if let ListingSchedule::DueAt(_) = self.listing {
            self.listing = ListingSchedule::DueAt(now);
        }
    }

    /// Of the parts that were asked for these are products that the tenant has not licensed, so the vendor refused them.
    pub(super) fn refused(&mut self, id: &TenantId, asked: &[Part], refused: &[Part]) {
        if let Some(tenant) = self.tenants.get_mut(id) {
            tenant.refuse(asked, refused);
        }
    }

    /// The collection of some parts of a tenant ended, and some of them failed.
    pub(super) fn ended(&mut self, id: &TenantId, parts: &[Part], failed: &[(Part, Outcome)]) {
        let Some(tenant) = self.tenants.get_mut(id) else { return };
        if tenant.is_unresponsive {
            self.running_unresponsive = self.running_unresponsive.saturating_sub(1);
        }
        tenant.end(parts, failed);
        self.queue(id.clone());
    }

    /// Puts a tenant in line that is not being collected.
    fn queue(&mut self, id: TenantId) {
        let Some(tenant) = self.tenants.get(&id).filter(|tenant| tenant.running.is_none()) else { return };
        let parts = tenant.parts(&self.cadence, self.refused_interval);
        let Some(due) = parts.map(|(part, interval)| tenant.due(part, interval)).min() else { return };
        let queue = if tenant.is_unresponsive { &mut self.waiting_unresponsive } else { &mut self.waiting };
        queue.insert((due, id));
    }

    fn listing_is_due(&self, now: Instant) -> bool {
        match self.listing {
            ListingSchedule::First => true,
            ListingSchedule::Running { .. } => false,
            ListingSchedule::DueAt(at) => at <= now,
        }
    }
}

#[cfg(test)]
mod tests;
