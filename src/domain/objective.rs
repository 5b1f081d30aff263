//! Decides how old a backup may be: the recovery point objective (RPO) of a workload.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Compact, Workload};

/// The objectives of every tenant, as configured.
///
/// The most specific one holds: the tenant's workload, the tenant's default,
/// the workload, the overall default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objectives {
    /// Holds where nothing more specific is given.
    pub default: Duration,
    /// Objectives that hold for one workload of every tenant.
    pub workloads: BTreeMap<Workload, Duration>,
    /// Objectives of single tenants; the key is the tenant's id or its name.
    pub tenants: BTreeMap<String, TenantObjectives>,
}

/// What one tenant's objectives are where they differ from everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantObjectives {
    /// Holds for each workload of this tenant without an objective of its own.
    pub default: Option<Duration>,
    /// Objectives for single workloads of this tenant.
    pub workloads: BTreeMap<Workload, Duration>,
}

/// The objectives of one tenant, with nothing left to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rpo {
    default: Duration,
    workloads: Compact<Workload, Duration>,
}

impl Rpo {
    /// How old a backup of this workload may be.
    #[must_use]
    pub fn of(&self, workload: Workload) -> Duration {
        self.workloads.get(&workload).copied().unwrap_or(self.default)
    }
}

impl Default for Rpo {
    /// The objectives of a tenant for which nothing is configured.
    fn default() -> Self {
        Objectives::default().of_tenant("", "")
    }
}

impl Default for Objectives {
    fn default() -> Self {
        Self { default: Duration::from_secs(24 * 60 * 60), workloads: BTreeMap::new(), tenants: BTreeMap::new() }
    }
}

impl Objectives {
    /// The objectives of the tenant with this id and name; where both are configured the id's hold.
    #[must_use]
    pub fn of_tenant(&self, id: &str, name: &str) -> Rpo {
        let tenant = self.tenants.get(id).or_else(|| self.tenants.get(name));
        let Some(TenantObjectives { default, workloads }) = tenant else {
            return Rpo { default: self.default, workloads: durations(&self.workloads).collect() };
        };
        // A tenant's own default outranks what holds for one workload of everybody.
        let common = durations(&self.workloads).filter(|_| default.is_none());
        let workloads = common.chain(durations(workloads)).collect();
        Rpo { default: default.unwrap_or(self.default), workloads }
    }
}

fn durations(objectives: &BTreeMap<Workload, Duration>) -> impl Iterator<Item = (Workload, Duration)> {
    objectives.iter().map(|(workload, objective)| (*workload, *objective))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn the_most_specific_objective_holds() {
        let objectives = Objectives {
            default: 24 * HOUR,
            workloads: [(Workload::Mail, 12 * HOUR)].into(),
            tenants: [
                (
                    "440032-6".to_owned(),
                    TenantObjectives { default: Some(48 * HOUR), workloads: [(Workload::Onedrive, 168 * HOUR)].into() },
                ),
                (
                    "only onedrive".to_owned(),
                    TenantObjectives { default: None, workloads: [(Workload::Onedrive, 168 * HOUR)].into() },
                ),
            ]
            .into(),
        };
        for (id, name, workload, hours) in [
            ("1", "only onedrive", Workload::Onedrive, 168),
            ("1", "only onedrive", Workload::Mail, 12),
            ("1", "only onedrive", Workload::Tasks, 24),
            ("1", "acme", Workload::Tasks, 24),
            ("1", "acme", Workload::Mail, 12),
            ("440032-6", "acme", Workload::Onedrive, 168),
            ("440032-6", "acme", Workload::Mail, 48),
            ("1", "440032-6", Workload::Tasks, 48),
        ] {
            assert_eq!(objectives.of_tenant(id, name).of(workload), hours * HOUR, "{id} {name} {workload:?}");
        }
    }
}
