//! Converts the report of a customer's applications into workloads.

mod app_type;
mod history;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use strum::IntoEnumIterator as _;

use self::app_type::AppType;
use self::history::{Day, WINDOW_TOLERANCE};
use super::wire;
use crate::domain::{
    BackupStatus, DattoFacts, DriftKind, Part, ResourceCounts, ResourceState, Rpo, StatusCounts, Timestamp, Workload,
    WorkloadReport, WorkloadSummary, Workloads,
};
use crate::provider::ErrorKind;
use crate::provider::field::Field;
use crate::provider::note::Notes;
use crate::provider::record::{List, Nested, Undecodable};

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Converts the applications of one customer.
#[derive(Debug)]
pub(super) struct ApplicationsReader<'a> {
    pub(super) rpo: &'a Rpo,
    pub(super) now: Timestamp,
    /// The parts that every customer with this product has: an application without a name may be any of them.
    pub(super) expected: &'a [Part],
    pub(super) notes: &'a mut Notes,
}

/// When all services were last protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// At this time.
    At(Timestamp),
    /// At least this long ago.
    LongerThan(Duration),
    /// The value is unreadable.
    Unreadable,
    /// The vendor does not report it.
    Untold,
}

impl ApplicationsReader<'_> {
    /// Converts these records into workloads.
    ///
    /// Identical applications of a suite are a repeated row, and count once. Two that differ are added up, as for an
    /// organization that is provisioned twice.
    ///
    /// The customer's bytes include retained versions, so they are never added to those of the applications.
    pub(super) fn workloads(&mut self, records: &[Result<wire::Applications, Undecodable>]) -> Workloads {
        let mut workloads = Workloads { is_complete: true, ..Workloads::default() };
        let mut bytes = BTreeSet::new();
        let mut apps: Vec<(&str, &wire::App)> = Vec::new();
        for record in records {
            let Ok(record) = record else {
                self.notes.note("", DriftKind::UndecodableRecord);
                continue;
            };
            bytes.insert(self.notes.optional("usedBytes", &record.used_bytes).map(|count| count.0));
            workloads.is_complete &= is_readable(&record.suites);
            for suite in self.elements("suites", &record.suites) {
                let suite_type = self.notes.optional("suiteType", &suite.suite_type).map_or("", |word| &word.0);
                workloads.is_complete &= is_readable(&suite.app_types);
                apps.extend(self.elements("appTypes", &suite.app_types).map(|app| (suite_type, app)));
            }
        }
        let mut unnamed = false;
        // A report may have as many applications as a page has records: none is compared with all others.
        let (mut seen, mut named) = (HashSet::new(), HashSet::new());
        for (suite_type, app) in apps {
            if !seen.insert((suite_type, app)) {
                continue;
            }
            if !named.insert((suite_type, &app.app_type)) {
                self.notes.note("appType", DriftKind::ConflictingRecord);
            }
            let app_type = self.notes.required("appType", &app.app_type).map(|name| AppType::of(&name.0));
            let workload = match app_type {
                Some(AppType::Known(workload)) => workload,
                Some(AppType::Other(workload)) => {
                    self.notes.note("appType", DriftKind::UnknownWord);
                    unnamed |= matches!(workload, Workload::Other(_));
                    workload
                }
                Some(AppType::Unusable) => {
                    self.notes.note("appType", DriftKind::UnknownWord);
                    workloads.is_complete = false;
                    continue;
                }
                None => {
                    workloads.is_complete = false;
                    continue;
                }
            };
            let summary = self.summary(app, self.rpo.of(workload));
            merge(&mut workloads.reports, workload, summary);
        }
        let is_missing = |part: &Part| matches!(part, Part::Workload(own) if !workloads.reports.contains_key(own));
        workloads.is_complete &= !(unnamed && self.expected.iter().any(is_missing));
        // Several records of one customer repeat this figure; if they differ, none can be trusted.
        workloads.customer_storage_bytes = (bytes.len() == 1).then(|| bytes.pop_first()).flatten().flatten();
        workloads
    }

    /// The readable elements of a nested list; unreadable ones are recorded as drift.
    fn elements<'r, T>(
        &mut self,
        field: &'static str,
        list: &'r Nested<List<T>>,
    ) -> impl Iterator<Item = &'r T> + use<'r, T> {
        if matches!(list, Nested::Unreadable) {
            self.notes.note(field, DriftKind::Retyped);
        }
        let elements = list.value().map_or(&[][..], |list| &list.0);
        for _ in elements.iter().filter(|element| element.is_err()) {
            self.notes.note(field, DriftKind::UndecodableRecord);
        }
        elements.iter().flatten()
    }

    fn summary(&mut self, app: &wire::App, objective: Duration) -> WorkloadSummary {
        let protection = self.protection(app);
        let (mut days, mut seen) = (Vec::new(), HashSet::new());
        for window in self.elements("backupHistory", &app.backup_history) {
            let day = Day::of(window, self.notes);
            if seen.insert(day) {
                days.push(day);
            }
        }
        let newest = history::newest(&days);
        if newest.is_none() && !days.is_empty() {
            self.notes.note("backupHistory", DriftKind::ConflictingRecord);
        }
        // A day that is unreadable may be the newest, and the previous one proves nothing for today.
        let newest = newest.filter(|_| is_readable(&app.backup_history));
        // Its name says that a newer day exists, so its counts are not today's.
        let latest = newest.filter(|day| day.may_be_latest());
        let status = latest.and_then(|day| day.status);
        let resources = newest.and_then(|newest| history::resources(newest, &days, objective, self.now, self.notes));
        let storage_bytes = self.notes.optional("usedBytes", &app.used_bytes).map(|count| count.0);
        let uningested = self.notes.optional("uningestedServiceCount", &app.uningested_service_count);
        WorkloadSummary {
            // Without any service, only the bytes show whether there ever was one.
            resources: resources
                .filter(|counts| *counts != ResourceCounts::default() || storage_bytes.is_some())
                .map(|counts| never_backed_up(counts, status, protection))
                .map(|counts| protection.weaken(counts, objective, self.now)),
            newest_backup: None,
            protected_until: protection.at(),
            items: None,
            storage_bytes,
            statuses: StatusCounts::default(),
            datto: Some(Box::new(DattoFacts {
                uningested_services: uningested.map(|count| count.0),
                perfect_backups: latest.and_then(|day| day.perfect),
                status,
                protection_gap: protection.gap(),
            })),
        }
    }

    /// When everything was last protected, or at least how long ago.
    fn protection(&mut self, app: &wire::App) -> Protection {
        const FIELD: &str = "lastFullyProtectedTime";
        match self.notes.optional(FIELD, &app.last_fully_protected_time) {
            Some(wire::Protected::At(epoch)) => {
                let at = Timestamp::from_millis(epoch.0);
                if at.is_future(self.now) {
                    self.notes.note(FIELD, DriftKind::OutOfRange);
                    return Protection::Unreadable;
                }
                Protection::At(at)
            }
            Some(wire::Protected::Bucket(bucket)) => bucket_gap(bucket).map_or_else(
                || {
                    self.notes.note(FIELD, DriftKind::UnknownWord);
                    Protection::Unreadable
                },
                Protection::LongerThan,
            ),
            None if matches!(app.last_fully_protected_time, Field::Unreadable) => Protection::Unreadable,
            None => Protection::Untold,
        }
    }
}

