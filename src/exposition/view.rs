//! Presents the published states as rows of an exposition, with the labels of each escaped once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Group;
use super::text::{further_labels, push_label};
use crate::domain::expected::{Comparison, Expectation, Presence, Sold};
use crate::domain::restore::MatchedTests;
use crate::domain::{SourceState, TenantId, TenantState, Workload, WorkloadSummary};

/// The data of one exposition.
pub(super) struct Shown<'a> {
    /// The sources, each with its selected tenants.
    pub(super) views: &'a [View],
    /// The selected groups of samples.
    pub(super) groups: &'a BTreeSet<Group>,
    /// The number of samples in the full exposition, given the number of samples in this selection.
    pub(super) count_all: &'a dyn Fn(u64) -> u64,
}

impl Shown<'_> {
    /// Whether this group is selected.
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
    /// The comparison with the expected tenants; `None` if there is no list.
    pub(super) comparison: Option<&'a Comparison>,
    /// The restore tests of the source; `None` if there is no list.
    pub(super) restore_tests: Option<&'a MatchedTests>,
}

impl<'a> TenantView<'a> {
    /// What is expected for the tenant.
    pub(super) fn sold(self) -> Sold<'a> {
        self.comparison.map(|comparison| comparison.sold(self.tenant)).unwrap_or_default()
    }
}

/// A workload within its tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkloadView<'a> {
    /// The tenant.
    pub(super) tenant: &'a TenantState,
    /// The workload.
    pub(super) workload: Workload,
    /// The current summary; `None` if it is unknown or not licensed.
    pub(super) summary: Option<&'a WorkloadSummary>,
}

/// A source with the labels of its tenants; owned, so that concurrent scrapes can share it.
#[derive(Debug)]
pub(super) struct View {
    pub(super) source: Arc<SourceState>,
    pub(super) labels: String,
    /// The number of dropped tenants; `None` while the tenants are unknown.
    pub(super) dropped: Option<u64>,
    /// The comparison with the expected tenants; `None` if there is no list.
    pub(super) comparison: Option<Comparison>,
    /// The restore tests, matched with the tenants; `None` if there is no list.
    pub(super) restore_tests: Option<MatchedTests>,
    /// The number of seats that are paid for; `None` if no list says it.
    pub(super) commitment: Option<u64>,
    /// Whether expected tenants have their own series.
    pub(super) names_expectations: bool,
    tenants: Vec<Row>,
    /// The labels of all tenants, concatenated.
    tenant_labels: String,
    /// The label of each workload that any tenant has, in the order of the tenants' own.
    workload_labels: BTreeMap<Workload, String>,
}

/// A tenant and where its labels end; they begin where the previous ones end.
#[derive(Debug)]
struct Row {
    tenant: Arc<TenantState>,
    labels_end: usize,
}

impl View {
    /// A view of the source with the tenants for which `is_shown` returns true.
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
            restore_tests: None,
            commitment: None,
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

    /// This shard's expected tenants.
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
            let view = TenantView {
                source: &self.source,
                tenant: &row.tenant,
                comparison: self.comparison.as_ref(),
                restore_tests: self.restore_tests.as_ref(),
            };
            (view, labels)
        })
    }

    /// The workloads of one of the tenants, each with its label.
    pub(super) fn workloads<'a>(
        &'a self,
        tenant: &'a TenantState,
    ) -> impl Iterator<Item = (WorkloadView<'a>, &'a str)> {
        let mut labels = self.workload_labels.iter();
        tenant.workloads.iter().filter_map(move |(workload, report)| {
            // Both are in the same order, so the label is nearby.
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
