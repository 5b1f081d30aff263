//! Walks over the rows of an exposition and writes the samples of one family after the other.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use strum::IntoEnumIterator as _;

use super::text::{Writer, further_labels};
use super::view::{TenantView, View, WorkloadView};
use super::{Group, Scope, Value};
use crate::domain::expected::Presence;
use crate::domain::{
    AccountState, BackupStatus, DomainState, JournalType, Part, ResourceState, SeatState, SharedMailboxBilling,
    StatusWord, Tenant, TenantProgress, TenantStatus, Workload, WorkloadState,
};

impl Scope {
    /// Writes the samples of this scope, those of parts in these groups alone, until nobody wants any more.
    pub(super) fn walk(&self, views: &[View], groups: &BTreeSet<Group>, writer: &mut Writer<'_>) -> ControlFlow<()> {
        match self {
            Self::Exposition(_) => ControlFlow::Continue(()),
            Self::Source(_)
            | Self::Refused(_)
            | Self::Progress(_)
            | Self::Drift(_)
            | Self::Presences(_)
            | Self::Presence(_) => views.iter().try_for_each(|view| {
                self.walk_source(view, writer);
                writer.hand_on()
            }),
            Self::Workload(_)
            | Self::WorkloadState(_)
            | Self::ResourceState(_)
            | Self::StatusWord(_)
            | Self::BackupStatus(_) => self.walk_workloads(views, writer),
            _ => self.walk_tenants(views, groups, writer),
        }
    }

    /// Writes what is said of the full exposition, which has this many samples.
    pub(super) fn walk_exposition(&self, samples: u64, writer: &mut Writer<'_>) {
        if let Self::Exposition(value) = self
            && let Some(value) = value(samples)
        {
            writer.bare_sample(value);
        }
    }

    fn walk_source(&self, view: &View, writer: &mut Writer<'_>) {
        let labels = [view.labels.as_str(), ""];
        match self {
            Self::Source(value) => put(writer, labels, value(&view.source)),
            Self::Refused(value) => put(writer, labels, view.refused.and_then(value)),
            Self::Progress(value) => {
                let stages = Words::new("state", TenantProgress::iter(), TenantProgress::as_str);
                let counts = value(&view.source);
                stages.each(writer, labels, |stage| counts.get(&stage).copied().map(Value::Whole));
            }
            Self::Drift(value) => {
                for drift in view.source.drift.keys() {
                    let more = [("endpoint", drift.endpoint), ("field", drift.field), ("kind", drift.kind.as_str())];
                    put(writer, [&view.labels, &further_labels(more)], value(&view.source, drift));
                }
            }
            Self::Presences(value) => {
                let words = Words::new("state", Presence::iter(), Presence::as_str);
                if let Some(comparison) = &view.comparison {
                    words.each(writer, labels, |presence| value(comparison, presence));
                }
            }
            Self::Presence(value) => {
                for (expectation, presence) in view.presences().filter(|_| view.names_expectations) {
                    let names = [("tenant_id", expectation.tenant_id()), ("tenant", expectation.tenant())];
                    put(writer, [&view.labels, &further_labels(names)], value(presence));
                }
            }
            _ => {}
        }
    }

    fn walk_tenants(&self, views: &[View], groups: &BTreeSet<Group>, writer: &mut Writer<'_>) -> ControlFlow<()> {
        match self {
            Self::Tenant(_, value) => each_tenant(views, writer, |view, labels, writer| {
                put(writer, [labels], value(view));
            }),
            Self::TenantInfo(tenant) => each_tenant(views, writer, |view, labels, writer| {
                if let Some(tenant) = tenant(view) {
                    writer.sample([labels, &names(tenant)], Value::Whole(1));
                }
            }),
            Self::TenantStatus(status) => {
                let statuses = Words::new("state", TenantStatus::iter(), TenantStatus::as_str);
                each_tenant(views, writer, |view, labels, writer| statuses.set(writer, [labels, ""], status(view)))
            }
            Self::SharedMailboxes(value) => {
                let billings = Words::new("billing", SharedMailboxBilling::iter(), SharedMailboxBilling::as_str);
                each_tenant(views, writer, |view, labels, writer| {
                    billings.each(writer, [labels, ""], |billing| value(view, billing));
                })
            }
            Self::Accounts(value) => {
                let states = Words::new("state", AccountState::iter(), AccountState::as_str);
                each_tenant(views, writer, |view, labels, writer| {
                    states.each(writer, [labels, ""], |state| value(view, state));
                })
            }
            Self::Journals(value) => {
                let types = Words::new("journal_type", JournalType::iter(), JournalType::as_str);
                each_tenant(views, writer, |view, labels, writer| {
                    types.each(writer, [labels, ""], |journal_type| value(view, journal_type));
                })
            }
            Self::Part(value) => each_tenant(views, writer, |view, labels, writer| {
                writer.common([labels, ",part=\""]);
                for part in view.tenant.parts().filter(|part| groups.contains(&Group::of_part(*part))) {
                    let Some(value) = value(view, part) else { continue };
                    match part {
                        // A vendor's own name for a workload that is not known.
                        Part::Workload(Workload::Other(name)) => {
                            writer.sample([labels, &further_labels([("part", name)])], value);
                        }
                        known => writer.further([known.as_str(), "\"} "], value),
                    }
                }
            }),
            Self::SoldWorkload(value) => {
                let words = Words::new("workload", Workload::iter(), Workload::as_str);
                each_tenant(views, writer, |view, labels, writer| {
                    let sold = view.sold();
                    words.each(writer, [labels, ""], |workload| value(view, sold, workload));
                })
            }
            Self::Seats(_) | Self::SeatType(_) => self.walk_seats(views, writer),
            Self::Domain(_) | Self::DomainState(_) => self.walk_domains(views, writer),
            _ => ControlFlow::Continue(()),
        }
    }

