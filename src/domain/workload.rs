//! Names the workloads of a tenant and the states a workload and its resources can be in.

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
    /// An application that is not known here, under the vendor's name in snake case; no member of the closed set.
    #[strum(disabled)]
    Other(&'static str),
}

impl Workload {
    /// The word used in the config file and as label value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Other(name) => name,
            known => known.into(),
        }
    }
}

/// The state of a workload: exactly one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// The state of a workload that has only such resources; `None` for those that are not to be backed up.
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

    /// How urgent a state is: the lower the number, the sooner somebody has to hear of it.
    ///
    /// The one order of the states: it decides between the resources of a workload, between the workloads of a tenant,
    /// and between the rows of a table. Known faults precede what is unknown: while a vendor does not answer, all is
    /// unknown, and the faults must not drown in it.
    #[must_use]
    pub const fn severity(self) -> u8 {
        match self {
            Self::Failing => 0,
            Self::Never => 1,
            Self::Late => 2,
            Self::Unknown => 3,
            Self::Ok => 4,
            Self::Empty => 5,
            Self::Paused => 6,
            Self::NotLicensed => 7,
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
        let present = resources.iter().filter(|(_, count)| *count > 0);
        let states = present.filter_map(|(state, _)| WorkloadState::of_resource(state));
        states.min_by_key(|state| state.severity()).unwrap_or(WorkloadState::Empty)
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
            (&[R::Failing, R::Never], WorkloadState::Failing),
            (&[R::Ok, R::Unknown], WorkloadState::Unknown),
            (&[R::Failing, R::Unknown], WorkloadState::Failing),
        ] {
            let mut resources = ResourceCounts::default();
            states.iter().for_each(|state| resources[*state] += 1);
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
