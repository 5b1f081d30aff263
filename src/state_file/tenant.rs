//! Mirrors a tenant: what the listing says of it, and what is known of its parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::coverage::{Coverage, Lifecycle};
use super::seats::{SeatCounts, SeatReport};
use super::tracked::{Millis, Tracked};
use super::word::Word;
use super::workload::WorkloadReport;
use crate::domain::{self, Policy, TenantStatus, Timestamp, Workload};
use crate::provider;

/// What a restored tenant is measured against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present<'a> {
    pub(super) provider: domain::Provider,
    /// What the operator decides now.
    pub(super) policy: &'a Policy,
    /// The workloads that were collected when the file was written.
    pub(super) collected: &'a [Workload],
    pub(super) now: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tenant {
    listed: Listed,
    since: Millis,
    seats: Tracked<SeatReport>,
    coverage: Tracked<Coverage>,
    lifecycle: Tracked<Lifecycle>,
    workloads: BTreeMap<Word<Workload>, Tracked<WorkloadReport>>,
    customer_storage_bytes: Tracked<u64>,
}

/// What the listing says; what can be asked of a tenant is not in it, but follows from the product.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Word<TenantStatus>>,
    #[serde(with = "SeatCounts")]
    seats: domain::SeatCounts,
    #[serde(with = "DattoServices")]
    services: domain::DattoServices,
}

/// The fields of what Datto's listing says of services, for serde: the compiler holds them together.
#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::DattoServices", deny_unknown_fields)]
struct DattoServices {
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recently_backed_up: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
}

impl From<&domain::TenantState> for Tenant {
    fn from(state: &domain::TenantState) -> Self {
        // The objectives are the policy's, not the file's.
        let domain::TenantState {
            tenant,
            since,
            rpo: _,
            seats,
            coverage,
            lifecycle,
            workloads,
            customer_storage_bytes,
            // Asked anew soon, and not worth another format: nobody is called unprotected before that.
            all_reported_at: _,
        } = state;
        Self {
            listed: (&**tenant).into(),
            since: (*since).into(),
            seats: Tracked::of(seats, SeatReport::from),
            coverage: Tracked::of(coverage, Coverage::from),
            lifecycle: Tracked::of(lifecycle, Lifecycle::from),
            workloads: workloads
                .iter()
                .map(|(workload, report)| (Word(*workload), Tracked::of(report, WorkloadReport::from)))
                .collect(),
            customer_storage_bytes: Tracked::of(customer_storage_bytes, |bytes| *bytes),
        }
    }
}

impl From<&domain::Tenant> for Listed {
    fn from(tenant: &domain::Tenant) -> Self {
        let domain::Tenant { id, name, organization_id, plan, product, status, seats, services, parts: _ } = tenant;
        Self {
            id: id.as_str().to_owned(),
            name: name.clone(),
            organization_id: organization_id.clone(),
            plan: plan.clone(),
            product: product.clone(),
            status: status.map(Word),
            seats: *seats,
            services: *services,
        }
    }
}

impl Tenant {
    /// The tenant as the present policy has it: a workload that is no longer collected is left out, and one that was
    /// not collected before is unknown.
    pub(super) fn restore(self, present: &Present<'_>) -> domain::TenantState {
        let now = present.now;
        let tenant = self.listed.restore(present.provider);
        let is_new = |workload: &Workload| !present.collected.contains(workload);
        let fresh = domain::TenantState::listed(Arc::new(tenant), present.policy, Timestamp::from(self.since).min(now));
        let added = fresh.workloads.into_iter().filter(|(workload, _)| is_new(workload));
        let known = self
            .workloads
            .into_iter()
            .filter(|(workload, _)| present.policy.selects(workload.0))
            .map(|(workload, report)| (workload.0, report.restore(now, Into::into)));
        domain::TenantState {
            seats: self.seats.restore(now, Into::into),
            coverage: self.coverage.restore(now, Into::into),
            lifecycle: self.lifecycle.restore(now, Into::into),
            customer_storage_bytes: self.customer_storage_bytes.restore(now, |bytes| bytes),
            workloads: added.chain(known).collect(),
            ..fresh
        }
    }
}

impl Listed {
    fn restore(self, provider: domain::Provider) -> domain::Tenant {
        domain::Tenant {
            id: self.id.as_str().into(),
            parts: provider::parts(provider, self.product.as_deref()),
            name: self.name,
            organization_id: self.organization_id,
            plan: self.plan,
            product: self.product,
            status: self.status.map(|word| word.0),
            seats: self.seats,
            services: self.services,
        }
    }
}
