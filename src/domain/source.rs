//! Holds the state of one source, and the policy that decides what is kept, stale or dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{
    Attempt, Drift, Outcome, Part, PartResult, Policy, SeatCounts, SourceIdentity, Tenant, TenantId, TenantState,
    Timestamp, Tracked,
};

/// A listing that was read to its announced end, with or without unreadable records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The tenants that are selected by the configuration and belong to this shard.
    pub tenants: Vec<Arc<Tenant>>,
    /// The number of tenants excluded by the configuration.
    pub excluded: u64,
    /// The number of tenants of other shards; they are neither excluded nor gone.
    pub elsewhere: u64,
    /// Both of these; they exist, but are not collected.
    pub uncollected: Vec<Uncollected>,
    /// Why the listing is incomplete, such as an unreadable record; `None` if it is complete.
    pub shortfall: Option<Outcome>,
}

/// A listed tenant that this exporter does not collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncollected {
    /// The vendor's stable id.
    pub id: TenantId,
    /// The display name; `None` if the vendor does not say.
    pub name: Option<String>,
}

/// The latest listing, if it was incomplete; for the tenants in it, it is as good as a complete one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteListing {
    /// When it ended.
    pub at: Timestamp,
    /// The tenants missing from it, with the time each was last listed; `None` once that is too long ago.
    pub unlisted: BTreeMap<TenantId, Option<Timestamp>>,
}

/// An event of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt to list the tenants ended.
    Listed(Result<Listing, Outcome>),
    /// An attempt to collect some parts of one tenant ended.
    Collected {
        /// The tenant.
        tenant: TenantId,
        /// The results by part.
        parts: Vec<PartResult>,
    },
    /// These tenants of the latest listing are not collected.
    Dropped(BTreeSet<TenantId>),
    /// Responses deviated from the documented schema.
    Drifted(Vec<Drift>),
    /// Time passed.
    Elapsed,
}

/// The collection progress of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TenantProgress {
    /// No attempt at any part has ended.
    Pending,
    /// The last attempt at every part succeeded.
    Collected,
    /// The last attempt at a part failed.
    Failing,
    /// Excluded by the configuration, or dropped.
    Excluded,
}

type Tenants = BTreeMap<TenantId, Arc<TenantState>>;

/// Number of tenants by progress.
pub type TenantCounts = BTreeMap<TenantProgress, u64>;

/// The published state of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// The identity of the source.
    pub identity: SourceIdentity,
    /// The base URL of the account; `None` for a state without an account, as in tests.
    pub base_url: Option<Arc<str>>,
    /// The operator's settings.
    pub policy: Arc<Policy>,
    /// The last complete listing and the last attempt; the value is the number of tenants excluded by the
    /// configuration.
    pub listing: Tracked<u64>,
    /// The latest incomplete listing since then; `None` if there was none.
    pub incomplete: Option<IncompleteListing>,
    /// The tenants of the last complete listing, and those added by incomplete ones since.
    pub tenants: BTreeMap<TenantId, Arc<TenantState>>,
    /// The tenants of that listing that are not collected; `None` before the first one since the start.
    pub uncollected: Option<Arc<[Uncollected]>>,
    /// The tenants that were dropped at the latest listing: known, but not collected; `None` before the first one since the
    /// start.
    pub dropped: Option<Arc<BTreeSet<TenantId>>>,
    /// Number of deviations from the documented schema.
    pub drift: BTreeMap<Drift, u64>,
    /// Number of tenants removed because a complete listing no longer contained them.
    pub tenants_removed: u64,
    /// Number of parts whose values expired.
    pub expired: u64,
    /// The time of the latest event: if the clock shows an earlier time, it was set back.
    pub latest: Option<Timestamp>,
}

