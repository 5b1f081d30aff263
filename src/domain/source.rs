//! Holds what is known of one source, and the policy that decides what is kept, marked stale or dropped.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{
    Attempt, Drift, Outcome, Part, PartResult, Policy, SeatCounts, SourceIdentity, Tenant, TenantId, TenantState,
    Timestamp, Tracked,
};

/// A listing that was read to its announced end, whole or with records that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The tenants selected by the config, of those that this exporter is to collect.
    pub tenants: Vec<Arc<Tenant>>,
    /// How many of these the config left out.
    pub excluded: u64,
    /// How many tenants other shards collect; they are neither left out nor gone.
    pub elsewhere: u64,
    /// Who these two are: they exist, and nothing more is asked about them.
    pub uncollected: Vec<Uncollected>,
    /// Why this is not all of them, such as a record that could not be read; `None` for a complete listing.
    pub shortfall: Option<Outcome>,
}

/// A tenant that the listing has and this exporter does not collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncollected {
    /// The vendor's stable id.
    pub id: TenantId,
    /// The name people use; `None` where the vendor does not say.
    pub name: Option<String>,
}

/// The latest listing, where that was incomplete: it says as much of the tenants that it had as a complete one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteListing {
    /// When it ended.
    pub at: Timestamp,
    /// The tenants that it did not have, with when a listing last had each; `None` once that is too long ago.
    pub unlisted: BTreeMap<TenantId, Option<Timestamp>>,
}

/// Something that happened to a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt at the listing ended.
    Listed(Result<Listing, Outcome>),
    /// An attempt at some parts of one tenant ended.
    Collected {
        /// Which tenant.
        tenant: TenantId,
        /// What was brought, part by part.
        parts: Vec<PartResult>,
    },
    /// Answers did not look as documented.
    Drifted(Vec<Drift>),
    /// Time passed.
    Elapsed,
}

/// How far the collection of a tenant has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TenantProgress {
    /// No attempt at any part has ended.
    Pending,
    /// The last attempt at every part worked.
    Collected,
    /// The last attempt at some part failed.
    Failing,
    /// Left out by the config.
    Excluded,
}

type Tenants = BTreeMap<TenantId, Arc<TenantState>>;

/// How many tenants are at each stage.
pub type TenantCounts = BTreeMap<TenantProgress, u64>;

/// All that is known of one source: the value that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Which source.
    pub identity: SourceIdentity,
    /// The address of the account; `None` for a state that no account stands behind, as in a test.
    pub base_url: Option<Arc<str>>,
    /// What the operator decided.
    pub policy: Arc<Policy>,
    /// The last complete listing, and the last attempt at one; the value is how many tenants the config left out.
    pub listing: Tracked<u64>,
    /// What the incomplete listings since then had; `None` where there was none.
    pub incomplete: Option<IncompleteListing>,
    /// The tenants of the last complete listing, and those that incomplete ones since then had besides.
    pub tenants: BTreeMap<TenantId, Arc<TenantState>>,
    /// The other tenants of that listing; `None` before the first one since the start.
    pub uncollected: Option<Arc<[Uncollected]>>,
    /// How often answers did not look as documented.
    pub drift: BTreeMap<Drift, u64>,
    /// Tenants that a complete listing no longer had.
    pub tenants_removed: u64,
    /// Parts whose values were withdrawn as too old.
    pub withdrawn: u64,
    /// The latest time at which anything happened: where the clock shows an earlier one, it was set back.
    pub latest: Option<Timestamp>,
}

