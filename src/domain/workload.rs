//! Names the workloads of a tenant and the states a workload and its resources can be in.

use super::{DattoFacts, ResourceCounts, ResourceState, StatusCounts, Timestamp};

/// One protected service of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    /// Mailboxes.
    Mail,
    /// Calendars.
    Calendar,
    /// Address books.
    Contacts,
    /// Task lists.
    Tasks,
    /// Microsoft OneDrive accounts.
    Onedrive,
    /// Microsoft SharePoint sites.
    Sharepoint,
    /// Microsoft Teams and Microsoft 365 groups.
    Teams,
    /// Google shared drives.
    SharedDrive,
    /// Google Drive accounts.
    GoogleDrive,
    /// An application that is not known here, under the vendor's name in snake case.
    Other(&'static str),
}

impl Workload {
    /// Every known workload, in the order people read them.
    pub const ALL: [Self; 9] = [
        Self::Mail,
        Self::Calendar,
        Self::Contacts,
        Self::Tasks,
        Self::Onedrive,
        Self::Sharepoint,
        Self::Teams,
        Self::SharedDrive,
        Self::GoogleDrive,
    ];

    /// The word used in the config file and as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Calendar => "calendar",
            Self::Contacts => "contacts",
            Self::Tasks => "tasks",
            Self::Onedrive => "onedrive",
            Self::Sharepoint => "sharepoint",
            Self::Teams => "teams",
            Self::SharedDrive => "shared_drive",
            Self::GoogleDrive => "google_drive",
            Self::Other(name) => name,
        }
    }
}

/// The state of a workload: exactly one holds. The order is that of severity, worst first: a known fault outranks what
/// is unknown, and that outranks what is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkloadState {
    /// Something active reports an error.
    Failing,
    /// Something active was never backed up.
    Never,
    /// There are resources, or items or bytes are held, and no resource is active any more while the tenant is.
    Stopped,
    /// Something active is older than its objective.
    Late,
    /// Never seen, withdrawn as too old, or not readable well enough to call it fine.
    Unknown,
    /// Everything active is backed up within its objective.
    Ok,
    /// Licensed, and there is nothing: no resource, and nothing held.
    Empty,
    /// The vendor has stopped backing up the tenant.
    Paused,
    /// The vendor says that the product is not licensed.
    NotLicensed,
}

impl WorkloadState {
    /// Every state, worst first.
    pub const ALL: [Self; 9] = [
        Self::Failing,
        Self::Never,
        Self::Stopped,
        Self::Late,
        Self::Unknown,
        Self::Ok,
        Self::Empty,
        Self::Paused,
        Self::NotLicensed,
    ];

    /// The word used as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Never => "never",
            Self::Stopped => "stopped",
            Self::Late => "late",
            Self::Unknown => "unknown",
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::Paused => "paused",
            Self::NotLicensed => "not_licensed",
        }
    }
}

/// What a vendor reports of one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkloadReport {
    /// The product is not licensed.
    NotLicensed,
    /// What is backed up.
    Licensed(WorkloadSummary),
}

impl WorkloadReport {
    /// The summary, where the product is licensed.
    #[must_use]
    pub const fn summary(&self) -> Option<&WorkloadSummary> {
        match self {
            Self::NotLicensed => None,
            Self::Licensed(summary) => Some(summary),
        }
    }

    /// The state as of the observation.
    #[must_use]
    pub fn state(&self) -> WorkloadState {
        self.summary().map_or(WorkloadState::NotLicensed, WorkloadSummary::state)
    }
}

/// The backups of one workload of one tenant, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadSummary {
    /// Resources by state; `None` where the vendor gives no counts.
    pub resources: Option<ResourceCounts>,
    /// The newest backup of any active resource; `None` where none has one.
    pub newest_backup: Option<Timestamp>,
    /// Every active resource has a backup at least this recent; `None` while one has none.
    pub protected_until: Option<Timestamp>,
    /// Items held, deactivated resources included; `None` where the vendor does not say.
    pub items: Option<u64>,
    /// Bytes held, counted like items.
    pub storage_bytes: Option<u64>,
    /// Resources by Dropsuite's status word.
    pub statuses: StatusCounts,
    /// What Datto alone reports; apart, as all other fleets would carry its room along.
    pub datto: Option<Box<DattoFacts>>,
}

