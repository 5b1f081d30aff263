//! Says which entity a family describes: that fixes its labels, and how its values are found.

use super::view::{TenantView, WorkloadView};
use super::{Group, Value};
use crate::domain::expected::{Comparison, Presence, Sold};
use crate::domain::{
    AccountState, BackupStatus, ConnectedDomain, DomainState, Drift, JournalType, Part, ResourceState, SeatState,
    SeatsOfType, SharedMailboxBilling, SourceState, StatusWord, Tenant, TenantCounts, TenantStatus, Workload,
    WorkloadState,
};

/// The entity of a family, with the function that finds its value; `None` means that nobody knows, and gives no sample.
///
/// Of a state set the function finds the state that is 1; all others are 0.
#[derive(Debug)]
pub enum Scope {
    /// A source.
    Source(fn(&SourceState) -> Option<Value>),
    /// A source's tenants by progress.
    Progress(fn(&SourceState) -> TenantCounts),
    /// A kind of surprise in a source's answers.
    Drift(fn(&SourceState, &Drift) -> Option<Value>),
    /// How many tenants of a source are refused.
    Refused(fn(u64) -> Option<Value>),
    /// A tenant, with the group of what is told.
    Tenant(Group, fn(TenantView<'_>) -> Option<Value>),
    /// A tenant's names.
    TenantInfo(for<'a> fn(TenantView<'a>) -> Option<&'a Tenant>),
    /// A tenant by status, as a state set.
    TenantStatus(fn(TenantView<'_>) -> Option<TenantStatus>),
    /// A tenant's shared mailboxes by billing.
    SharedMailboxes(fn(TenantView<'_>, SharedMailboxBilling) -> Option<Value>),
    /// A tenant's accounts by state.
    Accounts(fn(TenantView<'_>, AccountState) -> Option<Value>),
    /// A tenant's seats by type and state.
    Seats(fn(&SeatsOfType, SeatState) -> Option<Value>),
    /// A tenant's seats by type.
    SeatType(fn(&SeatsOfType) -> Option<Value>),
    /// A tenant's journal mailboxes by type.
    Journals(fn(TenantView<'_>, JournalType) -> Option<Value>),
    /// A part of a tenant.
    Part(fn(TenantView<'_>, Part) -> Option<Value>),
    /// A connected domain.
    Domain(fn(&ConnectedDomain) -> Option<Value>),
    /// A connected domain by state, as a state set.
    DomainState(fn(&ConnectedDomain) -> DomainState),
    /// A workload of a tenant.
    Workload(fn(WorkloadView<'_>) -> Option<Value>),
    /// A workload by state, as a state set.
    WorkloadState(fn(WorkloadView<'_>) -> Option<WorkloadState>),
    /// A workload's resources by state.
    ResourceState(fn(WorkloadView<'_>, ResourceState) -> Option<Value>),
    /// A workload's resources by Dropsuite's status word.
    StatusWord(fn(WorkloadView<'_>, StatusWord) -> Option<Value>),
    /// A workload by Datto's word for its newest day, as a state set.
    BackupStatus(fn(WorkloadView<'_>) -> Option<BackupStatus>),
    /// Tenants that something was sold to, by whether they are there; only of a source that the list names.
    Presences(fn(&Comparison, Presence) -> Option<Value>),
    /// A tenant that something was sold to, as the list names it.
    Presence(fn(Presence) -> Option<Value>),
    /// A workload that was sold to a tenant, whether or not the vendor tells of it.
    SoldWorkload(fn(TenantView<'_>, Sold<'_>, Workload) -> Option<Value>),
    /// The full exposition, which has this many samples of tenants and sources.
    Exposition(fn(u64) -> Option<Value>),
}

const SOURCE: &[&str] = &["provider", "source"];
const TENANT: &[&str] = &["provider", "source", "tenant_id", "tenant"];
const WORKLOAD: &[&str] = &["provider", "source", "tenant_id", "tenant", "workload"];

impl Scope {
    /// The labels of every sample in this scope, in order.
    #[must_use]
    pub fn labels(&self) -> Vec<&'static str> {
        let (entity, more): (&[&str], &[&str]) = match self {
            Self::Source(_) | Self::Refused(_) => (SOURCE, &[]),
            Self::Progress(_) | Self::Presences(_) => (SOURCE, &["state"]),
            Self::Drift(_) => (SOURCE, &["endpoint", "field", "kind"]),
            Self::Tenant(..) | Self::Presence(_) => (TENANT, &[]),
            Self::TenantInfo(_) => (TENANT, &["organization_id", "plan", "product"]),
            Self::TenantStatus(_) | Self::Accounts(_) => (TENANT, &["state"]),
            Self::SharedMailboxes(_) => (TENANT, &["billing"]),
            Self::Seats(_) => (TENANT, &["seat_type", "state"]),
            Self::SeatType(_) => (TENANT, &["seat_type"]),
            Self::Journals(_) => (TENANT, &["journal_type"]),
            Self::Part(_) => (TENANT, &["part"]),
            Self::Domain(_) => (TENANT, &["domain", "type"]),
            Self::DomainState(_) => (TENANT, &["domain", "type", "state"]),
            Self::Workload(_) | Self::SoldWorkload(_) => (WORKLOAD, &[]),
            Self::WorkloadState(_) | Self::ResourceState(_) => (WORKLOAD, &["state"]),
            Self::StatusWord(_) | Self::BackupStatus(_) => (WORKLOAD, &["status"]),
            Self::Exposition(_) => (&[], &[]),
        };
        [entity, more].concat()
    }

    /// The group of all samples of this scope; `None` where each part's samples are in the group of the part.
    #[must_use]
    pub const fn group(&self) -> Option<Group> {
        Some(match self {
            Self::Part(_) => return None,
            Self::Exposition(_) => Group::Exporter,
            Self::Source(_) | Self::Progress(_) | Self::Drift(_) | Self::Refused(_) => Group::Source,
            // A tenant that is not there has no scrape of its own, in which this could stand.
            Self::Presences(_) | Self::Presence(_) => Group::Source,
            Self::Tenant(group, _) => *group,
            Self::TenantInfo(_) | Self::TenantStatus(_) => Group::Listing,
            Self::Seats(_) | Self::SeatType(_) | Self::SharedMailboxes(_) => Group::Seats,
            Self::Accounts(_) | Self::Domain(_) | Self::DomainState(_) => Group::Coverage,
            Self::Journals(_) => Group::Lifecycle,
            Self::Workload(_)
            | Self::SoldWorkload(_)
            | Self::WorkloadState(_)
            | Self::ResourceState(_)
            | Self::StatusWord(_)
            | Self::BackupStatus(_) => Group::Workloads,
        })
    }
}
