//! Defines the objectives of tenants: the maximum age of a backup (RPO) of each workload, and the share of protected
//! accounts.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Compact, Provider, Workload};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// The default for workloads that the vendor backs up several times a day.
const DEFAULT: Duration = HOUR.saturating_mul(24);
/// The default for workloads that the vendor backs up once a day: with 24 h they would be late by minutes every day.
const DEFAULT_OF_DAILY: Duration = HOUR.saturating_mul(36);
/// The workloads that Dropsuite backs up once a day (its help, "How often are backups made"; mail is backed up 12 times
/// a day, sites, teams and shared drives 3 times).
const DAILY_AT_DROPSUITE: &[Workload] =
    &[Workload::Calendar, Workload::Contacts, Workload::Tasks, Workload::Onedrive, Workload::GoogleDrive];

/// A ratio from 0 to 1, in millionths: exact, so that two configurations can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(u32);

impl Ratio {
    const MILLIONTHS: f64 = 1e6;

    /// The ratio, rounded to a millionth; `None` if it is not from 0 to 1.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to a million")]
    pub fn new(ratio: f64) -> Option<Self> {
        (0.0..=1.0).contains(&ratio).then(|| Self((ratio * Self::MILLIONTHS).round() as u32))
    }

    /// The ratio as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from(self.0) / Self::MILLIONTHS
    }
}

/// The minimum share of the protectable accounts that should be protected; `None` where there is no objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageObjectives {
    /// Applies to tenants without their own objective.
    pub default: Option<Ratio>,
    /// Objectives of single tenants, by id or name.
    pub tenants: BTreeMap<String, Option<Ratio>>,
}

impl CoverageObjectives {
    /// The objective of the tenant with this id and name; the id takes precedence.
    #[must_use]
    pub fn of_tenant(&self, id: &str, name: &str) -> Option<Ratio> {
        *self.tenants.get(id).or_else(|| self.tenants.get(name)).unwrap_or(&self.default)
    }
}

impl Default for CoverageObjectives {
    /// Four fifths, where the vendor's own portal turns green.
    fn default() -> Self {
        Self { default: Some(Ratio(800_000)), tenants: BTreeMap::new() }
    }
}

/// The configured objectives of all tenants.
///
/// The most specific one applies: the tenant's workload, the tenant's default, the workload, the overall default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objectives {
    /// Applies if nothing more specific is configured; `None`: the built-in default, which follows the vendor's
    /// schedule.
    pub default: Option<Duration>,
    /// Objectives of one workload of every tenant.
    pub workloads: BTreeMap<Workload, Duration>,
    /// Objectives of single tenants, by id or name.
    pub tenants: BTreeMap<String, TenantObjectives>,
    /// The share of accounts that should be protected.
    pub coverage: CoverageObjectives,
    /// The workloads that the vendor backs up once a day.
    pub daily: &'static [Workload],
}

/// The objectives of one tenant that differ from the general ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantObjectives {
    /// Applies to every workload of this tenant without its own objective.
    pub default: Option<Duration>,
    /// Objectives of single workloads of this tenant.
    pub workloads: BTreeMap<Workload, Duration>,
}

/// The resolved objectives of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rpo {
    default: Duration,
    workloads: Compact<Workload, Duration>,
}

impl Rpo {
    /// The maximum age of a backup of this workload.
    #[must_use]
    pub fn of(&self, workload: Workload) -> Duration {
        self.workloads.get(&workload).copied().unwrap_or(self.default)
    }
}

impl Default for Rpo {
    /// The objectives of a tenant without configuration.
    fn default() -> Self {
        Objectives::default().of_tenant("", "")
    }
}

impl Objectives {
    /// The same, with the defaults of this vendor.
    #[must_use]
    pub const fn of_vendor(mut self, vendor: Provider) -> Self {
        self.daily = match vendor {
            Provider::Dropsuite => DAILY_AT_DROPSUITE,
            Provider::Datto => &[],
        };
        self
    }

