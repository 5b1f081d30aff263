//! Translates the report of a customer's applications into workloads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use strum::IntoEnumIterator as _;

use super::wire;
use crate::domain::intern;
use crate::domain::{
    BackupStatus, DattoFacts, DriftKind, ResourceCounts, ResourceState, Rpo, StatusCounts, Timestamp, Workload,
    WorkloadReport, WorkloadSummary, Workloads,
};
use crate::provider::ErrorKind;
use crate::provider::field::Field;
use crate::provider::note::Notes;
use crate::provider::record::{List, Nested, Undecodable};

/// Windows are a day long; the vendor cuts them some time after they end.
const WINDOW_TOLERANCE: Duration = Duration::from_secs(60 * 60);
const MAX_NAME_LENGTH: usize = 40;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is read of a customer's applications.
#[derive(Debug)]
pub(super) struct ApplicationsReader<'a> {
    pub(super) rpo: &'a Rpo,
    pub(super) now: Timestamp,
    pub(super) notes: &'a mut Notes,
}

impl ApplicationsReader<'_> {
    /// The workloads in these records.
    ///
    /// The customer's bytes are a figure of their own: they hold retained
    /// versions, and are never added to those of the applications.
    pub(super) fn workloads(&mut self, records: &[Result<wire::Applications, Undecodable>]) -> Workloads {
        let mut workloads = Workloads { is_complete: true, ..Workloads::default() };
        let mut bytes = BTreeSet::new();
        for record in records {
            let Ok(record) = record else {
                self.notes.note("", DriftKind::UndecodableRecord);
                continue;
            };
            bytes.insert(self.notes.optional("usedBytes", &record.used_bytes).map(|count| count.0));
            workloads.is_complete &= is_readable(&record.suites);
            for suite in self.elements("suites", &record.suites) {
                self.notes.optional("suiteType", &suite.suite_type);
                workloads.is_complete &= is_readable(&suite.app_types);
                for app in self.elements("appTypes", &suite.app_types) {
                    let Some(name) = self.notes.required("appType", &app.app_type) else {
                        workloads.is_complete = false;
                        continue;
                    };
                    let Some(workload) = workload(&name.0, self.notes) else { continue };
                    let summary = self.summary(app, self.rpo.of(workload));
                    merge(&mut workloads.reports, workload, summary);
                }
            }
        }
        // Several records of one customer repeat its figure; different ones cannot be told apart.
        workloads.customer_storage_bytes = (bytes.len() == 1).then(|| bytes.pop_first()).flatten().flatten();
        workloads
    }

    /// The readable elements of a nested list; the others are noted.
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
        let (protected_until, protection_gap) = self.protected(app);
        let windows: Vec<Window> =
            self.elements("backupHistory", &app.backup_history).map(|window| Window::of(window, self.notes)).collect();
        let newest = windows.iter().max_by_key(|window| window.until);
        let status = newest.and_then(|window| window.status);
        // A day that cannot be read may be the newest, and the one before it proves nothing for today.
        let readable = newest.filter(|_| is_readable(&app.backup_history));
        let resources = readable.and_then(|newest| resources(newest, &windows, objective, self.now));
        let uningested = self.notes.optional("uningestedServiceCount", &app.uningested_service_count);
        WorkloadSummary {
            resources: resources.map(|counts| never_backed_up(counts, status, protected_until)),
            newest_backup: None,
            protected_until,
            items: None,
            storage_bytes: self.notes.optional("usedBytes", &app.used_bytes).map(|count| count.0),
            statuses: StatusCounts::default(),
            datto: Some(Box::new(DattoFacts {
                uningested_services: uningested.map(|count| count.0),
                perfect_backups: newest.and_then(|window| window.perfect),
                status,
                protection_gap,
            })),
        }
    }

    /// Until when everything is protected, or at least how long ago that was.
    fn protected(&mut self, app: &wire::App) -> (Option<Timestamp>, Option<Duration>) {
        const FIELD: &str = "lastFullyProtectedTime";
        match self.notes.optional(FIELD, &app.last_fully_protected_time) {
            Some(wire::Protected::At(epoch)) => {
                let at = Timestamp::from_millis(epoch.0);
                if at.is_future(self.now) {
                    self.notes.note(FIELD, DriftKind::OutOfRange);
                    return (None, None);
                }
                (Some(at), None)
            }
            Some(wire::Protected::Bucket(bucket)) => {
                let gap = bucket_gap(bucket);
                if gap.is_none() {
                    self.notes.note(FIELD, DriftKind::UnknownWord);
                }
                (None, gap)
            }
            None => (None, None),
        }
    }
}

