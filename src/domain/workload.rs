//! Defines the workloads of a tenant and their states.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{DattoFacts, ResourceCounts, ResourceState, StatusCounts, Timestamp};

/// One protected service of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// An unknown application, by the vendor's name in snake case; not a member of the closed set.
    #[strum(disabled)]
    Other(&'static str),
}

impl Workload {
    /// The word in the configuration and as label value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Other(name) => name,
            known => known.into(),
        }
    }
}

/// The state of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum WorkloadState {
    /// An active resource reports an error.
    Failing,
    /// An active resource was never backed up.
    Never,
    /// Resources exist, or items or bytes are stored, but no resource is active although the tenant is.
    Stopped,
    /// An active resource is older than its objective.
    Late,
    /// Never collected, expired, or not readable well enough to be ok.
    Unknown,
    /// Everything active is backed up within its objective.
    Ok,
    /// Licensed, but without any resources or stored data.
    Empty,
    /// The vendor has stopped the tenant's backups.
    Paused,
    /// The product is not licensed, according to the vendor.
    NotLicensed,
}

impl WorkloadState {
    /// The state of a workload with only such resources; `None` for those that need no backup.
    const fn of_resource(state: ResourceState) -> Option<Self> {
        match state {
            ResourceState::Deactivated => None,
            ResourceState::Failing => Some(Self::Failing),
            ResourceState::Never => Some(Self::Never),
            ResourceState::Unknown => Some(Self::Unknown),
            ResourceState::Late => Some(Self::Late),
            ResourceState::Ok => Some(Self::Ok),
        }
    }

    /// How urgent a state is: the lowest number is the most urgent.
    ///
    /// This is the only order of states: it decides between the resources of a workload, the workloads of a tenant, and
    /// the rows of a table. Known faults precede unknown states: during a vendor outage everything is unknown, and
    /// faults must not be hidden by that.
    #[must_use]
    pub const fn severity(self) -> u8 {
        match self {
            Self::Failing => 0,
            Self::Never => 1,
            Self::Stopped => 2,
            Self::Late => 3,
            Self::Unknown => 4,
            Self::Ok => 5,
            Self::Empty => 6,
            Self::Paused => 7,
            Self::NotLicensed => 8,
        }
    }
}

/// What a vendor reports about one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkloadReport {
    /// The product is not licensed.
    NotLicensed,
    /// The backups.
    Licensed(WorkloadSummary),
}

impl WorkloadReport {
    /// The summary, if the product is licensed.
    #[must_use]
    pub const fn summary(&self) -> Option<&WorkloadSummary> {
        match self {
            Self::NotLicensed => None,
            Self::Licensed(summary) => Some(summary),
        }
    }

    /// The state at the time of collection.
    #[must_use]
    pub fn state(&self) -> WorkloadState {
        self.summary().map_or(WorkloadState::NotLicensed, WorkloadSummary::state)
    }
}

/// The aggregated backups of one workload of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadSummary {
    /// Resources by state; `None` if the vendor reports no counts.
    pub resources: Option<ResourceCounts>,
    /// The newest backup of any active resource; `None` if there is none.
    pub newest_backup: Option<Timestamp>,
    /// All active resources have a backup at least this recent; `None` if one has none.
    pub protected_until: Option<Timestamp>,
    /// Items stored, including deactivated resources; `None` if the vendor does not say.
    pub items: Option<u64>,
    /// Bytes stored, counted like items.
    pub storage_bytes: Option<u64>,
    /// Resources by Dropsuite's status word.
    pub statuses: StatusCounts,
    /// What only Datto reports; boxed, because all other fleets would pay for its size.
    pub datto: Option<Box<DattoFacts>>,
}

impl WorkloadSummary {
    /// The state at the time of collection.
    ///
    /// A known fault outranks an unreadable resource, so that one odd record hides no failure; but only a fully
    /// readable workload is `ok`.
    #[must_use]
    pub fn state(&self) -> WorkloadState {
        let Some(resources) = self.resources else { return WorkloadState::Unknown };
        let present = resources.iter().filter(|(_, count)| *count > 0);
        let states = present.filter_map(|(state, _)| WorkloadState::of_resource(state));
        let holds_something = self.items.max(self.storage_bytes).is_some_and(|amount| amount > 0);
        let inactive = if resources[ResourceState::Deactivated] > 0 || holds_something {
            WorkloadState::Stopped
        } else {
            WorkloadState::Empty
        };
        states.min_by_key(|state| state.severity()).unwrap_or(inactive)
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    fn nothing() -> WorkloadSummary {
        WorkloadSummary {
            resources: None,
            newest_backup: None,
            protected_until: None,
            items: None,
            storage_bytes: None,
            statuses: StatusCounts::default(),
            datto: None,
        }
    }

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
            states.iter().for_each(|state| resources[*state] += 1);
            let summary = WorkloadSummary { resources: Some(resources), ..nothing() };
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
            let summary = WorkloadSummary { resources, items, storage_bytes, ..nothing() };
            assert_eq!(summary.state(), expected, "{summary:?}");
        }
    }

    #[test]
    fn states_are_ordered_by_severity_and_a_known_fault_outranks_what_is_unknown() {
        let severities = WorkloadState::iter().map(WorkloadState::severity);
        assert!(severities.eq(0..WorkloadState::COUNT as u8), "the order of the declaration is that of severity");
        let words: Vec<_> = WorkloadState::iter().map(WorkloadState::as_str).collect();
        let severity = ["failing", "never", "stopped", "late", "unknown", "ok", "empty", "paused", "not_licensed"];
        assert_eq!(words, severity);
    }
}
