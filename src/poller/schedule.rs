//! Decides what to request next: a plain value, without clock or I/O.
//!
//! The tenant that has waited longest comes first, so none starves. Failures are retried within seconds as far as
//! retries are granted, in addition to regular turns. Unresponsive tenants, whose last collection got no response,
//! share a few slots while others wait, and so do large tenants, whose collections take many times as long as others.

mod large;
mod listing;
mod partial;
mod queue;
mod tenant;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::listing::ListingSchedule;
use self::partial::{Change, PartialOutages};
use self::queue::Queue;
use self::tenant::{Standing, TenantSchedule, Terms};
use super::memory::Memories;
use super::outage::{Outage, Subject, verdict, verdict_on};
use super::{Cadence, Mode, refused_interval};
use crate::domain::{Outcome, Part, TenantId, Timestamp};
use crate::provider::Listed;
use crate::store::{NextAttempt, TenantPolling};

/// While others wait, large tenants may use one in this many slots, and at least one.
const LARGE_SHARE: usize = 2;
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
    /// The age at which values expire.
    stale_after: Duration,
    /// The recheck interval of a product that was rejected as not licensed.
    refused_interval: Duration,
    mode: Mode,
    slots: usize,
    listing: ListingSchedule,
    /// Whether the vendor rejected the credentials: only the listing is requested until it succeeds.
    is_refused: bool,
    outage: Outage,
    partial: PartialOutages,
    tenants: BTreeMap<TenantId, TenantSchedule>,
    /// What is known of tenants that no complete listing has named yet.
    memories: Memories,
    ordinary: Queue,
    large: Queue,
    unresponsive: Queue,
    running_large: usize,
    running_unresponsive: usize,
    /// The cost from which on a tenant is large, as measured at the last listing; `None` while none is known.
    large_from: Option<Duration>,
}

impl Schedule {
    /// Creates a schedule in which nothing has been requested yet; `slots` tenants may be collected concurrently.
    pub(super) fn new(cadence: Cadence, mode: Mode, slots: usize) -> Self {
        Self {
            cadence,
            stale_after: Duration::MAX,
            refused_interval: Duration::ZERO,
            mode,
            slots,
            listing: ListingSchedule::beginning(None),
            is_refused: false,
            outage: Outage::default(),
            partial: PartialOutages::default(),
            tenants: BTreeMap::new(),
            memories: Memories::new(),
            ordinary: Queue::default(),
            large: Queue::default(),
            unresponsive: Queue::default(),
            running_large: 0,
            running_unresponsive: 0,
            large_from: None,
        }
    }

    /// Lets values expire at this age. Products that were rejected as not licensed are rechecked before that, at the
    /// interval that follows from it or at their own if that is longer.
    pub(super) fn expiring_after(self, stale_after: Duration) -> Self {
        Self { stale_after, refused_interval: refused_interval(stale_after), ..self }
    }

    /// Continues from what an earlier poller knew of the tenants.
    pub(super) fn remembering(self, memories: Memories) -> Self {
        Self { memories, ..self }
    }

