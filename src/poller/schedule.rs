//! Decides what to request next: a plain value, without clock or I/O.
//!
//! The tenant that has waited longest comes first, so none starves. Failures are retried within seconds as far as
//! retries are granted, in addition to regular turns. Unresponsive tenants, whose last collection got no response,
//! share a few slots while others wait.

mod listing;
mod queue;
mod tenant;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::listing::ListingSchedule;
use self::queue::Queue;
use self::tenant::TenantSchedule;
use super::outage::{Outage, Subject, verdict, verdict_on};
use super::{Cadence, Mode};
use crate::domain::{Outcome, Part, TenantId, Timestamp};
use crate::provider::Listed;
use crate::store::{NextAttempt, TenantPolling};

/// While others wait, unresponsive tenants may use one in this many slots, and at least one.
const UNRESPONSIVE_SHARE: usize = 4;
/// Minimum number of consecutive jobs without a response that count as an outage.
const MIN_UNANSWERED: usize = 2;

/// A unit of work.
#[derive(Debug)]
pub(super) enum Job {
    /// List the tenants.
    List,
    /// Collect some parts of one tenant.
    Collect {
        /// The tenant.
        listed: Arc<Listed>,
        /// The parts.
        parts: Vec<Part>,
        /// Whether this is the tenant's regular turn, not a retry or probe.
        is_turn: bool,
    },
}

/// Decides when everything is due.
#[derive(Debug)]
pub(super) struct Schedule {
    cadence: Cadence,
    /// The recheck interval of a product that was rejected as not licensed.
    refused_interval: Duration,
    mode: Mode,
    slots: usize,
    listing: ListingSchedule,
    /// Whether the vendor rejected the credentials: only the listing is requested until it succeeds.
    is_refused: bool,
    outage: Outage,
    tenants: BTreeMap<TenantId, TenantSchedule>,
    responsive: Queue,
    unresponsive: Queue,
    running_unresponsive: usize,
}

impl Schedule {
    /// Creates a schedule in which nothing has been requested yet; `slots` tenants may be collected concurrently.
    pub(super) fn new(cadence: Cadence, mode: Mode, slots: usize) -> Self {
        Self {
            cadence,
            refused_interval: Duration::ZERO,
            mode,
            slots,
            listing: ListingSchedule::new(),
            is_refused: false,
            outage: Outage::default(),
            tenants: BTreeMap::new(),
            responsive: Queue::default(),
            unresponsive: Queue::default(),
            running_unresponsive: 0,
        }
    }

    /// Rechecks products that were rejected as not licensed at this interval, or at their own if that is longer.
    pub(super) fn asking_for_refused_every(self, interval: Duration) -> Self {
        Self { refused_interval: interval, ..self }
    }

    /// The recheck interval of a product that was rejected as not licensed.
    pub(super) const fn refused_interval(&self) -> Duration {
        self.refused_interval
    }

    /// Sets whether the credentials are known to be rejected.
    pub(super) fn with_credentials(self, are_refused: bool) -> Self {
        Self { is_refused: are_refused, ..self }
    }

    /// The number of tenants.
    pub(super) fn tenants(&self) -> usize {
        self.tenants.len()
    }

    /// The refresh intervals.
    pub(super) const fn cadence(&self) -> &Cadence {
        &self.cadence
    }

    /// Whether only the listing is requested, because the vendor rejected the credentials.
    pub(super) const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// When the next listing is due; `wall` is the wall time of the monotonic `now`.
    pub(super) fn next_listing(&self, now: Instant, wall: Timestamp) -> NextAttempt {
        self.listing.next(now, wall)
    }

    /// The tenants whose next collection does not follow from their last attempt and the interval.
    pub(super) fn out_of_the_ordinary(&self) -> BTreeMap<TenantId, TenantPolling> {
        let polling = |(id, tenant): (&TenantId, &TenantSchedule)| Some((id.clone(), tenant.polling(&self.cadence)?));
        self.tenants.iter().filter_map(polling).collect()
    }

    /// The shortest refresh interval.
    pub(super) fn interval(&self) -> Duration {
        self.cadence.shortest()
    }

    /// Starts the next job that is due at `now`, if there is a free slot besides the `running` jobs.
    ///
    /// `may_retry` grants retries of this many parts.
    pub(super) fn start(&mut self, now: Instant, running: usize, may_retry: impl FnOnce(usize) -> bool) -> Option<Job> {
        if self.listing.is_due(now) && !self.outage.holds_listing() {
            self.listing.start(now);
            return Some(Job::List);
        }
        if self.outage.is_current() {
            return self.start_probe(now, running);
        }
        if self.is_refused || running >= self.slots {
            return None;
        }
        let id = self.next_retry(now, may_retry).or_else(|| self.next_turn(now))?;
        let (parts, retries) = self.tenants.get(&id)?.due_parts(&self.cadence, self.refused_interval, now);
        let is_turn = retries < parts.len();
        self.collect(&id, parts, is_turn, now)
    }