impl Protection {
    const fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::LongerThan(_) | Self::Unreadable | Self::Untold => None,
        }
    }

    const fn gap(self) -> Option<Duration> {
        match self {
            Self::LongerThan(gap) => Some(gap),
            Self::At(_) | Self::Unreadable | Self::Untold => None,
        }
    }

    /// Lowers the counts of the newest day to what the time of the last full protection allows.
    ///
    /// If it is longer ago than the objective and no day shows which service is late, at least one of the active ones
    /// is. If it is unreadable, nothing is certainly ok.
    fn weaken(self, counts: ResourceCounts, objective: Duration, now: Timestamp) -> ResourceCounts {
        let (ok, unknown) = (counts.get(ResourceState::Ok), counts.get(ResourceState::Unknown));
        let is_late = match self {
            Self::At(at) => now.since(at) > objective.max(DAY) + WINDOW_TOLERANCE,
            Self::LongerThan(gap) => gap >= objective.max(DAY),
            Self::Unreadable => return counts.with(ResourceState::Ok, 0).with(ResourceState::Unknown, unknown + ok),
            Self::Untold => false,
        };
        if !is_late || ok + unknown == 0 || ok + unknown < counts.active() {
            return counts;
        }
        let one = counts.with(ResourceState::Late, 1);
        if ok > 0 { one.with(ResourceState::Ok, ok - 1) } else { one.with(ResourceState::Unknown, unknown - 1) }
    }
}

/// Drops records of other customers and records them as drift; a report of only such records is an error.
///
/// A record without a customer id is accepted, because this customer was requested.
pub(super) fn only_of(
    customer: &str,
    records: &mut Vec<Result<wire::Applications, Undecodable>>,
    notes: &mut Notes,
) -> Result<(), ErrorKind> {
    let all = records.len();
    records.retain(|record| {
        let id = record.as_ref().ok().and_then(|record| record.customer_id.value());
        id.is_none_or(|id| id.0 == customer)
    });
    let foreign = all - records.len();
    (0..foreign).for_each(|_| notes.note("customerId", DriftKind::ForeignRecord));
    if records.is_empty() && foreign > 0 {
        return Err(ErrorKind::ForeignRecords { count: foreign as u64 });
    }
    Ok(())
}