    /// Lets the first listing wait; `None` means that it is due at once.
    pub(super) fn listing_first_at(self, due: Option<Instant>) -> Self {
        Self { listing: ListingSchedule::beginning(due), ..self }
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
        if self.is_refused {
            return None;
        }
        if let Some(job) = self.start_trial(now, running) {
            return Some(job);
        }
        let id = self.next_retry(now, running, may_retry).or_else(|| self.next_turn(now, running))?;
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

    /// One tenant tries a part that fails for all of them: the one that did so longest ago, since some may have reasons of
    /// their own.
    fn start_trial(&mut self, now: Instant, running: usize) -> Option<Job> {
        if running >= self.slots {
            return None;
        }
        for part in self.partial.due(now) {
            let failing = self.tenants.iter().filter_map(|(id, tenant)| Some((tenant.failing_since(part)?, id)));
            let first = failing.min().map(|(_, id)| id.clone());
            self.partial.start(part, first.clone(), now);
            if let Some(id) = first {
                return self.collect(&id, vec![part], false, now);
            }
        }
        None
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
        match tenant.standing() {
            Standing::Ordinary => {}
            Standing::Large => self.running_large += 1,
            Standing::Unresponsive => self.running_unresponsive += 1,
        }
        tenant.start(&parts, now);
        Some(Job::Collect { listed: Arc::clone(&tenant.listed), parts, is_turn })
    }

    /// When [`Schedule::start`] next returns a job, unless a job ends before.
    pub(super) fn next_start(&self, now: Instant, running: usize) -> Option<Instant> {
        let listing = self.listing.due_at().filter(|_| !self.outage.holds_listing());
        let is_open = !self.is_refused && !self.outage.is_current();
        let queues = [
            (&self.ordinary, self.has_ordinary_slot(running)),
            (&self.large, running < self.slots),
            (&self.unresponsive, running < self.slots),
        ];
        let open = queues.into_iter().filter(|(_, has_slot)| is_open && *has_slot).map(|(queue, _)| queue);
        let tenants = open.flat_map(|queue| [self.may_start(queue.first_turn()), queue.first_retry()]).flatten();
        // Jobs that are due but not started wait for something other than time.
        let trial = self.partial.next_trial().filter(|_| is_open && running < self.slots);
        tenants.chain(listing).chain(trial).chain(self.outage.next_probe()).filter(|at| *at > now).min()
    }

    /// The tenant to retry at `now`, beside so many running jobs, if granted.
    fn next_retry(&self, now: Instant, running: usize, may_retry: impl FnOnce(usize) -> bool) -> Option<TenantId> {
        let (_, id) = self.open_queues(now, running).filter_map(|queue| queue.retry_due(now)).min()?;
        let (_, retries) = self.tenants.get(id)?.due_parts(&self.cadence, self.refused_interval, now);
        may_retry(retries).then(|| id.clone())
    }

    /// The tenant whose turn it is at `now`: the one that has waited longest and has a slot.
    fn next_turn(&self, now: Instant, running: usize) -> Option<TenantId> {
        let first = self.open_queues(now, running).filter_map(Queue::first_turn).min()?;
        self.may_start(Some(first)).is_none_or(|at| at <= now).then(|| first.1.clone())
    }

    /// The queues of those for whom there is a slot at `now`, beside so many running jobs.
    fn open_queues(&self, now: Instant, running: usize) -> impl Iterator<Item = &Queue> {
        let is_free = running < self.slots;
        let queues = [
            (&self.ordinary, self.has_ordinary_slot(running)),
            (&self.large, is_free && self.has_large_slot(now)),
            (&self.unresponsive, is_free && self.has_unresponsive_slot(now)),
        ];
        queues.into_iter().filter(|(_, is_open)| *is_open).map(|(queue, _)| queue)
    }

    /// Whether an ordinary tenant may be started. A collection cannot be interrupted, so slots that large tenants took
    /// beyond their share while none waited are not counted: others are collected beside them. The transport limits the
    /// requests under way, which all jobs share.
    fn has_ordinary_slot(&self, running: usize) -> bool {
        running.saturating_sub(self.running_large.saturating_sub(self.share(LARGE_SHARE))) < self.slots
    }

    /// Whether a large tenant may start without delaying ordinary ones.
    fn has_large_slot(&self, now: Instant) -> bool {
        self.running_large < self.share(LARGE_SHARE) || !self.waits(&self.ordinary, now)
    }

    /// Whether an unresponsive tenant may start without delaying others.
    fn has_unresponsive_slot(&self, now: Instant) -> bool {
        let others_wait = || [&self.ordinary, &self.large].into_iter().any(|queue| self.waits(queue, now));
        self.running_unresponsive < self.share(UNRESPONSIVE_SHARE) || !others_wait()
    }

    /// One slot in so many.
    fn share(&self, one_in: usize) -> usize {
        (self.slots / one_in).max(1)
    }

    /// Whether a tenant is due.
    fn waits(&self, queue: &Queue, now: Instant) -> bool {
        let first = queue.first_turn();
        first.is_some() && self.may_start(first).is_none_or(|at| at <= now)
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
        // A tenant that is missing now counts as new when it returns.
        self.memories = Memories::new();
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
                None => match self.memories.remove(&id) {
                    Some(memory) => TenantSchedule::remembered(memory, listed),
                    None => TenantSchedule::new(Arc::new(listed)),
                },
            };
            (id, tenant)
        }));
    }

    fn queue_all(&mut self) {
        self.large_from = large::threshold(self.tenants.values().filter_map(TenantSchedule::cost));
        self.tenants.values_mut().for_each(|tenant| tenant.measure(self.large_from));
        let running = self.tenants.values().filter(|tenant| tenant.running.is_some()).map(TenantSchedule::standing);
        let (large, unresponsive) = running.fold((0, 0), |(large, unresponsive), standing| match standing {
            Standing::Ordinary => (large, unresponsive),
            Standing::Large => (large + 1, unresponsive),
            Standing::Unresponsive => (large, unresponsive + 1),
        });
        self.running_large = large;
        self.running_unresponsive = unresponsive;
        self.ordinary = Queue::default();
        self.large = Queue::default();
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
        let changes = self.judge_parts(id, parts, failed, now);
        if let Some(tenant) = self.tenants.get_mut(id) {
            match tenant.standing() {
                Standing::Ordinary => {}
                Standing::Large => self.running_large = self.running_large.saturating_sub(1),
                Standing::Unresponsive => self.running_unresponsive = self.running_unresponsive.saturating_sub(1),
            }
            let terms = Terms { cadence: &self.cadence, stale_after: self.stale_after, partial: &self.partial };
            tenant.end(parts, failed, Some(terms).filter(|_| self.mode == Mode::Continuous), now);
            tenant.measure(self.large_from);
            self.queue(id);
        }
        self.apply(&changes, now);
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
        self.partial.abandon();
        self.tenants.values_mut().for_each(|tenant| tenant.abandon(now));
        self.queue_all();
    }

    /// Records whether each part succeeded for a tenant; returns what changes if that begins or ends an outage of the part.
    fn judge_parts(
        &mut self,
        id: &TenantId,
        parts: &[Part],
        failed: &[(Part, Outcome)],
        now: Instant,
    ) -> Vec<(Part, Change)> {
        if self.mode == Mode::Once {
            return Vec::new();
        }
        let limit = self.slots.min(self.tenants.len()).max(MIN_UNANSWERED);
        let judge = |part: &Part| {
            let worked = match failed.iter().find(|(own, _)| own == part) {
                None => Some(true),
                // A doubted response says something about this tenant only.
                Some((_, outcome)) => verdict([*outcome]).filter(|is_answer| !is_answer),
            };
            let speaks = |worked: &bool| self.tenants.get(id).is_some_and(|tenant| tenant.speaks_for(*part, *worked));
            (*part, self.partial.ended(*part, id, worked.filter(speaks), limit, now))
        };
        parts.iter().map(judge).filter(|(_, change)| *change != Change::None).collect()
    }

    fn apply(&mut self, changes: &[(Part, Change)], now: Instant) {
        for (part, change) in changes {
            match change {
                Change::None => {}
                Change::Begins(worked_at) => {
                    let interval = self.cadence.interval_of(*part);
                    self.tenants.values_mut().for_each(|tenant| tenant.hold(*part, *worked_at, interval));
                }
                Change::Ends(worked_at) => {
                    self.tenants.values_mut().for_each(|tenant| tenant.resume(*part, *worked_at, now));
                }
            }
        }
        if !changes.is_empty() {
            self.queue_all();
        }
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
        let queue = match tenant.standing() {
            Standing::Ordinary => &mut self.ordinary,
            Standing::Large => &mut self.large,
            Standing::Unresponsive => &mut self.unresponsive,
        };
        queue.insert(id, due);
    }

    fn unqueue(&mut self, id: &TenantId) {
        self.ordinary.remove(id);
        self.large.remove(id);
        self.unresponsive.remove(id);
    }
}

#[cfg(test)]
mod tests;