impl WorkloadSummary {
    /// The state as of the observation.
    ///
    /// A known fault outranks a resource that could not be read, so that one
    /// odd record hides no failure; but only a fully readable workload is `ok`.
    #[must_use]
    pub fn state(&self) -> WorkloadState {
        let Some(resources) = self.resources else { return WorkloadState::Unknown };
        let some = |state| resources.get(state) > 0;
        let holds_something = self.items.max(self.storage_bytes).is_some_and(|amount| amount > 0);
        if some(ResourceState::Failing) {
            WorkloadState::Failing
        } else if some(ResourceState::Never) {
            WorkloadState::Never
        } else if resources.active() == 0 && (some(ResourceState::Deactivated) || holds_something) {
            WorkloadState::Stopped
        } else if resources.active() == 0 {
            WorkloadState::Empty
        } else if some(ResourceState::Late) {
            WorkloadState::Late
        } else if some(ResourceState::Unknown) {
            WorkloadState::Unknown
        } else {
            WorkloadState::Ok
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: WorkloadSummary = WorkloadSummary {
        resources: None,
        newest_backup: None,
        protected_until: None,
        items: None,
        storage_bytes: None,
        statuses: StatusCounts::EMPTY,
        datto: None,
    };

    #[test]
    fn the_worst_state_of_any_resource_is_the_workloads() {
        use ResourceState as R;
        for (states, expected) in [
            (&[][..], WorkloadState::Empty),
            (&[R::Deactivated], WorkloadState::Stopped),
            (&[R::Unknown, R::Deactivated], WorkloadState::Unknown),
            (&[R::Ok, R::Deactivated], WorkloadState::Ok),
            (&[R::Ok, R::Late], WorkloadState::Late),
            (&[R::Ok, R::Late, R::Failing], WorkloadState::Failing),
            (&[R::Failing, R::Never], WorkloadState::Failing),
            (&[R::Late, R::Never], WorkloadState::Never),
            (&[R::Ok, R::Unknown], WorkloadState::Unknown),
            (&[R::Failing, R::Unknown], WorkloadState::Failing),
        ] {
            let mut resources = ResourceCounts::default();
            states.iter().for_each(|state| resources.add(*state));
            let summary = WorkloadSummary { resources: Some(resources), ..NOTHING };
            assert_eq!(summary.state(), expected, "{states:?}");
        }
    }

    #[test]
    fn what_is_held_while_nothing_is_active_was_backed_up_once() {
        let counts = |deactivated| Some(ResourceCounts::default().with(ResourceState::Deactivated, deactivated));
        for (resources, items, storage_bytes, expected) in [
            (counts(0), None, None, WorkloadState::Empty),
            (counts(0), Some(0), Some(0), WorkloadState::Empty),
            (counts(0), None, Some(1), WorkloadState::Stopped),
            (counts(0), Some(1), None, WorkloadState::Stopped),
            (counts(0), Some(1), Some(0), WorkloadState::Stopped),
            (counts(12), Some(0), Some(0), WorkloadState::Stopped),
            // Bytes alone say nothing of what is active.
            (None, Some(1), Some(1), WorkloadState::Unknown),
        ] {
            let summary = WorkloadSummary { resources, items, storage_bytes, ..NOTHING };
            assert_eq!(summary.state(), expected, "{summary:?}");
        }
    }

    #[test]
    fn states_are_ordered_by_severity_and_a_known_fault_outranks_what_is_unknown() {
        assert!(WorkloadState::ALL.is_sorted());
        let words = WorkloadState::ALL.map(WorkloadState::as_str);
        let severity = ["failing", "never", "stopped", "late", "unknown", "ok", "empty", "paused", "not_licensed"];
        assert_eq!(words, severity);
    }
}
