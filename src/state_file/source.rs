//! Mirrors a source: its listing, its tenants and its counters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::share::Share;
use super::tenant::{Present, Tenant};
use super::tracked::Tracked;
use super::word::Word;
use crate::domain::intern::Names;
use crate::domain::{self, DriftKind, Event, SourceIdentity, SourceState, TenantId, TenantState, Timestamp, Workload};

/// The body of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body<S> {
    /// Whose tenants they are; absent where everybody's are.
    #[serde(default, skip_serializing_if = "Share::is_whole")]
    pub(super) shard: Share,
    pub(super) sources: Vec<S>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source<T = Vec<Tenant>> {
    provider: Word<domain::Provider>,
    name: String,
    /// The workloads that were collected, whether or not a tenant has them.
    workloads: Vec<Word<Workload>>,
    /// The value is how many tenants the config left out.
    listing: Tracked<u64>,
    tenants: T,
    drift: Vec<Drift>,
    tenants_removed: u64,
    withdrawn: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drift {
    endpoint: Name,
    field: Name,
    kind: Word<DriftKind>,
    count: u64,
}

/// Tenants to be written: each is mirrored by itself, since a mirror of a large fleet is as large as the fleet.
#[derive(Debug)]
pub(super) struct OneByOne<'a>(&'a BTreeMap<TenantId, Arc<TenantState>>);

impl Serialize for OneByOne<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.values().map(|tenant| Tenant::from(&**tenant)))
    }
}

/// An endpoint or a field: a name in the program's own text, so there are only so many.
#[derive(Debug, Serialize)]
struct Name(&'static str);

/// The sources to be written.
pub(super) fn mirrored(states: &[Arc<SourceState>]) -> Vec<Source<OneByOne<'_>>> {
    states.iter().map(|state| Source::from(&**state)).collect()
}

impl<'a> From<&'a SourceState> for Source<OneByOne<'a>> {
    fn from(state: &'a SourceState) -> Self {
        // Who is not collected is learnt again from the next listing.
        let SourceState { identity, policy, listing, tenants, uncollected: _, drift, tenants_removed, withdrawn } =
            state;
        Self {
            provider: Word(identity.provider),
            name: identity.name.to_string(),
            workloads: policy.workloads.iter().copied().map(Word).collect(),
            listing: Tracked::of(listing, |excluded| *excluded),
            tenants: OneByOne(tenants),
            drift: drift.iter().map(Drift::from).collect(),
            tenants_removed: *tenants_removed,
            withdrawn: *withdrawn,
        }
    }
}

impl Source {
    pub(super) fn is_of(&self, identity: &SourceIdentity) -> bool {
        self.provider.0 == identity.provider && *self.name == *identity.name
    }

    /// The source at `now`, under the policy of `fresh`; a tenant that is not selected any more counts as left out.
    pub(super) fn restore(
        self,
        fresh: SourceState,
        selects: &dyn Fn(&domain::Tenant) -> bool,
        now: Timestamp,
    ) -> SourceState {
        let collected: Vec<Workload> = self.workloads.iter().map(|word| word.0).collect();
        let present = Present { provider: fresh.identity.provider, policy: &fresh.policy, collected: &collected, now };
        let known = self.tenants.len();
        let tenants: BTreeMap<_, _> = self
            .tenants
            .into_iter()
            .map(|tenant| tenant.restore(&present))
            .filter(|state| selects(&state.tenant))
            .map(|state| (state.tenant.id.clone(), Arc::new(state)))
            .collect();
        let left_out = (known - tenants.len()) as u64;
        let state = SourceState {
            listing: self.listing.restore(now, |excluded| excluded.saturating_add(left_out)),
            tenants,
            drift: self.drift.into_iter().map(Into::into).collect(),
            tenants_removed: self.tenants_removed,
            withdrawn: self.withdrawn,
            ..fresh
        };
        // What grew too old while nothing ran must not be shown even once.
        state.advance(Event::Elapsed, now)
    }
}

impl From<(&domain::Drift, &u64)> for Drift {
    fn from((drift, count): (&domain::Drift, &u64)) -> Self {
        let domain::Drift { endpoint, field, kind } = *drift;
        Self { endpoint: Name(endpoint), field: Name(field), kind: Word(kind), count: *count }
    }
}

impl From<Drift> for (domain::Drift, u64) {
    fn from(saved: Drift) -> Self {
        let drift = domain::Drift { endpoint: saved.endpoint.0, field: saved.field.0, kind: saved.kind.0 };
        (drift, saved.count)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        static NAMES: Names = Names::at_most(1000);
        let name = String::deserialize(deserializer)?;
        NAMES.interned(&name).map(Self).ok_or_else(|| D::Error::custom("more names of fields than there can be"))
    }
}