impl SourceState {
    /// A source of which nothing is known yet.
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
            drift: BTreeMap::new(),
            tenants_removed: 0,
            withdrawn: 0,
            latest: None,
        }
    }

    /// The same source, asked at this address: what is known of it holds for no other.
    #[must_use]
    pub fn at(self, base_url: &str) -> Self {
        Self { base_url: Some(base_url.into()), ..self }
    }

    /// What is known after `event`, which happened at `now`.
    ///
    /// - A complete listing decides who exists: a tenant missing from it goes,
    ///   series and all. A failed listing changes nobody.
    /// - An incomplete listing adds and updates the tenants that it has, and removes nobody.
    /// - An empty listing where there were tenants is taken for a failure: a
    ///   wrong token can look like this, and a fleet does not vanish in one piece.
    /// - A part that failed keeps its values and their time; values older than
    ///   `stale_after` are withdrawn.
    /// - Nothing gets younger because the clock was set back.
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
            Event::Drifted(drifts) => known.count_drift(drifts),
            Event::Elapsed => known.withdraw_stale(now),
        }
    }

    /// The same at `now`, by a clock that may have been set back since the latest event: then all times move back with
    /// it. Otherwise what was observed while it was ahead would lie in the future, and never be stale.
    ///
    /// A clock that was set forward cannot be told from a machine that slept: what is known is taken to be that much
    /// older.
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

    /// The same source after the operator decided anew: what is known is kept as far as it is still asked for.
    ///
    /// A tenant that is not selected any more counts as left out; what is older than it may now be is withdrawn.
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

    /// What only a complete listing can say stays as it was: who is gone, and how many are left out.
    fn add_tenants(mut self, listing: Listing, outcome: Outcome, now: Timestamp) -> Self {
        let (mut tenants, missing) = self.relisted(listing.tenants, now);
        let unlisted = missing.values().map(|state| (state.tenant.id.clone(), self.listed_at(state))).collect();
        tenants.extend(missing);
        let incomplete = Some(IncompleteListing { at: now, unlisted });
        Self { listing: self.listing.advance(Err(outcome), now), incomplete, tenants, ..self }
    }

    /// The tenants of a listing, with what is known of them, and the known ones that it does not have.
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

    fn withdraw_stale(mut self, now: Timestamp) -> Self {
        let stale_after = self.policy.stale_after;
        let mut withdrawn = 0;
        for tenant in self.tenants.values_mut().filter(|tenant| tenant.is_stale(now, stale_after)) {
            let (fresh, count) = TenantState::clone(tenant).withdraw(now, stale_after);
            *tenant = Arc::new(fresh);
            withdrawn += count;
        }
        let (listing, was_stale) = self.listing.withdraw(now, stale_after);
        let is_fresh = |at: &Timestamp| now.since(*at) <= stale_after;
        let incomplete = self.incomplete.filter(|incomplete| is_fresh(&incomplete.at)).map(|mut incomplete| {
            incomplete.unlisted.values_mut().for_each(|at| *at = at.filter(is_fresh));
            incomplete
        });
        Self { listing, incomplete, withdrawn: self.withdrawn + withdrawn + u64::from(was_stale), ..self }
    }

    /// Whether it is known which tenants the source has: a count of zero means nothing before that.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.tenants.is_empty() || self.listing.value().is_some()
    }

    /// When a listing last had a tenant; `None` once that is too long ago to say anything.
    fn listed_at(&self, tenant: &TenantState) -> Option<Timestamp> {
        match &self.incomplete {
            Some(IncompleteListing { at, unlisted }) => unlisted.get(&tenant.tenant.id).copied().unwrap_or(Some(*at)),
            None => self.listing.observed_at(),
        }
    }

    /// What the listing says of a tenant; `None` once that is too old to say anything.
    #[must_use]
    pub fn listed<'a>(&self, tenant: &'a TenantState) -> Option<&'a Tenant> {
        self.listed_at(tenant).map(|_| &*tenant.tenant)
    }

    /// A tenant's seat counters: of the listing and the seats part the newer, filled up from the other.
    #[must_use]
    pub fn seats(&self, tenant: &TenantState) -> SeatCounts {
        let listed = self.listed(tenant).map(|listed| listed.seats).unwrap_or_default();
        let collected = tenant.seats.value().map(|report| report.counts).unwrap_or_default();
        if self.listed_at(tenant) > tenant.seats.observed_at() { listed.or(collected) } else { collected.or(listed) }
    }

    /// When the value now shown for a part of a tenant was obtained; `None` while there is none.
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

    /// How many tenants are at each stage of collection; nothing while nobody knows who they are.
    #[must_use]
    pub fn progress(&self) -> TenantCounts {
        if !self.is_known() {
            return TenantCounts::new();
        }
        let stages = [TenantProgress::Pending, TenantProgress::Collected, TenantProgress::Failing];
        let mut counts: TenantCounts = stages.into_iter().map(|stage| (stage, 0)).collect();
        for tenant in self.tenants.values() {
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
        counts.extend(self.listing.value().map(|excluded| (TenantProgress::Excluded, *excluded)));
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