impl SourceState {
    /// Creates a source without data.
    #[must_use]
    pub const fn new(identity: SourceIdentity, policy: Arc<Policy>) -> Self {
        Self {
            identity,
            base_url: None,
            policy,
            listing: Tracked { observed: None, attempt: None },
            incomplete: None,
            tenants: BTreeMap::new(),
            uncollected: None,
            dropped: None,
            drift: BTreeMap::new(),
            tenants_removed: 0,
            expired: 0,
            latest: None,
        }
    }

    /// The same source with this base URL; the data is valid for no other.
    #[must_use]
    pub fn at(self, base_url: &str) -> Self {
        Self { base_url: Some(base_url.into()), ..self }
    }

    /// The state after `event`, which happened at `now`.
    ///
    /// - A complete listing decides which tenants exist: tenants missing from it are removed with all their series. A
    ///   failed listing removes none.
    /// - An incomplete listing adds and updates tenants, but removes none.
    /// - An empty listing after a non-empty one is treated as a failure: a wrong token can look like this, and a fleet
    ///   does not vanish all at once.
    /// - A part that failed keeps its values and their time; values older than `stale_after` expire.
    /// - No value gets younger because the clock was set back.
    #[must_use]
    pub fn advance(self, event: Event, now: Timestamp) -> Self {
        let known = self.until(now);
        match event {
            Event::Listed(Ok(listing)) => match listing.shortfall {
                Some(outcome) => known.add_tenants(listing, outcome, now),
                None if listing.is_empty() && !known.tenants.is_empty() => {
                    Self { listing: known.listing.advance(Err(Outcome::SuspiciousEmpty), now), ..known }
                }
                None => known.replace_tenants(listing, now),
            },
            Event::Listed(Err(outcome)) => Self { listing: known.listing.advance(Err(outcome), now), ..known },
            Event::Collected { tenant, parts } => known.advance_tenant(&tenant, parts, now),
            Event::Dropped(tenants) => Self { dropped: Some(Arc::new(tenants)), ..known },
            Event::Drifted(drifts) => known.count_drift(drifts),
            Event::Elapsed => known.expire_stale(now),
        }
    }

    /// The state at `now`. If the clock was set back since the latest event, all times move back with it: otherwise
    /// values collected before would be in the future, and never become stale.
    ///
    /// A clock that was set forward cannot be distinguished from a machine that slept: all values become older by that
    /// much.
    fn until(mut self, now: Timestamp) -> Self {
        let Some(step) = self.latest.and_then(|latest| now.set_back_from(latest)) else {
            return Self { latest: self.latest.max(Some(now)), ..self };
        };
        for tenant in self.tenants.values_mut() {
            *tenant = Arc::new(TenantState::clone(tenant).set_back(step));
        }
        let incomplete = self.incomplete.map(|IncompleteListing { at, unlisted }| IncompleteListing {
            at: at.before(step),
            unlisted: unlisted.into_iter().map(|(id, at)| (id, at.map(|at| at.before(step)))).collect(),
        });
        Self { listing: self.listing.set_back(step), incomplete, latest: Some(now), ..self }
    }

    /// The same source with new settings: data is kept as far as it is still collected.
    ///
    /// Tenants that are no longer selected count as excluded; values that are too old under the new settings expire.
    #[must_use]
    pub fn under(self, policy: Arc<Policy>, selects: &dyn Fn(&Tenant) -> bool, now: Timestamp) -> Self {
        let (selected, left_out): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.tenants.into_iter().partition(|(_, state)| selects(&state.tenant));
        let listing = self.listing.map(|excluded| excluded.saturating_add(left_out.len() as u64));
        let uncollected = self.uncollected.map(|others| {
            let left_out = left_out.into_values().map(|state| Uncollected::from(&*state.tenant));
            others.iter().cloned().chain(left_out).collect()
        });
        let tenants = selected
            .into_iter()
            .map(|(id, state)| (id, Arc::new(Arc::unwrap_or_clone(state).under(&self.policy, &policy))))
            .collect();
        Self { policy, tenants, uncollected, listing, ..self }.advance(Event::Elapsed, now)
    }

