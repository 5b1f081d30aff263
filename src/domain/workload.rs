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

/// The state of a workload: exactly one holds, the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkloadState {
    /// Never seen, withdrawn as too old, or not readable well enough to call it fine.
    Unknown,
    /// The vendor says that the product is not licensed.
    NotLicensed,
    /// The tenant is suspended or deactivated, so nothing is backed up.
    Paused,
    /// Licensed, and nothing is active.
    Empty,
    /// Something active was never backed up.
    Never,
    /// Something active reports an error.
    Failing,
    /// Something active is older than its objective.
    Late,
    /// Everything active is backed up within its objective.
    Ok,
}

impl WorkloadState {
    /// Every state, worst first.
    pub const ALL: [Self; 8] =
        [Self::Unknown, Self::NotLicensed, Self::Paused, Self::Empty, Self::Never, Self::Failing, Self::Late, Self::Ok];

    /// The word used as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotLicensed => "not_licensed",
            Self::Paused => "paused",
            Self::Empty => "empty",
            Self::Never => "never",
            Self::Failing => "failing",
            Self::Late => "late",
            Self::Ok => "ok",
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
        if resources.active() == 0 {
            WorkloadState::Empty
        } else if some(ResourceState::Never) {
            WorkloadState::Never
        } else if some(ResourceState::Failing) {
            WorkloadState::Failing
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

    #[test]
    fn the_worst_state_of_any_resource_is_the_workloads() {
        use ResourceState as R;
        for (states, expected) in [
            (&[][..], WorkloadState::Empty),
            (&[R::Deactivated], WorkloadState::Empty),
            (&[R::Ok, R::Deactivated], WorkloadState::Ok),
            (&[R::Ok, R::Late], WorkloadState::Late),
            (&[R::Ok, R::Late, R::Failing], WorkloadState::Failing),
            (&[R::Failing, R::Never], WorkloadState::Never),
            (&[R::Ok, R::Unknown], WorkloadState::Unknown),
            (&[R::Failing, R::Unknown], WorkloadState::Failing),
        ] {
            let mut resources = ResourceCounts::default();
            states.iter().for_each(|state| resources.add(*state));
            let summary = WorkloadSummary {
                resources: Some(resources),
                newest_backup: None,
                protected_until: None,
                items: None,
                storage_bytes: None,
                statuses: StatusCounts::default(),
                datto: None,
            };
            assert_eq!(summary.state(), expected, "{states:?}");
        }
    }
}