    /// The shortest objective of any tenant for this workload.
    #[must_use]
    pub fn shortest(&self, workload: Workload) -> Duration {
        let own = self.tenants.keys().map(|key| self.of_tenant(key, key).of(workload));
        own.fold(self.of_tenant("", "").of(workload), Duration::min)
    }

    /// The objectives of the tenant with this id and name; the id takes precedence.
    #[must_use]
    pub fn of_tenant(&self, id: &str, name: &str) -> Rpo {
        let tenant = self.tenants.get(id).or_else(|| self.tenants.get(name));
        let built_in = self.daily.iter().filter(|_| self.default.is_none()).map(|daily| (*daily, DEFAULT_OF_DAILY));
        let common = built_in.chain(durations(&self.workloads));
        let overall = self.default.unwrap_or(DEFAULT);
        let Some(TenantObjectives { default, workloads }) = tenant else {
            return Rpo { default: overall, workloads: common.collect() };
        };
        // A tenant's own default outranks the general objective of a workload.
        let workloads = common.filter(|_| default.is_none()).chain(durations(workloads)).collect();
        Rpo { default: default.unwrap_or(overall), workloads }
    }
}

fn durations(objectives: &BTreeMap<Workload, Duration>) -> impl Iterator<Item = (Workload, Duration)> {
    objectives.iter().map(|(workload, objective)| (*workload, *objective))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coverage_objective_of_a_tenant_is_found_by_id_before_its_name() {
        let ratio = |ratio| Ratio::new(ratio);
        let tenants = [("1".to_owned(), ratio(0.95)), ("Acme".to_owned(), ratio(0.5)), ("2".to_owned(), None)].into();
        let objectives = CoverageObjectives { tenants, ..CoverageObjectives::default() };
        for (id, name, expected) in
            [("1", "Acme", Some(0.95)), ("3", "Acme", Some(0.5)), ("2", "Acme", None), ("3", "other", Some(0.8))]
        {
            assert_eq!(objectives.of_tenant(id, name).map(Ratio::get), expected, "{id} {name}");
        }
        assert_eq!([-0.1, 1.1, f64::NAN].map(Ratio::new), [None; 3]);
        assert_eq!([0.0, 0.85, 1.0].map(|number| Ratio::new(number).unwrap().get()), [0.0, 0.85, 1.0]);
    }

    #[test]
    fn the_most_specific_objective_holds() {
        let objectives = Objectives {
            default: Some(24 * HOUR),
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
            ..Objectives::default()
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

    #[test]
    fn what_is_built_in_follows_the_vendors_rhythm_until_something_is_configured() {
        let of = |objectives: &Objectives, vendor, workload| {
            objectives.clone().of_vendor(vendor).of_tenant("1", "acme").of(workload).as_secs() / 3600
        };
        let nothing = Objectives::default();
        let default = Objectives { default: Some(30 * HOUR), ..Objectives::default() };
        let workload = Objectives { workloads: [(Workload::Tasks, 20 * HOUR)].into(), ..Objectives::default() };
        let own = TenantObjectives { default: Some(48 * HOUR), ..TenantObjectives::default() };
        let tenant = Objectives { tenants: [("acme".to_owned(), own)].into(), ..Objectives::default() };
        for (objectives, vendor, [mail, tasks, onedrive, sharepoint]) in [
            (&nothing, Provider::Dropsuite, [24, 36, 36, 24]),
            (&nothing, Provider::Datto, [24, 24, 24, 24]),
            (&default, Provider::Dropsuite, [30, 30, 30, 30]),
            (&workload, Provider::Dropsuite, [24, 20, 36, 24]),
            (&tenant, Provider::Dropsuite, [48, 48, 48, 48]),
        ] {
            let workloads = [Workload::Mail, Workload::Tasks, Workload::Onedrive, Workload::Sharepoint];
            let found = workloads.map(|workload| of(objectives, vendor, workload));
            assert_eq!(found, [mail, tasks, onedrive, sharepoint], "{objectives:?} {vendor:?}");
        }
    }
}
