//! Shows the published states as the rows of an exposition, with the labels of each escaped once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Group;
use super::text::{further_labels, push_label};
use crate::domain::expected::{Comparison, Expectation, Presence, Sold};
use crate::domain::{SourceState, TenantId, TenantState, Workload, WorkloadSummary};

/// All that the samples of one exposition are about.
pub(super) struct Shown<'a> {
    /// The sources, each with those of its tenants that were selected.
    pub(super) views: &'a [View],
    /// The groups of samples that were selected.
    pub(super) groups: &'a BTreeSet<Group>,
    /// How many samples of tenants and sources the full exposition has, if so many of what was selected are written.
    pub(super) count_all: &'a dyn Fn(u64) -> u64,
}

impl Shown<'_> {
    /// Whether samples of this group were selected.
    pub(super) fn has(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }
}

/// A tenant within its source.
#[derive(Clone, Copy, Debug)]
pub(super) struct TenantView<'a> {
    /// The source.
    pub(super) source: &'a SourceState,
    /// The tenant.
    pub(super) tenant: &'a TenantState,
    /// What was sold, beside what is known of the source; `None` where nobody says what was.
    pub(super) comparison: Option<&'a Comparison>,
}

impl<'a> TenantView<'a> {
    /// What was sold to the tenant.
    pub(super) fn sold(self) -> Sold<'a> {
        self.comparison.map(|comparison| comparison.sold(self.tenant)).unwrap_or_default()
    }
}

/// A workload within its tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkloadView<'a> {
    /// The tenant.
    pub(super) tenant: &'a TenantState,
    /// Which workload.
    pub(super) workload: Workload,
    /// The summary now shown; `None` where it is unknown or not licensed.
    pub(super) summary: Option<&'a WorkloadSummary>,
}

/// A source with the labels of its tenants; it borrows nothing, so that scrapes under way at once can share it.
#[derive(Debug)]
pub(super) struct View {
    pub(super) source: Arc<SourceState>,
    pub(super) labels: String,
    /// How many tenants have no series; `None` while nobody knows who the tenants are.
    pub(super) dropped: Option<u64>,
    /// What was sold, beside what is known; `None` where nobody says what was.
    pub(super) comparison: Option<Comparison>,
    /// Whether those that something was sold to have series of their own.
    pub(super) names_expectations: bool,
    tenants: Vec<Row>,
    /// The labels of all tenants, one after the other.
    tenant_labels: String,
    /// The label of each workload that any tenant has, in the order of the tenants' own.
    workload_labels: BTreeMap<Workload, String>,
}

/// A tenant, and where its labels end; they begin where those before it end.
#[derive(Debug)]
struct Row {
    tenant: Arc<TenantState>,
    labels_end: usize,
}

impl View {
    /// The source with those of its tenants of which `is_shown` is true.
    pub(super) fn new(
        source: &Arc<SourceState>,
        dropped: u64,
        comparison: Option<Comparison>,
        is_shown: impl Fn(&TenantId, &TenantState) -> bool,
    ) -> Self {
        let mut labels = String::new();
        push_label(&mut labels, "provider", source.identity.provider.as_str());
        labels.push(',');
        push_label(&mut labels, "source", &source.identity.name);
        let is_known = source.is_known();
        let mut view = Self {
            source: Arc::clone(source),
            labels,
            dropped: is_known.then_some(dropped),
            comparison,
            names_expectations: true,
            tenants: Vec::new(),
            tenant_labels: String::new(),
            workload_labels: BTreeMap::new(),
        };
        for (_, tenant) in source.tenants.iter().filter(|(id, tenant)| is_shown(id, tenant)) {
            view.add(tenant);
        }
        view
    }

    /// This shard's share of those that something was sold to.
    pub(super) fn presences(&self) -> impl Iterator<Item = (&Expectation, Presence)> {
        let all = self.comparison.iter().flat_map(Comparison::presences);
        all.filter(|(expectation, _)| expectation.is_own)
    }

    /// The tenants, each with its labels.
    pub(super) fn tenants(&self) -> impl Iterator<Item = (TenantView<'_>, &str)> {
        let mut begin = 0;
        self.tenants.iter().map(move |row| {
            let labels = &self.tenant_labels[begin..row.labels_end];
            begin = row.labels_end;
            (TenantView { source: &self.source, tenant: &row.tenant, comparison: self.comparison.as_ref() }, labels)
        })
    }

    /// The workloads of one of the tenants, each with its label.
    pub(super) fn workloads<'a>(
        &'a self,
        tenant: &'a TenantState,
    ) -> impl Iterator<Item = (WorkloadView<'a>, &'a str)> {
        let mut labels = self.workload_labels.iter();
        tenant.workloads.iter().filter_map(move |(workload, report)| {
            // Both are in the same order, so the label is not far.
            let (_, label) = labels.find(|(labelled, _)| *labelled == workload)?;
            let summary = report.value().and_then(|report| report.summary());
            Some((WorkloadView { tenant, workload: *workload, summary }, label.as_str()))
        })
    }

    fn add(&mut self, tenant: &Arc<TenantState>) {
        self.tenant_labels.push_str(&self.labels);
        self.tenant_labels.push(',');
        push_label(&mut self.tenant_labels, "tenant_id", tenant.tenant.id.as_str());
        self.tenant_labels.push(',');
        push_label(&mut self.tenant_labels, "tenant", tenant.display_name());
        for workload in tenant.workloads.keys() {
            if !self.workload_labels.contains_key(workload) {
                self.workload_labels.insert(*workload, further_labels([("workload", workload.as_str())]));
            }
        }
        self.tenants.push(Row { tenant: Arc::clone(tenant), labels_end: self.tenant_labels.len() });
    }
}
