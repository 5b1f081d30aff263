//! Defines the content of the file, and restores sources from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DeserializeAs, Same, SerializeAs, TryFromInto, serde_as, skip_serializing_none};

use super::adapters::{Millis, Word, WorkloadWord, adapters};
use super::records::{DriftRecord, TenantStateRecord};
use super::tracked::TrackedAs;
use super::{Known, PartsOf};
use crate::domain::shard::{NoSuchShard, Shard};
use crate::domain::{
    CredentialMark, Drift, Pause, Policy, Provider, Restraint, SourceIdentity, SourceState, Tenant, TenantState,
    Timestamp, Tracked, Workload,
};

adapters! {
    PauseRecord: Pause,
}

/// The content of the file.
#[serde_as]
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    /// The shard that wrote it.
    #[serde_as(as = "TryFromInto<ShardRecord>")]
    pub(super) shard: Shard,
    pub(super) sources: Vec<SourceRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShardRecord {
    index: u16,
    total: u16,
}

impl From<Shard> for ShardRecord {
    fn from(shard: Shard) -> Self {
        Self { index: shard.index(), total: shard.total() }
    }
}

impl TryFrom<ShardRecord> for Shard {
    type Error = NoSuchShard;

    fn try_from(record: ShardRecord) -> Result<Self, NoSuchShard> {
        Self::new(record.index, record.total)
    }
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Pause", deny_unknown_fields)]
struct PauseRecord {
    #[serde_as(as = "Millis")]
    seen_at: Timestamp,
    #[serde_as(as = "Millis")]
    until: Timestamp,
}

/// A source; its tenants are shared with the published state, not copied.
#[serde_as]
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceRecord {
    #[serde_as(as = "Word")]
    provider: Provider,
    name: String,
    /// The base URL of the account: another one means another fleet.
    base_url: Option<String>,
    /// The configured workloads, whether or not a tenant has them.
    #[serde_as(as = "Vec<WorkloadWord>")]
    workloads: Vec<Workload>,
    /// The value is the number of tenants excluded by the configuration.
    #[serde_as(as = "TrackedAs<Same>")]
    listing: Tracked<u64>,
    #[serde_as(as = "Vec<Arc<TenantStateRecord>>")]
    tenants: Vec<Arc<TenantState>>,
    #[serde_as(as = "Vec<(DriftRecord, Same)>")]
    drift: BTreeMap<Drift, u64>,
    tenants_removed: u64,
    #[serde(rename = "withdrawn")]
    expired: u64,
    /// The pause that the vendor asked for.
    #[serde_as(as = "Option<PauseRecord>")]
    pause: Option<Pause>,
    /// The mark of the credentials that the vendor rejected.
    refused: Option<u32>,
}

impl From<&Known> for SourceRecord {
    fn from(Known { state, restraint }: &Known) -> Self {
        // Tenants that are not collected are known again after the next listing.
        let SourceState {
            identity,
            base_url,
            policy,
            listing,
            // Its tenants count as listed by the last complete one, until the next listing.
            incomplete: _,
            tenants,
            uncollected: _,
            dropped: _,
            drift,
            tenants_removed,
            expired,
            // The clock may have changed by then.
            latest: _,
        } = &**state;
        let Restraint { pause, refused } = *restraint;
        Self {
            provider: identity.provider,
            name: identity.name.to_string(),
            base_url: base_url.as_deref().map(str::to_owned),
            workloads: policy.workloads.clone(),
            listing: listing.clone(),
            tenants: tenants.values().cloned().collect(),
            drift: drift.clone(),
            tenants_removed: *tenants_removed,
            expired: *expired,
            pause,
            refused: refused.map(|CredentialMark(mark)| mark),
        }
    }
}

impl SourceRecord {
    /// Whether it is the same account, by the same rule as for a reload.
    pub(super) fn is_of(&self, fresh: &SourceState) -> bool {
        let SourceIdentity { provider, name } = &fresh.identity;
        self.provider == *provider && *self.name == **name && self.base_url.as_deref() == fresh.base_url.as_deref()
    }

    /// What held back the requests to the account.
    pub(super) fn restraint(&self) -> Restraint {
        Restraint { pause: self.pause, refused: self.refused.map(CredentialMark) }
    }

    /// Restores the source at `now`, under the policy of `fresh`; tenants that are no longer selected count as
    /// excluded.
    pub(super) fn restore(
        self,
        fresh: SourceState,
        parts: PartsOf,
        selects: &dyn Fn(&Tenant) -> bool,
        now: Timestamp,
    ) -> SourceState {
        let policy = Arc::clone(&fresh.policy);
        let written_under = Policy { workloads: self.workloads, ..Policy::clone(&policy) };
        let tenants = self.tenants.into_iter().map(|tenant| {
            let state = present(Arc::unwrap_or_clone(tenant), &policy, self.provider, parts, now);
            (state.tenant.id.clone(), Arc::new(state))
        });
        let known = SourceState {
            policy: Arc::new(written_under),
            listing: self.listing.without_future(now),
            tenants: tenants.collect(),
            drift: self.drift,
            tenants_removed: self.tenants_removed,
            expired: self.expired,
            ..fresh
        };
        // Expires what became too old while the exporter was stopped: it must never be exported.
        known.under(policy, selects, now)
    }
}

/// Completes a tenant from the file. Drops values with times in the future, because they would never become stale.
fn present(state: TenantState, policy: &Policy, provider: Provider, parts: PartsOf, now: Timestamp) -> TenantState {
    // The file does not say under which objectives its values were judged; they count as the present ones.
    let rpo = policy.objectives.of_tenant(state.tenant.id.as_str(), state.tenant.name_or_id());
    let tenant = Arc::unwrap_or_clone(state.tenant);
    TenantState {
        tenant: Arc::new(Tenant { parts: parts(provider, tenant.product.as_deref()), ..tenant }),
        since: state.since.min(now),
        rpo,
        seats: state.seats.without_future(now),
        domains: state.domains.without_future(now),
        domain_count: state.domain_count,
        coverage: state.coverage.without_future(now),
        lifecycle: state.lifecycle.without_future(now),
        workloads: state
            .workloads
            .into_iter()
            .map(|(workload, report)| (workload, report.without_future(now)))
            .collect(),
        customer_storage_bytes: state.customer_storage_bytes.without_future(now),
        all_reported_at: state.all_reported_at.filter(|at| !at.is_future(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_read_as_it_was_written_and_one_that_cannot_be_is_refused() {
        let body = |shard: &str| serde_json::from_str::<Body>(&format!(r#"{{"shard":{shard},"sources":[]}}"#));
        let shard = Shard::new(2, 3).unwrap();
        let text = serde_json::to_string(&ShardRecord::from(shard)).unwrap();
        assert_eq!(text, r#"{"index":2,"total":3}"#);
        assert_eq!(body(&text).unwrap().shard, shard);
        for wrong in [r#"{"index":3,"total":3}"#, r#"{"index":0,"total":0}"#, r#"{"index":0}"#] {
            assert!(body(wrong).is_err(), "{wrong}");
        }
    }
}