    fn replace_tenants(mut self, listing: Listing, now: Timestamp) -> Self {
        let (tenants, missing) = self.relisted(listing.tenants, now);
        Self {
            listing: self.listing.advance(Ok(listing.excluded), now),
            incomplete: None,
            tenants,
            uncollected: Some(listing.uncollected.into()),
            tenants_removed: self.tenants_removed + missing.len() as u64,
            ..self
        }
    }

    /// Only a complete listing can decide which tenants are gone, and how many are excluded: this stays unchanged.
    fn add_tenants(mut self, listing: Listing, outcome: Outcome, now: Timestamp) -> Self {
        let (mut tenants, missing) = self.relisted(listing.tenants, now);
        let unlisted = missing.values().map(|state| (state.tenant.id.clone(), self.listed_at(state))).collect();
        tenants.extend(missing);
        let incomplete = Some(IncompleteListing { at: now, unlisted });
        Self { listing: self.listing.advance(Err(outcome), now), incomplete, tenants, ..self }
    }

    /// The listed tenants with their data, and the known tenants that are not listed.
    fn relisted(&mut self, listed: Vec<Arc<Tenant>>, now: Timestamp) -> (Tenants, Tenants) {
        let mut known = std::mem::take(&mut self.tenants);
        let tenants = listed
            .into_iter()
            .map(|tenant| {
                let state = match known.remove(&tenant.id) {
                    Some(known) => TenantState::relisted(known, tenant, &self.policy, now),
                    None => Arc::new(TenantState::listed(tenant, &self.policy, now)),
                };
                (state.tenant.id.clone(), state)
            })
            .collect();
        (tenants, known)
    }

    /// A tenant that was removed while it was being collected stays removed.
    fn advance_tenant(mut self, id: &TenantId, parts: Vec<PartResult>, now: Timestamp) -> Self {
        if let Some(tenant) = self.tenants.remove(id) {
            let doubts = tenant.doubts(&parts);
            let tenant = parts
                .into_iter()
                .map(|result| result.decided(&doubts))
                .fold(Arc::unwrap_or_clone(tenant), |tenant, result| tenant.advance(result, &self.policy, now));
            self.tenants.insert(id.clone(), Arc::new(tenant));
        }
        self
    }

    fn count_drift(mut self, drifts: Vec<Drift>) -> Self {
        for drift in drifts {
            *self.drift.entry(drift).or_default() += 1;
        }
        self
    }

    fn expire_stale(mut self, now: Timestamp) -> Self {
        let stale_after = self.policy.stale_after;
        let mut expired = 0;
        for tenant in self.tenants.values_mut().filter(|tenant| tenant.is_stale(now, stale_after)) {
            let (fresh, count) = TenantState::clone(tenant).expire(now, stale_after);
            *tenant = Arc::new(fresh);
            expired += count;
        }
        let (listing, was_stale) = self.listing.expire(now, stale_after);
        let is_fresh = |at: &Timestamp| now.since(*at) <= stale_after;
        let incomplete = self.incomplete.filter(|incomplete| is_fresh(&incomplete.at)).map(|mut incomplete| {
            incomplete.unlisted.values_mut().for_each(|at| *at = at.filter(is_fresh));
            incomplete
        });
        Self { listing, incomplete, expired: self.expired + expired + u64::from(was_stale), ..self }
    }