    fn walk_seats(&self, views: &[View], writer: &mut Writer<'_>) -> ControlFlow<()> {
        let states = Words::new("state", SeatState::iter(), SeatState::as_str);
        each_tenant(views, writer, |view, labels, writer| {
            let by_type = view.tenant.seats.value().and_then(|report| report.by_type.as_ref());
            for (seat_type, seats) in by_type.into_iter().flatten() {
                let labels = [labels, &further_labels([("seat_type", seat_type.as_str())])];
                match self {
                    Self::SeatType(value) => put(writer, labels, value(seats)),
                    Self::Seats(value) => states.each(writer, labels, |state| value(seats, state)),
                    _ => {}
                }
            }
        })
    }

    fn walk_domains(&self, views: &[View], writer: &mut Writer<'_>) -> ControlFlow<()> {
        let states = Words::new("state", DomainState::iter(), DomainState::as_str);
        each_tenant(views, writer, |view, labels, writer| {
            for (key, domain) in view.tenant.coverage.value().into_iter().flat_map(|coverage| &coverage.domains) {
                let names = further_labels([("domain", key.domain.as_str()), ("type", key.directory.as_str())]);
                match self {
                    Self::Domain(value) => put(writer, [labels, &names], value(domain)),
                    Self::DomainState(state) => states.set(writer, [labels, &names], Some(state(domain))),
                    _ => {}
                }
            }
        })
    }

    fn walk_workloads(&self, views: &[View], writer: &mut Writer<'_>) -> ControlFlow<()> {
        match self {
            Self::Workload(value) => each_workload(views, writer, |view, labels, writer| {
                put(writer, labels, value(view));
            }),
            Self::WorkloadState(state) => {
                let states = Words::new("state", WorkloadState::iter(), WorkloadState::as_str);
                each_workload(views, writer, |view, labels, writer| states.set(writer, labels, state(view)))
            }
            Self::ResourceState(value) => {
                let states = Words::new("state", ResourceState::iter(), ResourceState::as_str);
                each_workload(views, writer, |view, labels, writer| {
                    states.each(writer, labels, |state| value(view, state));
                })
            }
            Self::StatusWord(value) => {
                let statuses = Words::new("status", StatusWord::iter(), StatusWord::as_str);
                each_workload(views, writer, |view, labels, writer| {
                    statuses.each(writer, labels, |status| value(view, status));
                })
            }
            Self::BackupStatus(status) => {
                let statuses = Words::new("status", BackupStatus::iter(), BackupStatus::as_str);
                each_workload(views, writer, |view, labels, writer| statuses.set(writer, labels, status(view)))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// A closed set of words, with the rest of a line that each brings, up to the value.
struct Words<T>(Box<[(T, String)]>);

impl<T: Copy + PartialEq> Words<T> {
    fn new(name: &str, all: impl Iterator<Item = T>, word: impl Fn(T) -> &'static str) -> Self {
        Self(all.map(|one| (one, further_labels([(name, word(one))]) + "} ")).collect())
    }

    /// Writes the sample of each word that has one.
    #[inline]
    fn each(&self, writer: &mut Writer<'_>, labels: [&str; 2], value: impl Fn(T) -> Option<Value>) {
        let mut values = self.0.iter().filter_map(|(one, rest)| Some((rest, value(*one)?))).peekable();
        if values.peek().is_some() {
            writer.common(labels);
            values.for_each(|(rest, value)| writer.further([rest], value));
        }
    }

    /// Writes a state set: 1 for the word that holds, 0 for the others; nothing if nobody knows which one holds.
    #[inline]
    fn set(&self, writer: &mut Writer<'_>, labels: [&str; 2], holds: Option<T>) {
        if let Some(holds) = holds {
            writer.common(labels);
            for (one, rest) in &self.0 {
                writer.further([rest], Value::Whole(u64::from(*one == holds)));
            }
        }
    }
}

#[inline]
fn each_tenant(
    views: &[View],
    writer: &mut Writer<'_>,
    write: impl Fn(TenantView<'_>, &str, &mut Writer<'_>),
) -> ControlFlow<()> {
    for (tenant, labels) in views.iter().flat_map(View::tenants) {
        write(tenant, labels, writer);
        writer.hand_on()?;
    }
    ControlFlow::Continue(())
}

#[inline]
fn each_workload(
    views: &[View],
    writer: &mut Writer<'_>,
    write: impl Fn(WorkloadView<'_>, [&str; 2], &mut Writer<'_>),
) -> ControlFlow<()> {
    for view in views {
        for (tenant, labels) in view.tenants() {
            for (workload, label) in view.workloads(tenant.tenant) {
                write(workload, [labels, label], writer);
            }
            writer.hand_on()?;
        }
    }
    ControlFlow::Continue(())
}

#[inline]
fn put<const N: usize>(writer: &mut Writer<'_>, labels: [&str; N], value: Option<Value>) {
    if let Some(value) = value {
        writer.sample(labels, value);
    }
}

fn names(tenant: &Tenant) -> String {
    further_labels([
        ("organization_id", tenant.organization_id.as_deref().unwrap_or_default()),
        ("plan", tenant.plan.as_deref().unwrap_or_default()),
        ("product", tenant.product.as_deref().unwrap_or_default()),
    ])
}
