//! Shows the published states as the rows of an exposition, with the labels of each escaped once.

use std::ops::Range;

use super::text::{further_labels, push_label};
use crate::domain::{SourceState, TenantId, TenantState, Workload, WorkloadSummary};

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
    /// The summary now shown; `None` where it is unknown or not licensed.
    pub summary: Option<&'a WorkloadSummary>,
}

/// A source with the labels of its tenants.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) source: &'a SourceState,
    pub(super) labels: String,
    /// How many tenants have no series; `None` while nobody knows who the tenants are.
    pub(super) refused: Option<u64>,
    tenants: Vec<Row<'a>>,
    /// The labels of all tenants, one after the other.
    tenant_labels: String,
    /// The workloads of all tenants, each with the place of its label.
    workloads: Vec<(WorkloadView<'a>, usize)>,
    /// The workloads that any tenant has, with the label of each.
    workload_labels: Vec<(Workload, String)>,
}

#[derive(Debug)]
struct Row<'a> {
    tenant: &'a TenantState,
    labels: Range<usize>,
    workloads: Range<usize>,
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
        let is_known = !source.tenants.is_empty() || source.listing.value().is_some();
        let mut view = Self {
            source,
            labels,
            refused: is_known.then_some(refused),
            tenants: Vec::with_capacity(source.tenants.len()),
            tenant_labels: String::new(),
            workloads: Vec::new(),
            workload_labels: Vec::new(),
        };
        for (_, tenant) in source.tenants.iter().filter(|(id, tenant)| is_shown(id, tenant)) {
            view.add(tenant);
        }
        view
    }

    /// The tenants, each with its labels.
    pub(super) fn tenants(&self) -> impl Iterator<Item = (TenantView<'a>, &str)> {
        let view = |row: &Row<'a>| TenantView { source: self.source, tenant: row.tenant };
        self.tenants.iter().map(move |row| (view(row), &self.tenant_labels[row.labels.clone()]))
    }

    /// The tenants' workloads, tenant by tenant, with the labels of the tenant and that of each workload.
    pub(super) fn workloads(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = (WorkloadView<'a>, &str)>)> {
        self.tenants.iter().map(|row| {
            let workloads = self.workloads[row.workloads.clone()].iter();
            let labelled = workloads.map(|(workload, label)| (*workload, self.workload_labels[*label].1.as_str()));
            (&self.tenant_labels[row.labels.clone()], labelled)
        })
    }

    fn add(&mut self, tenant: &'a TenantState) {
        let (from, first) = (self.tenant_labels.len(), self.workloads.len());
        self.tenant_labels.push_str(&self.labels);
        self.tenant_labels.push(',');
        push_label(&mut self.tenant_labels, "tenant_id", tenant.tenant.id.as_str());
        self.tenant_labels.push(',');
        push_label(&mut self.tenant_labels, "tenant", tenant.display_name());
        for (workload, report) in &tenant.workloads {
            let summary = report.value().and_then(|report| report.summary());
            let label = self.workload_label(*workload);
            self.workloads.push((WorkloadView { tenant, workload: *workload, summary }, label));
        }
        let (labels, workloads) = (from..self.tenant_labels.len(), first..self.workloads.len());
        self.tenants.push(Row { tenant, labels, workloads });
    }

    /// The place of the label of a workload, which is made when the workload is first met.
    fn workload_label(&mut self, workload: Workload) -> usize {
        let known = self.workload_labels.iter().position(|(known, _)| *known == workload);
        known.unwrap_or_else(|| {
            self.workload_labels.push((workload, further_labels([("workload", workload.as_str())])));
            self.workload_labels.len() - 1
        })
    }
}