/// Whether all of a nested list can be read: what cannot may be a workload, which must not be taken for gone.
fn is_readable<T>(list: &Nested<List<T>>) -> bool {
    match list {
        Nested::Absent => true,
        Nested::Value(list) => list.0.iter().all(Result::is_ok),
        Nested::Unreadable => false,
    }
}

/// Refuses a report of which a record could not be read: it may hold more of a workload that looks fine without it,
/// or all of one that would be taken for gone.
pub(super) fn all_readable(records: &[Result<wire::Applications, Undecodable>]) -> Result<(), ErrorKind> {
    match records.iter().filter(|record| record.is_err()).count() as u64 {
        0 => Ok(()),
        count => Err(ErrorKind::UnreadableRecords { count }),
    }
}

/// `OVER_10_DAYS_AGO` is at least ten days.
fn bucket_gap(bucket: &str) -> Option<Duration> {
    let days = bucket.strip_prefix("OVER_")?;
    let days = days.strip_suffix("_DAYS_AGO").or_else(|| days.strip_suffix("_DAY_AGO"))?;
    DAY.checked_mul(days.parse().ok()?)
}

/// One day of history, `None` for what the vendor does not say.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    total: Option<u64>,
    active: Option<u64>,
    backed_up: Option<u64>,
    perfect: Option<u64>,
    status: Option<BackupStatus>,
}

impl Window {
    fn of(window: &wire::Window, notes: &mut Notes) -> Self {
        let start = notes.required("startTime", &window.start_time).map(|epoch| Timestamp::from_millis(epoch.0));
        let end = notes.required("endTime", &window.end_time).map(|epoch| Timestamp::from_millis(epoch.0));
        let (since, until) = match (start, end) {
            (Some(start), Some(end)) => (Some(start.min(end)), Some(start.max(end))),
            _ => (None, None),
        };
        let mut count =
            |name, field: &Field<_>| notes.required(name, field).map(|count: &crate::provider::field::Count| count.0);
        Self {
            since,
            until,
            total: count("totalServiceCount", &window.total_service_count),
            active: count("activeServiceCount", &window.active_service_count),
            backed_up: count("activeServiceWithBackupCount", &window.active_service_with_backup_count),
            perfect: count("activeServiceWithPerfectBackupCount", &window.active_service_with_perfect_backup_count),
            status: notes
                .optional("status", &window.status)
                .map(|word| word.0.clone())
                .map(|word| status(&word, notes)),
        }
    }

    /// Whether a backup in this window is within the objective for certain.
    fn is_within(&self, objective: Duration, now: Timestamp) -> bool {
        self.since.is_some_and(|since| now.since(since) <= objective + WINDOW_TOLERANCE)
    }
}

/// Services by state: of the active ones those with a backup in the newest day are ok.
///
/// A longer objective reaches further back: then at least as many are ok as in
/// the best day within it, since days cannot be added up. A newest day that is
/// itself older than the objective proves nothing for anybody.
fn resources(newest: &Window, windows: &[Window], objective: Duration, now: Timestamp) -> Option<ResourceCounts> {
    let active = newest.active?;
    let is_current = newest.until.is_none_or(|until| now.since(until) <= objective.max(DAY) + WINDOW_TOLERANCE);
    let within = windows.iter().filter(|window| window.is_within(objective, now)).filter_map(|window| window.backed_up);
    let best = within.chain(newest.backed_up.filter(|_| is_current)).max();
    let counts = ResourceCounts::default()
        .with(ResourceState::Deactivated, newest.total.map_or(0, |total| total.saturating_sub(active)));
    Some(match best {
        Some(backed_up) => {
            let ok = backed_up.min(active);
            counts.with(ResourceState::Ok, ok).with(ResourceState::Late, active - ok)
        }
        None if !is_current => counts.with(ResourceState::Late, active),
        None => counts.with(ResourceState::Unknown, active),
    })
}

