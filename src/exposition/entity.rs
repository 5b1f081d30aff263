//! Defines the entities that families have samples of: their labels, and how to iterate over the selected ones.

use std::ops::ControlFlow;

use strum::IntoEnumIterator as _;

use super::Group;
use super::text::{Writer, set_further};
use super::view::{Shown, TenantView, View, WorkloadView};
use crate::domain::expected::{Presence, Sold};
use crate::domain::{self, ConnectedDomain, SeatsOfType, TenantCounts, Timestamp};

/// A kind of entity that families have samples of.
pub(super) trait Entity: 'static {
    /// An entity as passed to the functions of the catalogue.
    type View<'a>: Copy;

    /// The labels that identify an entity, in order.
    const LABELS: &'static [&'static str];

    /// What the number of entities depends on.
    const PER: Per;

    /// What distinguishes the entities of one tenant, if all tenants have the same ones; otherwise nothing.
    fn keys() -> Vec<&'static str> {
        Vec::new()
    }

    /// The entity of a tenant for each of these keys; `None` if there is none, or it is unknown.
    fn of_tenant(_tenant: TenantView<'_>) -> Vec<Option<Self::View<'_>>> {
        Vec::new()
    }

    /// Calls `write` for each entity, with its escaped labels, until the reader stops.
    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()>;
}

/// Writes the samples of one entity.
pub(super) trait Write<E: Entity + ?Sized>: for<'a> Fn(E::View<'a>, [&str; 2], &mut Writer<'_>) {}

impl<E: Entity + ?Sized, F: for<'a> Fn(E::View<'a>, [&str; 2], &mut Writer<'_>)> Write<E> for F {}

/// What the number of a family's samples depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Per {
    /// The sources, or nothing.
    Source,
    /// The expected tenants.
    Expected,
    /// The tenants.
    Tenant,
    /// The workloads that a restore test can be of, and the results that it can have.
    RestoreTest,
    /// The parts of each tenant.
    Part,
    /// The types of seats of each tenant.
    SeatType,
    /// The connected domains of each tenant.
    Domain,
    /// The workloads of each tenant.
    Workload,
}

/// A source.
pub(super) struct Source;

impl Entity for Source {
    type View<'a> = &'a View;

    const LABELS: &'static [&'static str] = &["provider", "source"];
    const PER: Per = Per::Source;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        shown.views.iter().try_for_each(|view| {
            write(view, [&view.labels, ""], writer);
            writer.hand_on()
        })
    }
}

/// A source with its tenants counted by progress, which requires iterating over all of them.
pub(super) struct Progress;

impl Entity for Progress {
    type View<'a> = &'a TenantCounts;

    const LABELS: &'static [&'static str] = Source::LABELS;
    const PER: Per = Per::Source;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        Source::each(shown, writer, |view: &View, labels: [&str; 2], writer: &mut Writer<'_>| {
            write(&view.source.progress(), labels, writer);
        })
    }
}

/// A kind of schema drift in a source's responses, with the number of records.
pub(super) struct Drift;

impl Entity for Drift {
    type View<'a> = u64;

    const LABELS: &'static [&'static str] = &["provider", "source", "endpoint", "field", "kind"];
    const PER: Per = Per::Source;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        Source::each(shown, writer, |view: &View, [labels, _]: [&str; 2], writer: &mut Writer<'_>| {
            for (drift, records) in &view.source.drift {
                let kind = drift.kind.as_str();
                let names = [("endpoint", drift.endpoint), ("field", drift.field), ("kind", kind)];
                write(*records, [labels, set_further(&mut String::new(), names)], writer);
            }
        })
    }
}

/// An expected tenant, with its id and name from the list.
pub(super) struct Expected;

impl Entity for Expected {
    type View<'a> = Presence;

    const LABELS: &'static [&'static str] = Tenant::LABELS;
    const PER: Per = Per::Expected;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        Source::each(shown, writer, |view: &View, [labels, _]: [&str; 2], writer: &mut Writer<'_>| {
            for (expectation, presence) in view.presences().filter(|_| view.names_expectations) {
                let names = [("tenant_id", expectation.tenant_id()), ("tenant", expectation.tenant())];
                write(presence, [labels, set_further(&mut String::new(), names)], writer);
            }
        })
    }
}

/// A tenant.
pub(super) struct Tenant;

impl Tenant {
    fn each_with(
        shown: &Shown<'_>,
        writer: &mut Writer<'_>,
        mut write: impl FnMut(TenantView<'_>, &str, &mut Writer<'_>),
    ) -> ControlFlow<()> {
        shown.views.iter().flat_map(View::tenants).try_for_each(|(tenant, labels)| {
            write(tenant, labels, writer);
            writer.hand_on()
        })
    }
}

impl Entity for Tenant {
    type View<'a> = TenantView<'a>;

    const LABELS: &'static [&'static str] = &["provider", "source", "tenant_id", "tenant"];
    const PER: Per = Per::Tenant;

    fn keys() -> Vec<&'static str> {
        vec![""]
    }

    fn of_tenant(tenant: TenantView<'_>) -> Vec<Option<Self::View<'_>>> {
        vec![Some(tenant)]
    }

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        Self::each_with(shown, writer, |tenant, labels, writer| write(tenant, [labels, ""], writer))
    }
}