    /// Starts one request to find out whether the vendor responds again.
    fn start_probe(&mut self, now: Instant, running: usize) -> Option<Job> {
        if self.outage.next_probe().is_none_or(|next| next > now) {
            return None;
        }
        let has_slot = self.outage.is_tenants_turn() && !self.is_refused && running < self.slots;
        if let Some((id, part)) = self.tenant_to_probe().filter(|_| has_slot) {
            self.outage.start(Subject::Tenant(id.clone()));
            return self.collect(&id, vec![part], false, now);
        }
        if self.listing.is_running() || !self.outage.holds_listing() {
            return None;
        }
        self.outage.start(Subject::Listing);
        self.listing.start(now);
        Some(Job::List)
    }

    /// The tenant that was last collected the longest ago, due or not: if only some tenants fail, another one responds.
    fn tenant_to_probe(&self) -> Option<(TenantId, Part)> {
        let idle = self.tenants.iter().filter(|(_, tenant)| tenant.running.is_none());
        let part = |tenant: &TenantSchedule| {
            let parts = self.cadence.parts_of(&tenant.listed.tenant).map(|(part, _)| part);
            parts.min_by_key(|part| *part == Part::Seats)
        };
        let probes = idle.filter_map(|(id, tenant)| Some((tenant.last_start(), id, part(tenant)?)));
        probes.min().map(|(_, id, part)| (id.clone(), part))
    }

    fn collect(&mut self, id: &TenantId, parts: Vec<Part>, is_turn: bool, now: Instant) -> Option<Job> {
        self.unqueue(id);
        let tenant = self.tenants.get_mut(id)?;
        self.running_unresponsive += usize::from(tenant.is_unresponsive);
        tenant.start(&parts, now);
        Some(Job::Collect { listed: Arc::clone(&tenant.listed), parts, is_turn })
    }

    /// When [`Schedule::start`] next returns a job, unless a job ends before.
    pub(super) fn next_start(&self, now: Instant, running: usize) -> Option<Instant> {
        let listing = self.listing.due_at().filter(|_| !self.outage.holds_listing());
        let has_slot = running < self.slots && !self.is_refused && !self.outage.is_current();
        let queues = [&self.responsive, &self.unresponsive].into_iter().filter(|_| has_slot);
        let tenants = queues.flat_map(|queue| [self.may_start(queue.first_turn()), queue.first_retry()]).flatten();
        // Jobs that are due but not started wait for something other than time.
        tenants.chain(listing).chain(self.outage.next_probe()).filter(|at| *at > now).min()
    }

    /// The tenant to retry at `now`, if granted.
    fn next_retry(&self, now: Instant, may_retry: impl FnOnce(usize) -> bool) -> Option<TenantId> {
        let unresponsive = self.unresponsive.retry_due(now).filter(|_| self.has_unresponsive_slot(now));
        let (_, id) = [self.responsive.retry_due(now), unresponsive].into_iter().flatten().min()?;
        let (_, retries) = self.tenants.get(id)?.due_parts(&self.cadence, self.refused_interval, now);
        may_retry(retries).then(|| id.clone())
    }

    /// The tenant whose turn it is at `now`: the one that has waited longest and has a slot.
    fn next_turn(&self, now: Instant) -> Option<TenantId> {
        let unresponsive = self.unresponsive.first_turn().filter(|_| self.has_unresponsive_slot(now));
        let first = [self.responsive.first_turn(), unresponsive].into_iter().flatten().min()?;
        self.may_start(Some(first)).is_none_or(|at| at <= now).then(|| first.1.clone())
    }

    /// Whether an unresponsive tenant may start without delaying others.
    fn has_unresponsive_slot(&self, now: Instant) -> bool {
        let others_wait = || {
            let first = self.responsive.first_turn();
            first.is_some() && self.may_start(first).is_none_or(|at| at <= now)
        };
        self.running_unresponsive < (self.slots / UNRESPONSIVE_SHARE).max(1) || !others_wait()
    }

    /// When the first tenant in line may start; `None` means at once.
    fn may_start(&self, first: Option<&(Option<Instant>, TenantId)>) -> Option<Instant> {
        let (due, id) = first?;
        let head_start = self.tenants.get(id)?.head_start(self.interval());
        Some(due.as_ref()?.checked_sub(head_start).unwrap_or(*due.as_ref()?))
    }

    /// Records that the listing failed at `now`.
    pub(super) fn listing_failed(&mut self, outcome: Outcome, now: Instant) {
        self.is_refused |= outcome == Outcome::Unauthorized;
        match self.mode {
            Mode::Continuous => self.listing.fail(outcome, self.cadence.listing, now),
            Mode::Once => self.listing.succeed(self.cadence.listing),
        }
        self.judge_listing(verdict([outcome]), now);
    }

