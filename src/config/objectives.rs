//! Reads the recovery point objectives.

use std::collections::BTreeMap;
use std::time::Duration;

use super::decoder::{Field, listed, words};
use crate::domain::{Objectives, TenantObjectives, Workload};

/// The keys of the `rpo` section.
pub(super) const KEYS: &[&str] = &["default", "workloads", "tenants"];

/// The keys of one tenant's objectives.
const TENANT_KEYS: &[&str] = &["default", "workloads"];

/// No vendor backs up more often than this.
const MIN_OBJECTIVE: Duration = Duration::from_secs(60);

/// Longer than any vendor's retention: effectively no objective.
const MAX_OBJECTIVE: Duration = Duration::from_secs(3650 * 86_400);

pub(super) fn decode(field: &Field<'_>) -> Option<Objectives> {
    let section = field.section(KEYS)?;
    let mut objectives = Objectives::default();
    if let Some(default) = section.get("default").and_then(|field| objective(&field)) {
        objectives.default = Some(default);
    }
    if let Some(workloads) = section.get("workloads").and_then(|field| by_workload(&field)) {
        objectives.workloads = workloads;
    }
    for (tenant, field) in section.get("tenants").and_then(|field| field.named_values()).unwrap_or_default() {
        if let Some(of_tenant) = decode_tenant(&field) {
            objectives.tenants.insert(tenant.to_owned(), of_tenant);
        }
    }
    Some(objectives)
}

fn decode_tenant(field: &Field<'_>) -> Option<TenantObjectives> {
    let section = field.section(TENANT_KEYS)?;
    Some(TenantObjectives {
        default: section.get("default").and_then(|field| objective(&field)),
        workloads: section.get("workloads").and_then(|field| by_workload(&field)).unwrap_or_default(),
    })
}

fn by_workload(field: &Field<'_>) -> Option<BTreeMap<Workload, Duration>> {
    let words = words(Workload::as_str);
    let mut objectives = BTreeMap::new();
    for (name, field) in field.named_values()? {
        let duration = objective(&field);
        match words.iter().find(|(word, _)| *word == name) {
            Some((_, workload)) => objectives.extend(duration.map(|duration| (*workload, duration))),
            None => field.problem(format!("unknown workload (accepted: {})", listed(&words))),
        }
    }
    Some(objectives)
}

fn objective(field: &Field<'_>) -> Option<Duration> {
    field.duration(MIN_OBJECTIVE, MAX_OBJECTIVE)
}