/// A tenant as last listed, with its other ids, plan and product.
pub(super) struct Listed;

impl Entity for Listed {
    type View<'a> = &'a domain::Tenant;

    const LABELS: &'static [&'static str] =
        &["provider", "source", "tenant_id", "tenant", "organization_id", "plan", "product"];
    const PER: Per = Per::Tenant;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            if let Some(tenant) = view.source.listed(view.tenant) {
                let names = [
                    ("organization_id", tenant.organization_id.as_deref().unwrap_or_default()),
                    ("plan", tenant.plan.as_deref().unwrap_or_default()),
                    ("product", tenant.product.as_deref().unwrap_or_default()),
                ];
                write(tenant, [labels, set_further(&mut own, names)], writer);
            }
        })
    }
}

/// A tenant with the labels that the operator gave it.
pub(super) struct Labelled;

impl Entity for Labelled {
    type View<'a> = ();

    const LABELS: &'static [&'static str] = Tenant::LABELS;
    const PER: Per = Per::Tenant;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            if let Some(given) = view.sold().labels() {
                let given = given.iter().map(|(name, value)| (&**name, &**value));
                write((), [labels, set_further(&mut own, given)], writer);
            }
        })
    }
}

/// A part of a tenant, if its group is selected.
pub(super) struct Part;

impl Entity for Part {
    type View<'a> = (TenantView<'a>, domain::Part);

    const LABELS: &'static [&'static str] = &["provider", "source", "tenant_id", "tenant", "part"];
    const PER: Per = Per::Part;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            for part in view.tenant.parts().filter(|part| shown.has(Group::of_part(*part))) {
                write((view, part), [labels, set_further(&mut own, [("part", part.as_str())])], writer);
            }
        })
    }
}

/// The seats of a tenant with one type.
pub(super) struct SeatType;

impl Entity for SeatType {
    type View<'a> = &'a SeatsOfType;

    const LABELS: &'static [&'static str] = &["provider", "source", "tenant_id", "tenant", "seat_type"];
    const PER: Per = Per::SeatType;

    fn keys() -> Vec<&'static str> {
        domain::SeatType::iter().map(|seat_type| seat_type.as_str()).collect()
    }

    fn of_tenant(view: TenantView<'_>) -> Vec<Option<Self::View<'_>>> {
        let by_type = view.tenant.seats.value().and_then(|report| report.by_type.as_ref());
        domain::SeatType::iter().map(|seat_type| by_type?.get(&seat_type)).collect()
    }

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            let by_type = view.tenant.seats.value().and_then(|report| report.by_type.as_ref());
            for (seat_type, seats) in by_type.into_iter().flatten() {
                write(seats, [labels, set_further(&mut own, [("seat_type", seat_type.as_str())])], writer);
            }
        })
    }
}

/// A connected domain.
pub(super) struct Domain;

impl Entity for Domain {
    type View<'a> = &'a ConnectedDomain;

    const LABELS: &'static [&'static str] = &["provider", "source", "tenant_id", "tenant", "domain", "type"];
    const PER: Per = Per::Domain;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            for (key, domain) in view.tenant.domains.value().into_iter().flatten() {
                let names = [("domain", key.domain.as_str()), ("type", key.directory.as_str())];
                write(domain, [labels, set_further(&mut own, names)], writer);
            }
        })
    }
}

/// A workload of a tenant.
pub(super) struct Workload;

impl Entity for Workload {
    type View<'a> = WorkloadView<'a>;

    const LABELS: &'static [&'static str] = &["provider", "source", "tenant_id", "tenant", "workload"];
    const PER: Per = Per::Workload;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        for view in shown.views {
            for (tenant, labels) in view.tenants() {
                for (workload, label) in view.workloads(tenant.tenant) {
                    write(workload, [labels, label], writer);
                }
                writer.hand_on()?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// An expected workload of a tenant, whether or not the vendor reports it.
pub(super) struct ExpectedWorkload;

impl Entity for ExpectedWorkload {
    type View<'a> = (TenantView<'a>, Sold<'a>, domain::Workload);

    const LABELS: &'static [&'static str] = Workload::LABELS;
    const PER: Per = Per::Workload;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            let sold = view.sold();
            for workload in sold.workloads().into_iter().flatten() {
                write(
                    (view, sold, *workload),
                    [labels, set_further(&mut own, [("workload", workload.as_str())])],
                    writer,
                );
            }
        })
    }
}

/// The last restore test of a workload with one result, whether or not the vendor reports the workload.
pub(super) struct RestoreTest;

impl Entity for RestoreTest {
    type View<'a> = Timestamp;

    const LABELS: &'static [&'static str] = &["provider", "source", "tenant_id", "tenant", "workload", "result"];
    const PER: Per = Per::RestoreTest;

    fn each(shown: &Shown<'_>, writer: &mut Writer<'_>, write: impl Write<Self>) -> ControlFlow<()> {
        let mut own = String::new();
        Tenant::each_with(shown, writer, |view, labels, writer| {
            let last = view.restore_tests.and_then(|tests| tests.last(view.tenant));
            for ((workload, result), at) in last.into_iter().flatten() {
                let names = [("workload", workload.as_str()), ("result", result.as_str())];
                write(*at, [labels, set_further(&mut own, names)], writer);
            }
        })
    }
}