/// Whether a nested list is fully readable: an unreadable element may be a workload, which must not appear to be gone.
fn is_readable<T>(list: &Nested<List<T>>) -> bool {
    match list {
        Nested::Absent => true,
        Nested::Value(list) => list.0.iter().all(Result::is_ok),
        Nested::Unreadable => false,
    }
}

/// Rejects a report with an unreadable record: a workload could look ok without it, or appear to be gone.
pub(super) fn all_readable(records: &[Result<wire::Applications, Undecodable>]) -> Result<(), ErrorKind> {
    match records.iter().filter(|record| record.is_err()).count() as u64 {
        0 => Ok(()),
        count => Err(ErrorKind::UnreadableRecords { count }),
    }
}

/// Whether an application's type is a known workload.
pub(super) fn is_known_app_type(name: &str) -> bool {
    AppType::known(name).is_some()
}

/// `OVER_10_DAYS_AGO` means at least ten days.
pub(super) fn bucket_gap(bucket: &str) -> Option<Duration> {
    let days = bucket.strip_prefix("OVER_")?;
    let days = days.strip_suffix("_DAYS_AGO").or_else(|| days.strip_suffix("_DAY_AGO"))?;
    DAY.checked_mul(days.parse().ok()?)
}

/// A new application without any backup is not late: it was never backed up.
fn never_backed_up(counts: ResourceCounts, status: Option<BackupStatus>, protection: Protection) -> ResourceCounts {
    let was_protected = matches!(protection, Protection::At(_) | Protection::LongerThan(_));
    let is_new = status == Some(BackupStatus::InsufficientHistory) && !was_protected;
    if is_new && counts.get(ResourceState::Ok) == 0 {
        let late = counts.get(ResourceState::Late);
        return counts.with(ResourceState::Late, 0).with(ResourceState::Never, late);
    }
    counts
}

pub(super) fn status(word: &str, notes: &mut Notes) -> BackupStatus {
    match word.trim().to_ascii_lowercase().as_str() {
        "perfect" => BackupStatus::Perfect,
        "good" => BackupStatus::Good,
        "fair" => BackupStatus::Fair,
        "poor" => BackupStatus::Poor,
        "backup with issues" => BackupStatus::BackupWithIssues,
        "insufficient history" => BackupStatus::InsufficientHistory,
        "unknown" => BackupStatus::Unknown,
        _ => {
            notes.note("status", DriftKind::UnknownWord);
            BackupStatus::Other
        }
    }
}

/// Adds up applications of the same workload, such as the mail of two suites.
fn merge(reports: &mut BTreeMap<Workload, WorkloadReport>, workload: Workload, summary: WorkloadSummary) {
    let merged = match reports.remove(&workload) {
        Some(WorkloadReport::Licensed(other)) => sum(&other, &summary),
        _ => summary,
    };
    reports.insert(workload, WorkloadReport::Licensed(merged));
}

fn sum(one: &WorkloadSummary, other: &WorkloadSummary) -> WorkloadSummary {
    let both = |one: Option<u64>, other: Option<u64>| one?.checked_add(other?);
    let facts = one.datto.as_ref().zip(other.datto.as_ref()).map(|(one, other)| {
        Box::new(DattoFacts {
            uningested_services: both(one.uningested_services, other.uningested_services),
            perfect_backups: both(one.perfect_backups, other.perfect_backups),
            status: one.status.filter(|status| Some(*status) == other.status),
            protection_gap: one.protection_gap.max(other.protection_gap),
        })
    });
    WorkloadSummary {
        resources: match (one.resources, other.resources) {
            (Some(one), Some(other)) => added(one, other),
            (Some(known), None) | (None, Some(known)) => beside_unknown(known),
            (None, None) => None,
        },
        newest_backup: None,
        protected_until: one.protected_until.zip(other.protected_until).map(|(one, other)| one.min(other)),
        items: None,
        storage_bytes: both(one.storage_bytes, other.storage_bytes),
        statuses: StatusCounts::default(),
        datto: facts,
    }
}

/// Counts that overflow are unknown.
fn added(one: ResourceCounts, other: ResourceCounts) -> Option<ResourceCounts> {
    let all = |counts: &ResourceCounts| counts.active().checked_add(counts.get(ResourceState::Deactivated));
    all(&one)?.checked_add(all(&other)?)?;
    Some(ResourceState::iter().map(|state| (state, one[state] + other[state])).collect())
}

/// The counts of an application next to one without counts: only a known fault outranks unknown.
fn beside_unknown(known: ResourceCounts) -> Option<ResourceCounts> {
    let faults = [ResourceState::Never, ResourceState::Late];
    faults.iter().any(|state| known.get(*state) > 0).then(|| {
        let unknown = known.get(ResourceState::Unknown).saturating_add(1);
        known.with(ResourceState::Unknown, unknown)
    })
}

#[cfg(test)]
mod tests;