    /// Whether the tenants of the source are known: before that, a count of zero is meaningless.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.tenants.is_empty() || self.listing.value().is_some()
    }

    /// Whether a tenant was dropped at the latest listing.
    #[must_use]
    pub fn is_dropped(&self, id: &TenantId) -> bool {
        self.dropped.as_ref().is_some_and(|dropped| dropped.contains(id))
    }

    /// When a tenant was last listed; `None` once that is too long ago.
    fn listed_at(&self, tenant: &TenantState) -> Option<Timestamp> {
        match &self.incomplete {
            Some(IncompleteListing { at, unlisted }) => unlisted.get(&tenant.tenant.id).copied().unwrap_or(Some(*at)),
            None => self.listing.observed_at(),
        }
    }

    /// The tenant's data in the listing; `None` once it is too old.
    #[must_use]
    pub fn listed<'a>(&self, tenant: &'a TenantState) -> Option<&'a Tenant> {
        self.listed_at(tenant).map(|_| &*tenant.tenant)
    }

    /// A tenant's seat counters: the newer of listing and seats part, supplemented by the other.
    #[must_use]
    pub fn seats(&self, tenant: &TenantState) -> SeatCounts {
        let listed = self.listed(tenant).map(|listed| listed.seats).unwrap_or_default();
        let collected = tenant.seats.value().map(|report| report.counts).unwrap_or_default();
        if self.listed_at(tenant) > tenant.seats.observed_at() { listed.or(collected) } else { collected.or(listed) }
    }

    /// When the current value of a part of a tenant was collected; `None` if there is none.
    #[must_use]
    pub fn observed_at(&self, tenant: &TenantState, part: Part) -> Option<Timestamp> {
        match part {
            Part::Listing => self.listed_at(tenant),
            Part::Seats if tenant.seats_are_listed() => self.listed_at(tenant).max(tenant.seats.observed_at()),
            Part::Seats => tenant.seats.observed_at(),
            Part::Domains => tenant.domains.observed.as_ref().map(|domains| domains.value.oldest(domains.at)),
            Part::Coverage => tenant.coverage.observed_at(),
            Part::Lifecycle => tenant.lifecycle.observed.as_ref().map(|facts| facts.value.oldest(facts.at)),
            Part::Workload(workload) => tenant.workloads.get(&workload)?.observed_at(),
        }
    }

    /// The last attempt at a part of a tenant; `None` before the first.
    #[must_use]
    pub fn last_attempt(&self, tenant: &TenantState, part: Part) -> Option<Attempt> {
        match part {
            Part::Listing => self.listing.attempt,
            Part::Seats if tenant.seats_are_listed() => self.listing.attempt,
            Part::Seats => tenant.seats.attempt,
            Part::Domains => tenant.domains.attempt,
            Part::Coverage => tenant.coverage.attempt,
            Part::Lifecycle => tenant.lifecycle.attempt,
            Part::Workload(workload) => tenant.workloads.get(&workload)?.attempt,
        }
    }

    /// Number of tenants by progress; empty while they are unknown.
    #[must_use]
    pub fn progress(&self) -> TenantCounts {
        if !self.is_known() {
            return TenantCounts::new();
        }
        let stages = [TenantProgress::Pending, TenantProgress::Collected, TenantProgress::Failing];
        let mut counts: TenantCounts = stages.into_iter().map(|stage| (stage, 0)).collect();
        let (dropped, collected): (Vec<_>, Vec<_>) = self.tenants.iter().partition(|(id, _)| self.is_dropped(id));
        for (_, tenant) in collected {
            let outcomes: Vec<_> = tenant
                .parts()
                .filter(|part| *part != Part::Listing && !(*part == Part::Seats && tenant.seats_are_listed()))
                .filter_map(|part| self.last_attempt(tenant, part))
                .map(|attempt| attempt.outcome)
                .collect();
            let stage = if outcomes.is_empty() {
                TenantProgress::Pending
            } else if outcomes.iter().all(|outcome| *outcome == Outcome::Success) {
                TenantProgress::Collected
            } else {
                TenantProgress::Failing
            };
            *counts.entry(stage).or_default() += 1;
        }
        let dropped = dropped.len() as u64;
        counts
            .extend(self.listing.value().map(|excluded| (TenantProgress::Excluded, excluded.saturating_add(dropped))));
        counts
    }
}

impl From<&Tenant> for Uncollected {
    fn from(tenant: &Tenant) -> Self {
        Self { id: tenant.id.clone(), name: tenant.name.clone() }
    }
}

impl Listing {
    fn is_empty(&self) -> bool {
        self.tenants.is_empty() && self.excluded == 0 && self.elsewhere == 0
    }
}

#[cfg(test)]
mod tests;
