//! Mirrors what is reported of a workload.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use super::tracked::Millis;
use super::word::Word;
use crate::domain::{self, BackupStatus, ResourceState, StatusWord};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum WorkloadReport {
    NotLicensed,
    Licensed(WorkloadSummary),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkloadSummary {
    /// States that no resource is in are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<BTreeMap<Word<ResourceState>, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_backup: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected_until: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    statuses: BTreeMap<Word<StatusWord>, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datto: Option<DattoFacts>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DattoFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    uningested_services: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    perfect_backups: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Word<BackupStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protection_gap: Option<Duration>,
}

impl From<&domain::WorkloadReport> for WorkloadReport {
    fn from(report: &domain::WorkloadReport) -> Self {
        match report {
            domain::WorkloadReport::NotLicensed => Self::NotLicensed,
            domain::WorkloadReport::Licensed(summary) => Self::Licensed(summary.into()),
        }
    }
}

impl From<WorkloadReport> for domain::WorkloadReport {
    fn from(report: WorkloadReport) -> Self {
        match report {
            WorkloadReport::NotLicensed => Self::NotLicensed,
            WorkloadReport::Licensed(summary) => Self::Licensed(summary.into()),
        }
    }
}

impl From<&domain::WorkloadSummary> for WorkloadSummary {
    fn from(summary: &domain::WorkloadSummary) -> Self {
        let domain::WorkloadSummary {
            resources,
            newest_backup,
            protected_until,
            items,
            storage_bytes,
            statuses,
            datto,
        } = summary;
        let counted = |counts: domain::ResourceCounts| {
            let states = ResourceState::iter().map(|state| (Word(state), counts.get(state)));
            states.filter(|(_, count)| *count > 0).collect()
        };
        Self {
            resources: resources.map(counted),
            newest_backup: newest_backup.map(Millis::from),
            protected_until: protected_until.map(Millis::from),
            items: *items,
            storage_bytes: *storage_bytes,
            statuses: statuses
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(status, count)| (Word(status), count))
                .collect(),
            datto: datto.as_deref().copied().map(DattoFacts::from),
        }
    }
}

impl From<WorkloadSummary> for domain::WorkloadSummary {
    fn from(summary: WorkloadSummary) -> Self {
        let counted = |states: BTreeMap<Word<ResourceState>, u64>| {
            let none = domain::ResourceCounts::default();
            states.into_iter().fold(none, |counts, (state, count)| counts.with(state.0, count))
        };
        Self {
            resources: summary.resources.map(counted),
            newest_backup: summary.newest_backup.map(Into::into),
            protected_until: summary.protected_until.map(Into::into),
            items: summary.items,
            storage_bytes: summary.storage_bytes,
            statuses: summary.statuses.into_iter().map(|(status, count)| (status.0, count)).collect(),
            datto: summary.datto.map(|facts| Box::new(facts.into())),
        }
    }
}

impl From<domain::DattoFacts> for DattoFacts {
    fn from(facts: domain::DattoFacts) -> Self {
        let domain::DattoFacts { uningested_services, perfect_backups, status, protection_gap } = facts;
        Self { uningested_services, perfect_backups, status: status.map(Word), protection_gap }
    }
}

impl From<DattoFacts> for domain::DattoFacts {
    fn from(facts: DattoFacts) -> Self {
        Self {
            uningested_services: facts.uningested_services,
            perfect_backups: facts.perfect_backups,
            status: facts.status.map(|word| word.0),
            protection_gap: facts.protection_gap,
        }
    }
}
