//! Aggregates what a vendor reports about many resources.

use std::time::Duration;

use super::{LastBackup, Resource, ResourceCounts, ResourceState, StatusCounts, Timestamp, WorkloadSummary};

/// The amounts that an endpoint reports for its resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measures {
    /// The number of items.
    pub items: bool,
    /// The storage.
    pub storage: bool,
}

/// Aggregates resources one by one, without keeping a list.
#[derive(Clone, Debug)]
pub struct Tally {
    objective: Duration,
    now: Timestamp,
    resources: ResourceCounts,
    newest_backup: Option<Timestamp>,
    oldest_backup: Option<Timestamp>,
    without_backup: u64,
    items: Option<u64>,
    storage_bytes: Option<u64>,
    statuses: StatusCounts,
}

impl Tally {
    /// Starts without resources, to be measured at `now` against `objective`.
    #[must_use]
    pub fn new(measures: Measures, objective: Duration, now: Timestamp) -> Self {
        Self {
            objective,
            now,
            resources: ResourceCounts::default(),
            newest_backup: None,
            oldest_backup: None,
            without_backup: 0,
            items: measures.items.then_some(0),
            storage_bytes: measures.storage.then_some(0),
            statuses: StatusCounts::default(),
        }
    }

    /// Adds one resource.
    ///
    /// If a resource lacks an amount, the sum is unknown, rather than too small. A resource that was never backed up
    /// stores nothing. The time of an empty one that the vendor backs up weekly is left out: the others would seem that old.
    pub fn add(&mut self, resource: &Resource) {
        let state = resource.state(self.objective, self.now);
        self.resources[state] += 1;
        let is_left_out = state == ResourceState::Deactivated || (resource.is_idle && state == ResourceState::Ok);
        if !is_left_out {
            if let LastBackup::At(at) = resource.last_backup {
                self.newest_backup = self.newest_backup.max(Some(at));
                self.oldest_backup = Some(self.oldest_backup.map_or(at, |oldest| oldest.min(at)));
            } else {
                self.without_backup += 1;
            }
        }
        let held = |amount: Option<u64>| match resource.last_backup {
            LastBackup::Never => Some(amount.unwrap_or(0)),
            LastBackup::At(_) | LastBackup::Unknown => amount,
        };
        self.items = sum(self.items, held(resource.items));
        self.storage_bytes = sum(self.storage_bytes, held(resource.storage_bytes));
        if let Some(status) = resource.status {
            self.statuses[status] += 1;
        }
    }

    /// Whether no resource was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources == ResourceCounts::default()
    }

    /// The summary of all added resources.
    #[must_use]
    pub fn finish(self) -> WorkloadSummary {
        WorkloadSummary {
            resources: Some(self.resources),
            newest_backup: self.newest_backup,
            protected_until: self.oldest_backup.filter(|_| self.without_backup == 0),
            items: self.items,
            storage_bytes: self.storage_bytes,
            statuses: self.statuses,
            datto: None,
        }
    }
}

fn sum(total: Option<u64>, amount: Option<u64>) -> Option<u64> {
    total?.checked_add(amount?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StatusWord;

    const HOUR: Duration = Duration::from_secs(3600);
    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);
    const HEALTHY: Resource = Resource {
        active: Some(true),
        failing: Some(false),
        last_backup: LastBackup::At(NOW),
        items: Some(5),
        storage_bytes: Some(100),
        status: Some(StatusWord::Completed),
        is_idle: false,
    };

    fn hours_ago(hours: i64) -> LastBackup {
        LastBackup::At(Timestamp::from_millis(NOW.as_millis() - hours * 3_600_000))
    }

    fn tally(resources: &[Resource]) -> WorkloadSummary {
        let mut tally = Tally::new(Measures { items: true, storage: true }, 24 * HOUR, NOW);
        for resource in resources {
            tally.add(resource);
        }
        tally.finish()
    }

    #[test]
    fn the_weakest_link_is_absent_while_an_active_resource_has_no_backup() {
        let old = Resource { last_backup: hours_ago(9), ..HEALTHY };
        let summary = tally(&[HEALTHY, old]);
        assert_eq!(summary.newest_backup, Some(NOW));
        assert_eq!(summary.protected_until.map(LastBackup::At), Some(hours_ago(9)));
        for last_backup in [LastBackup::Never, LastBackup::Unknown] {
            let summary = tally(&[HEALTHY, Resource { last_backup, failing: Some(true), ..HEALTHY }]);
            assert_eq!((summary.newest_backup, summary.protected_until), (Some(NOW), None));
        }
    }

    #[test]
    fn a_deactivated_resource_counts_for_what_is_held_but_not_for_freshness() {
        let left = Resource { active: Some(false), last_backup: hours_ago(900), ..HEALTHY };
        let summary = tally(&[HEALTHY, left]);
        assert_eq!((summary.items, summary.storage_bytes), (Some(10), Some(200)));
        assert_eq!(summary.protected_until, Some(NOW));
    }

    #[test]
    fn an_empty_resource_counts_for_freshness_only_once_it_is_late() {
        let idle = |hours| {
            let (items, storage_bytes) = (Some(0), Some(0));
            Resource { is_idle: true, last_backup: hours_ago(hours), items, storage_bytes, ..HEALTHY }
        };
        let times = |resources: &[Resource]| {
            let summary = tally(resources);
            let hours = |at: Option<Timestamp>| at.map(|at| NOW.since(at).as_secs() / 3600);
            (
                summary.resources.map(|counts| counts[ResourceState::Late]),
                hours(summary.newest_backup),
                hours(summary.protected_until),
            )
        };
        let filled = Resource { last_backup: hours_ago(2), ..HEALTHY };
        assert_eq!(times(&[filled, idle(100)]), (Some(0), Some(2), Some(2)));
        assert_eq!(times(&[filled, idle(1)]), (Some(0), Some(2), Some(2)), "it makes nothing look newer either");
        assert_eq!(times(&[idle(100)]), (Some(0), None, None));
        assert_eq!(times(&[filled, idle(200)]), (Some(1), Some(2), Some(200)));
        assert_eq!(times(&[idle(200)]), (Some(1), Some(200), Some(200)));
    }

    #[test]
    fn a_sum_of_which_one_part_is_unknown_is_unknown() {
        let silent = Resource { items: None, storage_bytes: None, ..HEALTHY };
        assert_eq!((tally(&[HEALTHY, silent]).items, tally(&[HEALTHY, silent]).storage_bytes), (None, None));
        let never = Resource { last_backup: LastBackup::Never, ..silent };
        assert_eq!(tally(&[HEALTHY, never]).items, Some(5), "what was never backed up holds nothing");
        assert_eq!(tally(&[]).items, Some(0), "a complete empty list holds nothing");
    }
}
