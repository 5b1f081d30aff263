//! Says which entity a family describes: that fixes its labels, and how its samples are found.

use std::collections::BTreeSet;

use super::Group;
use super::text::{Writer, push_label};
use crate::domain::{
    AccountState, BackupStatus, ConnectedDomain, DomainState, Drift, JournalType, Part, ResourceState, SeatState,
    SeatsOfType, SharedMailboxBilling, SourceState, StatusWord, Tenant, TenantId, TenantProgress, TenantState,
    TenantStatus, Tracked, Workload, WorkloadReport, WorkloadState, WorkloadSummary,
};

/// The entity of a family, with the function that finds its value; `None` means that nobody knows, and gives no sample.
#[derive(Debug)]
pub enum Scope {
    /// A source.
    Source(fn(&SourceState) -> Option<f64>),
    /// A source's tenants by progress.
    Progress(fn(&SourceState, TenantProgress) -> Option<f64>),
    /// A kind of surprise in a source's answers.
    Drift(fn(&SourceState, &Drift) -> Option<f64>),
    /// How many tenants of a source are refused.
    Refused(fn(u64) -> Option<f64>),
    /// A tenant, with the group of what is told.
    Tenant(Group, fn(TenantView<'_>) -> Option<f64>),
    /// A tenant's names.
    TenantInfo(for<'a> fn(TenantView<'a>) -> Option<&'a Tenant>),
    /// A tenant by status.
    TenantStatus(fn(TenantView<'_>, TenantStatus) -> Option<f64>),
    /// A tenant's shared mailboxes by billing.
    SharedMailboxes(fn(TenantView<'_>, SharedMailboxBilling) -> Option<f64>),
    /// A tenant's accounts by state.
    Accounts(fn(TenantView<'_>, AccountState) -> Option<f64>),
    /// A tenant's seats by type and state.
    Seats(fn(&SeatsOfType, SeatState) -> Option<f64>),
    /// A tenant's seats by type.
    SeatType(fn(&SeatsOfType) -> Option<f64>),
    /// A tenant's journal mailboxes by type.
    Journals(fn(TenantView<'_>, JournalType) -> Option<f64>),
    /// A part of a tenant.
    Part(fn(TenantView<'_>, Part) -> Option<f64>),
    /// A connected domain.
    Domain(fn(&ConnectedDomain) -> Option<f64>),
    /// A connected domain by state.
    DomainState(fn(&ConnectedDomain, DomainState) -> Option<f64>),
    /// A workload of a tenant.
    Workload(fn(WorkloadView<'_>) -> Option<f64>),
    /// A workload by state.
    WorkloadState(fn(WorkloadView<'_>, WorkloadState) -> Option<f64>),
    /// A workload's resources by state.
    ResourceState(fn(WorkloadView<'_>, ResourceState) -> Option<f64>),
    /// A workload's resources by Dropsuite's status word.
    StatusWord(fn(WorkloadView<'_>, StatusWord) -> Option<f64>),
    /// A workload by Datto's word for its newest day.
    BackupStatus(fn(WorkloadView<'_>, BackupStatus) -> Option<f64>),
    /// The full exposition, which has this many samples of tenants and sources.
    Exposition(fn(u64) -> Option<f64>),
}

/// A tenant within its source.
#[derive(Clone, Copy, Debug)]
pub struct TenantView<'a> {
    /// The source.
    pub source: &'a SourceState,
    /// The tenant.
    pub tenant: &'a TenantState,
}

/// A workload within its tenant.
#[derive(Clone, Copy, Debug)]
pub struct WorkloadView<'a> {
    /// The tenant.
    pub tenant: &'a TenantState,
    /// Which workload.
    pub workload: Workload,
    /// What is known of it.
    pub report: &'a Tracked<WorkloadReport>,
}

impl<'a> WorkloadView<'a> {
    /// The summary now shown; `None` where it is unknown or not licensed.
    #[must_use]
    pub fn summary(self) -> Option<&'a WorkloadSummary> {
        self.report.value()?.summary()
    }
}

/// A source with the labels of its tenants, escaped once.
#[derive(Debug)]
pub(super) struct View<'a> {
    source: &'a SourceState,
    labels: String,
    tenants: Vec<(&'a TenantState, String)>,
    /// How many tenants have no series; `None` while nobody knows who the tenants are.
    refused: Option<u64>,
}

impl<'a> View<'a> {
    /// The source with those of its tenants of which `is_shown` is true.
    pub(super) fn new(
        source: &'a SourceState,
        refused: u64,
        is_shown: impl Fn(&TenantId, &TenantState) -> bool,
    ) -> Self {
        let mut labels = String::new();
        push_label(&mut labels, "provider", source.identity.provider.as_str());
        labels.push(',');
        push_label(&mut labels, "source", &source.identity.name);
        let tenants = source
            .tenants
            .iter()
            .filter(|(id, tenant)| is_shown(id, tenant))
            .map(|(_, tenant)| {
                let mut labels = labels.clone();
                labels.push(',');
                push_label(&mut labels, "tenant_id", tenant.tenant.id.as_str());
                labels.push(',');
                push_label(&mut labels, "tenant", tenant.display_name());
                (&**tenant, labels)
            })
            .collect();
        let is_known = !source.tenants.is_empty() || source.listing.value().is_some();
        Self { source, labels, tenants, refused: is_known.then_some(refused) }
    }
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
            Self::Progress(_) => (SOURCE, &["state"]),
            Self::Drift(_) => (SOURCE, &["endpoint", "field", "kind"]),
            Self::Tenant(..) => (TENANT, &[]),
            Self::TenantInfo(_) => (TENANT, &["organization_id", "plan", "product"]),
            Self::TenantStatus(_) | Self::Accounts(_) => (TENANT, &["state"]),
            Self::SharedMailboxes(_) => (TENANT, &["billing"]),
            Self::Seats(_) => (TENANT, &["seat_type", "state"]),
            Self::SeatType(_) => (TENANT, &["seat_type"]),
            Self::Journals(_) => (TENANT, &["journal_type"]),
            Self::Part(_) => (TENANT, &["part"]),
            Self::Domain(_) => (TENANT, &["domain", "type"]),
            Self::DomainState(_) => (TENANT, &["domain", "type", "state"]),
            Self::Workload(_) => (WORKLOAD, &[]),
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
            Self::Tenant(group, _) => *group,
            Self::TenantInfo(_) | Self::TenantStatus(_) => Group::Listing,
            Self::Seats(_) | Self::SeatType(_) | Self::SharedMailboxes(_) => Group::Seats,
            Self::Accounts(_) | Self::Domain(_) | Self::DomainState(_) => Group::Coverage,
            Self::Journals(_) => Group::Lifecycle,
            Self::Workload(_)
            | Self::WorkloadState(_)
            | Self::ResourceState(_)
            | Self::StatusWord(_)
            | Self::BackupStatus(_) => Group::Workloads,
        })
    }

    /// Writes the samples of this scope, those of parts in these groups alone.
    pub(super) fn walk(&self, views: &[View<'_>], groups: &BTreeSet<Group>, writer: &mut Writer) {
        let is_of_sources = matches!(self.group(), Some(Group::Source));
        for view in views {
            if is_of_sources {
                self.walk_source(view, writer);
                continue;
            }
            for (tenant, labels) in &view.tenants {
                self.walk_tenant(TenantView { source: view.source, tenant }, labels, groups, writer);
            }
        }
    }

    /// Writes what is said of the full exposition, which has this many samples.
    pub(super) fn walk_exposition(&self, samples: u64, writer: &mut Writer) {
        if let Self::Exposition(value) = self {
            put(writer, "", &[], value(samples));
        }
    }

    fn walk_source(&self, view: &View<'_>, writer: &mut Writer) {
        match self {
            Self::Source(value) => put(writer, &view.labels, &[], value(view.source)),
            Self::Refused(value) => put(writer, &view.labels, &[], view.refused.and_then(value)),
            Self::Progress(value) => {
                for stage in TenantProgress::ALL {
                    put(writer, &view.labels, &[("state", stage.as_str())], value(view.source, stage));
                }
            }
            Self::Drift(value) => {
                for drift in view.source.drift.keys() {
                    let more = [("endpoint", drift.endpoint), ("field", drift.field), ("kind", drift.kind.as_str())];
                    put(writer, &view.labels, &more, value(view.source, drift));
                }
            }
            _ => {}
        }
    }

    fn walk_tenant(&self, view: TenantView<'_>, labels: &str, groups: &BTreeSet<Group>, writer: &mut Writer) {
        match self {
            Self::Tenant(_, value) => put(writer, labels, &[], value(view)),
            Self::TenantInfo(tenant) => {
                if let Some(tenant) = tenant(view) {
                    let text = |value: &Option<String>| value.clone().unwrap_or_default();
                    let more = [
                        ("organization_id", text(&tenant.organization_id)),
                        ("plan", text(&tenant.plan)),
                        ("product", text(&tenant.product)),
                    ];
                    put(writer, labels, &more.each_ref().map(|(name, value)| (*name, value.as_str())), Some(1.0));
                }
            }
            Self::TenantStatus(value) => {
                for status in TenantStatus::ALL {
                    put(writer, labels, &[("state", status.as_str())], value(view, status));
                }
            }
            Self::SharedMailboxes(value) => {
                for billing in SharedMailboxBilling::ALL {
                    put(writer, labels, &[("billing", billing.as_str())], value(view, billing));
                }
            }
            Self::Accounts(value) => {
                for state in AccountState::ALL {
                    put(writer, labels, &[("state", state.as_str())], value(view, state));
                }
            }
            Self::Journals(value) => {
                for journal_type in JournalType::ALL {
                    put(writer, labels, &[("journal_type", journal_type.as_str())], value(view, journal_type));
                }
            }
            Self::Part(value) => {
                for part in view.tenant.parts().filter(|part| groups.contains(&Group::of_part(*part))) {
                    put(writer, labels, &[("part", part.as_str())], value(view, part));
                }
            }
            Self::Seats(_) | Self::SeatType(_) => self.walk_seats(view.tenant, labels, writer),
            Self::Domain(_) | Self::DomainState(_) => self.walk_domains(view.tenant, labels, writer),
            _ => {
                for (workload, report) in &view.tenant.workloads {
                    let view = WorkloadView { tenant: view.tenant, workload: *workload, report };
                    self.walk_workload(view, labels, writer);
                }
            }
        }
    }

    fn walk_seats(&self, tenant: &TenantState, labels: &str, writer: &mut Writer) {
        let by_type = tenant.seats.value().and_then(|report| report.by_type.as_ref());
        for (seat_type, seats) in by_type.into_iter().flatten() {
            let seat_type = ("seat_type", seat_type.as_str());
            match self {
                Self::SeatType(value) => put(writer, labels, &[seat_type], value(seats)),
                Self::Seats(value) => {
                    for state in SeatState::ALL {
                        put(writer, labels, &[seat_type, ("state", state.as_str())], value(seats, state));
                    }
                }
                _ => {}
            }
        }
    }

    fn walk_domains(&self, tenant: &TenantState, labels: &str, writer: &mut Writer) {
        for (key, domain) in tenant.coverage.value().into_iter().flat_map(|coverage| &coverage.domains) {
            let names = [("domain", key.domain.as_str()), ("type", key.directory.as_str())];
            match self {
                Self::Domain(value) => put(writer, labels, &names, value(domain)),
                Self::DomainState(value) => {
                    for state in DomainState::ALL {
                        let more = [names[0], names[1], ("state", state.as_str())];
                        put(writer, labels, &more, value(domain, state));
                    }
                }
                _ => {}
            }
        }
    }

    fn walk_workload(&self, view: WorkloadView<'_>, labels: &str, writer: &mut Writer) {
        let workload = ("workload", view.workload.as_str());
        match self {
            Self::Workload(value) => put(writer, labels, &[workload], value(view)),
            Self::WorkloadState(value) => {
                for state in WorkloadState::ALL {
                    put(writer, labels, &[workload, ("state", state.as_str())], value(view, state));
                }
            }
            Self::ResourceState(value) => {
                for state in ResourceState::ALL {
                    put(writer, labels, &[workload, ("state", state.as_str())], value(view, state));
                }
            }
            Self::StatusWord(value) => {
                for status in StatusWord::ALL {
                    put(writer, labels, &[workload, ("status", status.as_str())], value(view, status));
                }
            }
            Self::BackupStatus(value) => {
                for status in BackupStatus::ALL {
                    put(writer, labels, &[workload, ("status", status.as_str())], value(view, status));
                }
            }
            _ => {}
        }
    }
}

fn put(writer: &mut Writer, labels: &str, more: &[(&str, &str)], value: Option<f64>) {
    if let Some(value) = value {
        writer.sample(labels, more, value);
    }
}