/// An application too new to be judged, without any backup, is not late: it never was backed up.
fn never_backed_up(
    counts: ResourceCounts,
    status: Option<BackupStatus>,
    protected_until: Option<Timestamp>,
) -> ResourceCounts {
    let is_new = status == Some(BackupStatus::InsufficientHistory) && protected_until.is_none();
    if is_new && counts.get(ResourceState::Ok) == 0 {
        let late = counts.get(ResourceState::Late);
        return counts.with(ResourceState::Late, 0).with(ResourceState::Never, late);
    }
    counts
}

fn status(word: &str, notes: &mut Notes) -> BackupStatus {
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

/// Two applications that are one workload here, such as mail of two suites, are summed up.
fn merge(reports: &mut BTreeMap<Workload, WorkloadReport>, workload: Workload, summary: WorkloadSummary) {
    let merged = match reports.remove(&workload) {
        Some(WorkloadReport::Licensed(other)) => sum(&other, &summary),
        _ => summary,
    };
    reports.insert(workload, WorkloadReport::Licensed(merged));
}

fn sum(one: &WorkloadSummary, other: &WorkloadSummary) -> WorkloadSummary {
    let both = |one: Option<u64>, other: Option<u64>| one?.checked_add(other?);
    let resources = one.resources.zip(other.resources).and_then(|(one, other)| {
        // Counts that cannot be added up are not true.
        let all = |counts: &ResourceCounts| counts.active().checked_add(counts.get(ResourceState::Deactivated));
        all(&one)?.checked_add(all(&other)?)?;
        Some(ResourceState::iter().map(|state| (state, one[state] + other[state])).collect())
    });
    let facts = one.datto.as_ref().zip(other.datto.as_ref()).map(|(one, other)| {
        Box::new(DattoFacts {
            uningested_services: both(one.uningested_services, other.uningested_services),
            perfect_backups: both(one.perfect_backups, other.perfect_backups),
            status: one.status.filter(|status| Some(*status) == other.status),
            protection_gap: one.protection_gap.max(other.protection_gap),
        })
    });
    WorkloadSummary {
        resources,
        newest_backup: None,
        protected_until: one.protected_until.zip(other.protected_until).map(|(one, other)| one.min(other)),
        items: None,
        storage_bytes: both(one.storage_bytes, other.storage_bytes),
        statuses: StatusCounts::default(),
        datto: facts,
    }
}

/// The workload behind an application.
///
/// The four of `Office365` are seen live; nobody has seen Google's, so likely
/// names are understood as well. All others keep their own name in snake case.
fn workload(app_type: &str, notes: &mut Notes) -> Option<Workload> {
    let name = app_type.trim();
    let bare = ["Office365", "GoogleWorkspace", "GoogleApps", "GSuite", "Google"]
        .iter()
        .find_map(|suite| name.strip_prefix(suite))
        .unwrap_or(name);
    let is_google = name.starts_with('G');
    Some(match bare {
        "Exchange" | "Mail" | "Gmail" => Workload::Mail,
        "OneDrive" => Workload::Onedrive,
        "SharePoint" => Workload::Sharepoint,
        "Teams" => Workload::Teams,
        "Calendar" | "Calendars" => Workload::Calendar,
        "Contacts" => Workload::Contacts,
        "Tasks" => Workload::Tasks,
        "Drive" if is_google => Workload::GoogleDrive,
        "SharedDrive" | "SharedDrives" | "TeamDrive" | "TeamDrives" => Workload::SharedDrive,
        _ => {
            notes.note("appType", DriftKind::UnknownWord);
            Workload::Other(intern::APPLICATIONS.intern(&snake_case(name)?)?)
        }
    })
}

/// The name as a label value; `None` for what is no name of an application.
fn snake_case(name: &str) -> Option<String> {
    if name.is_empty()
        || name.len() > MAX_NAME_LENGTH
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || " _-".contains(c))
    {
        return None;
    }
    let mut snake = String::new();
    let mut previous_is_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && previous_is_lower {
            snake.push('_');
        }
        previous_is_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        snake.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' });
    }
    Some(snake)
}

#[cfg(test)]
mod tests;
