//! Mirrors the types of the domain, field by field, for serde: a missing field is a compile error.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DeserializeAs, Same, SerializeAs, serde_as, skip_serializing_none};
use strum::EnumCount as _;

use super::adapters::{ByWord, FieldName, Id, Millis, Pairs, Word, WorkloadWord, adapters};
use super::tracked::TrackedAs;
use crate::domain::{
    AccountCounts, BackupStatus, Compact, ConnectedDomain, Counts, Coverage, DattoFacts, DattoServices, DomainKey,
    DomainState, Domains, Drift, DriftKind, Lifecycle, LifecycleFact, Part, ResourceCounts, Rpo, SeatCounts,
    SeatReport, SeatState, SeatType, SeatsOfType, StatusCounts, Tenant, TenantId, TenantState, TenantStatus, Timestamp,
    Tracked, Workload, WorkloadReport, WorkloadSummary,
};

adapters! {
    ConnectedDomainRecord: ConnectedDomain,
    CoverageRecord: Coverage,
    DattoFactsRecord: DattoFacts,
    DattoServicesRecord: DattoServices,
    DomainKeyRecord: DomainKey,
    DriftRecord: Drift,
    LifecycleRecord: Lifecycle,
    SeatCountsRecord: SeatCounts,
    SeatReportRecord: SeatReport,
    SeatsOfTypeRecord: SeatsOfType,
    TenantRecord: Tenant,
    TenantStateRecord: TenantState,
    WorkloadReportRecord: WorkloadReport,
    WorkloadSummaryRecord: WorkloadSummary,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "TenantState", deny_unknown_fields)]
pub(super) struct TenantStateRecord {
    #[serde_as(as = "Arc<TenantRecord>")]
    tenant: Arc<Tenant>,
    #[serde_as(as = "Millis")]
    since: Timestamp,
    /// Follows from the current policy.
    #[serde(skip)]
    rpo: Rpo,
    #[serde_as(as = "TrackedAs<SeatReportRecord>")]
    seats: Tracked<SeatReport>,
    #[serde_as(as = "TrackedAs<Pairs<DomainKeyRecord, ConnectedDomainRecord>>")]
    domains: Tracked<Domains>,
    domain_count: Option<u64>,
    #[serde_as(as = "TrackedAs<CoverageRecord>")]
    coverage: Tracked<Coverage>,
    #[serde_as(as = "TrackedAs<LifecycleRecord>")]
    lifecycle: Tracked<Lifecycle>,
    #[serde_as(as = "Pairs<WorkloadWord, TrackedAs<WorkloadReportRecord>>")]
    workloads: Compact<Workload, Tracked<WorkloadReport>>,
    #[serde_as(as = "TrackedAs<Same>")]
    customer_storage_bytes: Tracked<u64>,
    #[serde_as(as = "Option<Millis>")]
    all_reported_at: Option<Timestamp>,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Tenant", deny_unknown_fields)]
pub(super) struct TenantRecord {
    #[serde_as(as = "Id")]
    id: TenantId,
    name: Option<String>,
    organization_id: Option<String>,
    plan: Option<String>,
    product: Option<String>,
    #[serde_as(as = "Option<Word>")]
    status: Option<TenantStatus>,
    login_disabled: Option<bool>,
    #[serde_as(as = "SeatCountsRecord")]
    seats: SeatCounts,
    #[serde_as(as = "DattoServicesRecord")]
    services: DattoServices,
    /// Follows from the product.
    #[serde(skip)]
    parts: &'static [Part],
}

#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "DattoServices", deny_unknown_fields)]
pub(super) struct DattoServicesRecord {
    active: Option<u64>,
    recently_backed_up: Option<u64>,
    ratio: Option<f64>,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SeatReport", deny_unknown_fields)]
pub(super) struct SeatReportRecord {
    #[serde_as(as = "SeatCountsRecord")]
    counts: SeatCounts,
    #[serde_as(as = "Option<Pairs<Word, SeatsOfTypeRecord>>")]
    by_type: Option<Compact<SeatType, SeatsOfType>>,
}

#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SeatCounts", deny_unknown_fields)]
pub(super) struct SeatCountsRecord {
    used: Option<u64>,
    available: Option<u64>,
    active: Option<u64>,
    deactivated: Option<u64>,
    required: Option<u64>,
    billable: Option<u64>,
    shared_mailboxes_paid: Option<u64>,
    shared_mailboxes_free: Option<u64>,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SeatsOfType", deny_unknown_fields)]
pub(super) struct SeatsOfTypeRecord {
    #[serde_as(as = "ByWord")]
    states: Counts<SeatState, { SeatState::COUNT }>,
    #[serde_as(as = "Option<Millis>")]
    newest_backup: Option<Timestamp>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Coverage", deny_unknown_fields)]
pub(super) struct CoverageRecord {
    #[serde_as(as = "ByWord")]
    accounts: AccountCounts,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DomainKey", deny_unknown_fields)]
pub(super) struct DomainKeyRecord {
    domain: String,
    directory: String,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "ConnectedDomain", deny_unknown_fields)]
pub(super) struct ConnectedDomainRecord {
    #[serde_as(as = "Word")]
    state: DomainState,
    users: Option<u64>,
    #[serde_as(as = "Option<Millis>")]
    observed_at: Option<Timestamp>,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Lifecycle", deny_unknown_fields)]
pub(super) struct LifecycleRecord {
    connection_failures: Option<u64>,
    deactivated_accounts: Option<u64>,
    deleted_accounts: Option<u64>,
    pending_invites: Option<u64>,
    delegated_users: Option<u64>,
    retention_policies: Option<u64>,
    shortest_retention: Option<Duration>,
    journals: Option<u64>,
    non_delivery_journals: Option<u64>,
    #[serde_as(as = "Pairs<Word, Millis>")]
    older: Compact<LifecycleFact, Timestamp>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "WorkloadReport", rename_all = "snake_case")]
pub(super) enum WorkloadReportRecord {
    NotLicensed,
    Licensed(#[serde_as(as = "WorkloadSummaryRecord")] WorkloadSummary),
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "WorkloadSummary", deny_unknown_fields)]
pub(super) struct WorkloadSummaryRecord {
    #[serde_as(as = "Option<ByWord>")]
    resources: Option<ResourceCounts>,
    #[serde_as(as = "Option<Millis>")]
    newest_backup: Option<Timestamp>,
    #[serde_as(as = "Option<Millis>")]
    protected_until: Option<Timestamp>,
    items: Option<u64>,
    storage_bytes: Option<u64>,
    #[serde_as(as = "ByWord")]
    statuses: StatusCounts,
    #[serde_as(as = "Option<Box<DattoFactsRecord>>")]
    datto: Option<Box<DattoFacts>>,
}

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(remote = "DattoFacts", deny_unknown_fields)]
pub(super) struct DattoFactsRecord {
    uningested_services: Option<u64>,
    perfect_backups: Option<u64>,
    #[serde_as(as = "Option<Word>")]
    status: Option<BackupStatus>,
    protection_gap: Option<Duration>,
}

/// A string literal of the program: serde would borrow a `&'static str` from the file.
type Name = &'static str;

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Drift", deny_unknown_fields)]
pub(super) struct DriftRecord {
    #[serde_as(as = "FieldName")]
    endpoint: Name,
    #[serde_as(as = "FieldName")]
    field: Name,
    #[serde_as(as = "Word")]
    kind: DriftKind,
}