    /// Records the end of a listing at `now`; a complete one defines the tenants to collect.
    pub(super) fn listing_ended(&mut self, listed: Option<Vec<Listed>>, now: Instant) {
        self.listing_worked(now);
        let Some(listed) = listed else { return };
        let mut known = std::mem::take(&mut self.tenants);
        self.add(listed, &mut known);
        self.queue_all();
    }

    /// Records a listing in which not every record was readable: tenants missing from it are still collected.
    pub(super) fn incomplete_listing_ended(&mut self, listed: Vec<Listed>, now: Instant) {
        self.listing_worked(now);
        let mut known = std::mem::take(&mut self.tenants);
        self.add(listed, &mut known);
        self.tenants.extend(known);
        self.queue_all();
    }

    fn listing_worked(&mut self, now: Instant) {
        self.is_refused = false;
        self.listing.succeed(self.cadence.listing);
        self.judge_listing(Some(true), now);
    }

    /// Adds the listed tenants; known ones keep their turns.
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
        self.responsive = Queue::default();
        self.unresponsive = Queue::default();
        let ids: Vec<TenantId> = self.tenants.keys().cloned().collect();
        ids.iter().for_each(|id| self.queue(id));
    }

    /// Makes the listing due at once, unless it is running.
    pub(super) fn list_now(&mut self, now: Instant) {
        self.listing.bring_forward(now);
    }

    /// Records that the collection of some parts of a tenant ended at `now`, and which of them failed.
    pub(super) fn ended(&mut self, id: &TenantId, parts: &[Part], failed: &[(Part, Outcome)], now: Instant) {
        if let Some(tenant) = self.tenants.get_mut(id) {
            self.running_unresponsive = self.running_unresponsive.saturating_sub(usize::from(tenant.is_unresponsive));
            let repeated = (self.mode == Mode::Continuous).then_some(&self.cadence);
            tenant.end(parts, failed, repeated, now);
            self.queue(id);
        }
        self.judge_tenant(&Subject::Tenant(id.clone()), verdict_on(parts, failed), now);
    }

    /// Records that a tenant's collection ended without a result for the tenant of this id; its parts are due as before.
    pub(super) fn discarded(&mut self, id: &TenantId, now: Instant) {
        if let Some(tenant) = self.tenants.get_mut(id) {
            self.running_unresponsive = self.running_unresponsive.saturating_sub(usize::from(tenant.is_unresponsive));
            tenant.abandon(now);
            self.queue(id);
        }
        self.judge_tenant(&Subject::Tenant(id.clone()), None, now);
    }

    /// Records that all jobs in progress were stopped; their parts are due as before.
    pub(super) fn abandon_running(&mut self, now: Instant) {
        self.outage.abandon();
        self.tenants.values_mut().for_each(|tenant| tenant.abandon(now));
        self.queue_all();
    }

    fn judge_listing(&mut self, answered: Option<bool>, now: Instant) {
        if self.mode == Mode::Continuous {
            self.outage.listing_ended(answered, !self.tenants.is_empty(), self.outage_limit(), now);
        }
    }

    /// Records which of the requested parts were rejected as not licensed.
    pub(super) fn refused(&mut self, id: &TenantId, asked: &[Part], refused: &[Part]) {
        if let Some(tenant) = self.tenants.get_mut(id) {
            tenant.refuse(asked, refused);
        }
    }

    /// Records whether a tenant got a response; failures of an outage that is over are due at once.
    fn judge_tenant(&mut self, subject: &Subject, answered: Option<bool>, now: Instant) {
        if self.mode == Mode::Once {
            return;
        }
        let Some(recovery) = self.outage.tenant_ended(subject, answered, self.outage_limit(), now) else { return };
        let idle = self.tenants.values_mut().filter(|tenant| tenant.running.is_none());
        idle.for_each(|tenant| tenant.recover(recovery.last_answer));
        self.queue_all();
    }

    /// The number of consecutive jobs without a response that is an outage: as many as run concurrently.
    fn outage_limit(&self) -> u32 {
        let limit = self.slots.min(self.tenants.len() + 1).max(MIN_UNANSWERED);
        u32::try_from(limit).unwrap_or(u32::MAX)
    }

    /// Queues a tenant that is not being collected.
    fn queue(&mut self, id: &TenantId) {
        let Some(tenant) = self.tenants.get(id).filter(|tenant| tenant.running.is_none()) else { return };
        let Some(due) = tenant.first_due(&self.cadence, self.refused_interval) else { return };
        let queue = if tenant.is_unresponsive { &mut self.unresponsive } else { &mut self.responsive };
        queue.insert(id, due);
    }

    fn unqueue(&mut self, id: &TenantId) {
        self.responsive.remove(id);
        self.unresponsive.remove(id);
    }
}

#[cfg(test)]
mod tests;
