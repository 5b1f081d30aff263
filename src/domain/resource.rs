//! Determines the state of one mailbox, drive, site or team.

use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{Counts, Timestamp};

/// The shortest objective of what a vendor backs up once a week, with a day of tolerance.
const MIN_OF_WEEKLY: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// The state of one resource: the first one that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ResourceState {
    /// Kept, but no longer backed up.
    Deactivated,
    /// Active, and the vendor reports an error.
    Failing,
    /// Active, but never backed up.
    Never,
    /// Active, but its state is unreadable: neither ok nor zero.
    Unknown,
    /// Active, but the newest backup is older than the objective.
    Late,
    /// Active, and backed up within the objective.
    Ok,
}

/// Number of resources by state.
pub type ResourceCounts = Counts<ResourceState, { ResourceState::COUNT }>;

impl ResourceCounts {
    /// The resources that should be backed up.
    #[must_use]
    pub fn active(&self) -> u64 {
        self.iter().filter(|(state, _)| *state != ResourceState::Deactivated).map(|(_, count)| count).sum()
    }
}

/// When a resource was last backed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastBackup {
    /// At this time.
    At(Timestamp),
    /// Never, according to the vendor.
    Never,
    /// Missing or unreadable.
    Unknown,
}

/// The vendor's word for the backup status of a resource.
///
/// A closed set: the vendor publishes no list, and free text could contain a person's name, so any other word is
/// [`StatusWord::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum StatusWord {
    /// The last run completed.
    Completed,
    /// A run is in progress.
    Running,
    /// The first run is being prepared.
    Preparing,
    /// The last run failed.
    Failed,
    /// An unknown word.
    Other,
    /// The last run completed without some of its items.
    PartiallyCompleted,
    /// A run failed and is being retried.
    Retrying,
    /// The service cannot reach the resource.
    ConnectionError,
    /// The service is not allowed to read the resource.
    AuthenticationError,
    /// The resource is kept, but no longer backed up.
    Deactivated,
    /// The storage is full.
    SpaceFull,
}

impl StatusWord {
    /// Whether the word occurs in a sample of the vendor's document, or is [`StatusWord::Other`]; the other words occur
    /// only on its help pages.
    #[must_use]
    pub const fn is_documented(self) -> bool {
        matches!(self, Self::Completed | Self::Running | Self::Preparing | Self::Failed | Self::Other)
    }
}

/// Number of resources by status word; those without one are not counted.
///
/// Records are counted one by one, so 32 bits suffice, and there is one of these per workload.
pub type StatusCounts = Counts<StatusWord, { StatusWord::COUNT }, u32>;

impl StatusCounts {
    /// The number of resources with this word; `None` if no resource has any word.
    ///
    /// Words that only occur on the help pages are rare, so their zeros are `None`: otherwise every workload would have
    /// six more series of zero.
    #[must_use]
    pub fn given(&self, status: StatusWord) -> Option<u32> {
        let count = self.get(status);
        (*self != Self::default() && (count > 0 || status.is_documented())).then_some(count)
    }
}

/// What the vendor reports about one resource; `None` if missing.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// Whether it should be backed up.
    pub active: Option<bool>,
    /// Whether the vendor reports an error.
    pub failing: Option<bool>,
    /// When it was last backed up.
    pub last_backup: LastBackup,
    /// Items stored.
    pub items: Option<u64>,
    /// Bytes stored.
    pub storage_bytes: Option<u64>,
    /// The vendor's word for its backup status.
    pub status: Option<StatusWord>,
    /// Whether it is known to be empty, and of a kind that the vendor checks only once a week while it is.
    pub is_idle: bool,
}

impl Resource {
    /// A resource that exists, but is otherwise unreadable.
    pub const UNREADABLE: Self = Self {
        active: None,
        failing: None,
        last_backup: LastBackup::Unknown,
        items: None,
        storage_bytes: None,
        status: None,
        is_idle: false,
    };

    /// The state at `now`, compared with `objective`, or with a week if the vendor backs up no more often.
    #[must_use]
    pub fn state(&self, objective: Duration, now: Timestamp) -> ResourceState {
        let objective = if self.is_idle { objective.max(MIN_OF_WEEKLY) } else { objective };
        match (self.active, self.failing, self.last_backup) {
            (Some(false), _, _) => ResourceState::Deactivated,
            // An error is conclusive even if it is unknown whether the resource is active.
            (_, Some(true), _) => ResourceState::Failing,
            (None, _, _) => ResourceState::Unknown,
            (_, _, LastBackup::Never) => ResourceState::Never,
            (_, None, _) | (_, _, LastBackup::Unknown) => ResourceState::Unknown,
            (_, _, LastBackup::At(at)) if now.since(at) > objective => ResourceState::Late,
            (_, _, LastBackup::At(_)) => ResourceState::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);
    const HEALTHY: Resource =
        Resource { active: Some(true), failing: Some(false), last_backup: LastBackup::At(NOW), ..Resource::UNREADABLE };

    fn hours_ago(hours: i64) -> LastBackup {
        LastBackup::At(Timestamp::from_millis(NOW.as_millis() - hours * 3_600_000))
    }

    #[test]
    fn what_the_vendor_checks_once_a_week_is_late_after_more_than_a_week() {
        let idle = Resource { is_idle: true, ..HEALTHY };
        let days_ago = |days: i64| hours_ago(24 * days);
        for (resource, objective, expected) in [
            (Resource { last_backup: days_ago(8), ..idle }, 24, ResourceState::Ok),
            (Resource { last_backup: hours_ago(8 * 24 + 1), ..idle }, 24, ResourceState::Late),
            (Resource { last_backup: days_ago(9), ..idle }, 24 * 10, ResourceState::Ok),
            (Resource { last_backup: days_ago(2), ..HEALTHY }, 24, ResourceState::Late),
            (Resource { failing: Some(true), ..idle }, 24, ResourceState::Failing),
            (Resource { last_backup: LastBackup::Never, ..idle }, 24, ResourceState::Never),
            (Resource { last_backup: LastBackup::Unknown, ..idle }, 24, ResourceState::Unknown),
        ] {
            assert_eq!(resource.state(objective * HOUR, NOW), expected, "{resource:?} {objective}");
        }
    }

    #[test]
    fn a_resource_is_in_the_first_state_that_holds() {
        let state = |resource: Resource| resource.state(24 * HOUR, NOW);
        for (resource, expected) in [
            (HEALTHY, ResourceState::Ok),
            (Resource { last_backup: hours_ago(24), ..HEALTHY }, ResourceState::Ok),
            (Resource { last_backup: hours_ago(25), ..HEALTHY }, ResourceState::Late),
            (Resource { last_backup: LastBackup::Never, ..HEALTHY }, ResourceState::Never),
            (Resource { last_backup: LastBackup::Unknown, ..HEALTHY }, ResourceState::Unknown),
            (Resource { failing: None, ..HEALTHY }, ResourceState::Unknown),
            (Resource { failing: Some(true), ..HEALTHY }, ResourceState::Failing),
            (Resource { failing: Some(true), last_backup: LastBackup::Never, ..HEALTHY }, ResourceState::Failing),
            (Resource { active: Some(false), failing: Some(true), ..HEALTHY }, ResourceState::Deactivated),
            (Resource { active: None, ..HEALTHY }, ResourceState::Unknown),
            (Resource::UNREADABLE, ResourceState::Unknown),
        ] {
            assert_eq!(state(resource), expected, "{resource:?}");
        }
    }
}
