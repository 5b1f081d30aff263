//! Defines the exporter's domain model, and the policy that decides what is exported.
//!
//! Nothing here depends on a vendor, a socket, a file or the clock: every function depends only on its arguments. A
//! failed collection is data, not an error: see [`SourceState::advance`].

mod compact;
mod counts;
mod coverage;
mod datto;
mod doubt;
mod drift;
pub mod expected;
mod identity;
pub(crate) mod intern;
mod label;
mod lifecycle;
mod objective;
mod outcome;
mod part;
mod policy;
mod resource;
pub mod restore;
mod restraint;
pub mod roster;
mod seats;
pub mod shard;
mod source;
mod tally;
mod tenant;
mod time;
mod tracked;
mod workload;

pub use compact::Compact;
pub use counts::Counts;
pub use coverage::{AccountCounts, AccountState, ConnectedDomain, Coverage, DomainKey, DomainState, Domains};
pub use datto::{BackupStatus, DattoFacts, DattoServices};
pub use drift::{Drift, DriftKind};
pub use identity::{Provider, SourceIdentity};
pub use lifecycle::{JournalType, Lifecycle, LifecycleFact};
pub use objective::{CoverageObjectives, Objectives, Ratio, Rpo, TenantObjectives};
pub use outcome::Outcome;
pub use part::{Part, PartResult, Workloads};
pub use policy::Policy;
pub use resource::{LastBackup, Resource, ResourceCounts, ResourceState, StatusCounts, StatusWord};
pub use restraint::{CredentialMark, Pause, Restraint};
pub use seats::{SeatCounts, SeatReport, SeatState, SeatType, SeatsOfType, SharedMailboxBilling};
pub use source::{Event, IncompleteListing, Listing, SourceState, TenantCounts, TenantProgress, Uncollected};
pub use tally::{Measures, Tally};
pub use tenant::{Tenant, TenantId, TenantState, TenantStatus};
pub use time::Timestamp;
pub use tracked::{Attempt, Observed, Tracked};
pub use workload::{Workload, WorkloadReport, WorkloadState, WorkloadSummary};
