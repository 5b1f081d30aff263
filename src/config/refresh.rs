//! Defines the default refresh intervals: as often as the vendor can have something new.

use std::collections::BTreeMap;
use std::time::Duration;

use strum::IntoEnumIterator as _;

use crate::domain::{Objectives, Part, Provider, Workload};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// For parts that change slowly and take many pages.
const SLOW_FACTS: [(Part, Duration); 2] =
    [(Part::Coverage, HOUR.saturating_mul(6)), (Part::Lifecycle, HOUR.saturating_mul(24))];

/// Seats change when people are hired. Datto takes 38 to 60 seconds to list them (public clients), two to three times as
/// long as for everything else of a customer.
const fn seats(vendor: Provider) -> Duration {
    match vendor {
        Provider::Dropsuite => HOUR,
        Provider::Datto => HOUR.saturating_mul(6),
    }
}

/// The workloads that Dropsuite backs up three times a day (its help, "How often are backups made").
const THREE_TIMES_A_DAY_AT_DROPSUITE: [Workload; 3] = [Workload::Sharepoint, Workload::Teams, Workload::SharedDrive];
/// Four times between two backups.
const OF_THREE_TIMES_A_DAY: Duration = HOUR.saturating_mul(2);
/// Four times between two backups.
const OF_DAILY: Duration = HOUR.saturating_mul(6);

/// No default is longer than this share of the shortest objective: after a failed attempt and its retry the value is
/// still younger than half of the objective, where `SaasBackupDataStale` fires.
const SHARE_OF_OBJECTIVE: u32 = 4;

/// The refresh intervals of the parts that do not follow `interval`.
///
/// Mail does: Dropsuite backs it up twelve times a day. So do Datto's workloads, which are in one response.
pub(super) fn default_intervals(vendor: Provider, objectives: &Objectives) -> BTreeMap<Part, Duration> {
    let objectives = objectives.clone().of_vendor(vendor);
    let workload = |workload: Workload| {
        let interval = match vendor {
            Provider::Dropsuite if THREE_TIMES_A_DAY_AT_DROPSUITE.contains(&workload) => OF_THREE_TIMES_A_DAY,
            Provider::Dropsuite if objectives.daily.contains(&workload) => OF_DAILY,
            Provider::Dropsuite | Provider::Datto => return None,
        };
        Some((Part::Workload(workload), interval.min(objectives.shortest(workload) / SHARE_OF_OBJECTIVE)))
    };
    let seats = (Part::Seats, seats(vendor));
    Workload::iter().filter_map(workload).chain([seats]).chain(SLOW_FACTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TenantObjectives;

    fn interval(vendor: Provider, objectives: &Objectives, workload: Workload) -> Option<Duration> {
        default_intervals(vendor, objectives).get(&Part::Workload(workload)).copied()
    }

    #[test]
    fn each_part_is_refreshed_a_few_times_between_two_backups_of_its_vendor() {
        let built_in = Objectives::default();
        for (workload, hours) in [
            (Workload::Mail, None),
            (Workload::Sharepoint, Some(2)),
            (Workload::Teams, Some(2)),
            (Workload::SharedDrive, Some(2)),
            (Workload::Calendar, Some(6)),
            (Workload::Contacts, Some(6)),
            (Workload::Tasks, Some(6)),
            (Workload::Onedrive, Some(6)),
            (Workload::GoogleDrive, Some(6)),
        ] {
            assert_eq!(
                interval(Provider::Dropsuite, &built_in, workload),
                hours.map(|hours| HOUR * hours),
                "{workload:?}"
            );
            assert_eq!(interval(Provider::Datto, &built_in, workload), None, "one answer reports all: {workload:?}");
        }
        for (vendor, hours) in [(Provider::Dropsuite, [1, 6, 24]), (Provider::Datto, [6, 6, 24])] {
            let intervals = default_intervals(vendor, &built_in);
            let facts = [Part::Seats, Part::Coverage, Part::Lifecycle].map(|part| intervals[&part]);
            assert_eq!(facts, hours.map(|hours| HOUR * hours), "{vendor:?}");
        }
    }

    #[test]
    fn no_default_is_longer_than_a_quarter_of_the_shortest_objective_of_any_tenant() {
        let own = |workload, hours| TenantObjectives { workloads: [(workload, HOUR * hours)].into(), default: None };
        let objectives = Objectives {
            workloads: [(Workload::Tasks, 12 * HOUR)].into(),
            tenants: [
                ("440032-6".to_owned(), own(Workload::Onedrive, 4)),
                ("Acme".to_owned(), TenantObjectives { default: Some(20 * HOUR), ..TenantObjectives::default() }),
            ]
            .into(),
            ..Objectives::default()
        };
        for (workload, expected) in [
            (Workload::Onedrive, HOUR),
            (Workload::Tasks, 3 * HOUR),
            (Workload::Calendar, 5 * HOUR),
            (Workload::Teams, 2 * HOUR),
        ] {
            assert_eq!(interval(Provider::Dropsuite, &objectives, workload), Some(expected), "{workload:?}");
        }
        let strict = Objectives { default: Some(4 * HOUR), ..Objectives::default() };
        for workload in [Workload::Teams, Workload::Contacts] {
            assert_eq!(interval(Provider::Dropsuite, &strict, workload), Some(HOUR), "{workload:?}");
        }
    }
}
