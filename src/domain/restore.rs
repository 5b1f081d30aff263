//! Holds the operator's restore tests, and how often a tenant should have one.
//!
//! A vendor that reports a backup does not prove that it can be restored. `config` reads the tests from the operator's
//! file.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::roster::{Entry, Key, Match, Matches, Place, Presence, Roster, Rosters};
use super::{SourceState, TenantState, Timestamp, Workload};

/// How often a tenant should have a successful restore test, unless configured.
const DEFAULT_OBJECTIVE: Duration = Duration::from_secs(90 * 86_400);

/// The result of a restore test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RestoreResult {
    /// What was restored was complete and usable.
    Ok,
    /// It was not.
    Failed,
}

/// The restore tests of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestsOfTenant {
    /// The position of its first test.
    pub place: Place,
    /// The tenant it refers to.
    pub key: Key,
    /// The number of tests in the file.
    pub tests: u64,
    /// The time of the last test with each result.
    pub last: BTreeMap<(Workload, RestoreResult), Timestamp>,
    /// Whether this shard counts them.
    pub is_own: bool,
}

impl Entry for TestsOfTenant {
    fn place(&self) -> Place {
        self.place
    }

    fn key(&self) -> &Key {
        &self.key
    }

    fn is_own(&self) -> bool {
        self.is_own
    }

    fn set_own(&mut self, is_own: bool) {
        self.is_own = is_own;
    }
}

/// The restore tests of all sources.
pub type RestoreTests = Rosters<TestsOfTenant>;

/// The restore tests of one source, matched with the published state.
#[derive(Clone, Debug)]
pub struct MatchedTests {
    matches: Matches<TestsOfTenant>,
    objectives: Arc<RestoreObjectives>,
}

impl MatchedTests {
    /// Matches the restore tests of a source with its state.
    #[must_use]
    pub fn new(state: &SourceState, tests: &Arc<Roster<TestsOfTenant>>, objectives: &Arc<RestoreObjectives>) -> Self {
        Self { matches: Matches::new(state, tests), objectives: Arc::clone(objectives) }
    }

    /// The number of this shard's tests by the presence of their tenant.
    #[must_use]
    pub fn count(&self, presence: Presence) -> u64 {
        self.matches.own(presence).map(|entry| entry.tests).sum()
    }

    /// The last tests of a tenant with each result; none where it is not certain which ones are its own.
    #[must_use]
    pub fn last(&self, tenant: &TenantState) -> Option<&BTreeMap<(Workload, RestoreResult), Timestamp>> {
        match self.matches.of(tenant) {
            Match::One(entry) => Some(&entry.last),
            Match::Two | Match::Undecided | Match::None => None,
        }
    }

    /// The maximum time since the last successful test of a tenant; `None` if none is wanted.
    #[must_use]
    pub fn objective(&self, state: &SourceState, tenant: &TenantState) -> Option<Duration> {
        self.objectives.of(&state.identity.name, tenant.tenant.id.as_str(), tenant.display_name())
    }
}

/// How often tenants should have a successful restore test; `None` means that none is wanted.
///
/// The most specific one applies: the tenant, the source, the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreObjectives {
    /// Applies if nothing more specific is configured.
    pub default: Option<Duration>,
    /// Objectives of all tenants of a source.
    pub sources: BTreeMap<String, Option<Duration>>,
    /// Objectives of single tenants, by id or name.
    pub tenants: BTreeMap<String, Option<Duration>>,
}

impl Default for RestoreObjectives {
    fn default() -> Self {
        Self { default: Some(DEFAULT_OBJECTIVE), sources: BTreeMap::new(), tenants: BTreeMap::new() }
    }
}

impl RestoreObjectives {
    /// The objective of the tenant with this id and name; the id takes precedence.
    #[must_use]
    pub fn of(&self, source: &str, id: &str, name: &str) -> Option<Duration> {
        let tenant = self.tenants.get(id).or_else(|| self.tenants.get(name));
        *tenant.or_else(|| self.sources.get(source)).unwrap_or(&self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Event, Listing, Objectives, Outcome, Policy, Provider, SourceIdentity, Tenant, Uncollected};

    const NOON: Timestamp = Timestamp::from_millis(1_763_726_400_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn source() -> SourceState {
        let policy = Policy { stale_after: DAY, workloads: vec![Workload::Mail], objectives: Objectives::default() };
        SourceState::new(SourceIdentity { provider: Provider::Datto, name: "datto".into() }, Arc::new(policy))
    }

    /// A source that lists these tenants, and one more that is not collected.
    fn listed(tenants: &[(&str, &str)]) -> SourceState {
        let tenant = |(id, name): &(&str, &str)| {
            Arc::new(Tenant { id: (*id).into(), name: Some((*name).to_owned()), ..Tenant::default() })
        };
        let excluded = Uncollected { id: "9".into(), name: Some("Excluded".to_owned()) };
        let listing = Listing {
            tenants: tenants.iter().map(tenant).collect(),
            excluded: 1,
            uncollected: vec![excluded],
            ..Listing::default()
        };
        source().advance(Event::Listed(Ok(listing)), NOON)
    }

    fn tests(entries: &[(Key, u64)]) -> Arc<Roster<TestsOfTenant>> {
        let entry = |(index, (key, tests)): (usize, &(Key, u64))| TestsOfTenant {
            place: Place::Item(index),
            key: key.clone(),
            tests: *tests,
            last: BTreeMap::from([(
                (Workload::Mail, RestoreResult::Ok),
                NOON.before(DAY * u32::try_from(index).unwrap()),
            )]),
            is_own: true,
        };
        let list = RestoreTests::new(entries.iter().enumerate().map(|each| ("datto".into(), entry(each))));
        Arc::clone(list.of("datto").unwrap())
    }

    fn id(id: &str) -> Key {
        Key::Id(id.into())
    }

    fn name(name: &str) -> Key {
        Key::Name(name.to_owned())
    }

    /// The ages in days of the last successful mail tests of each tenant, and the number of tests by presence.
    fn found(state: &SourceState, entries: &[(Key, u64)]) -> (Vec<Option<u64>>, [u64; 4]) {
        let matched = MatchedTests::new(state, &tests(entries), &Arc::default());
        let age = |tenant: &Arc<TenantState>| {
            let at = *matched.last(tenant)?.get(&(Workload::Mail, RestoreResult::Ok))?;
            Some(NOON.since(at).as_secs() / 86_400)
        };
        let counts = [Presence::Present, Presence::Missing, Presence::Ambiguous, Presence::Unknown];
        (state.tenants.values().map(age).collect(), counts.map(|presence| matched.count(presence)))
    }

    #[test]
    fn tests_belong_to_the_only_tenant_that_they_can_mean() {
        let state = listed(&[("1", "Acme"), ("2", "Twin"), ("3", "Twin"), ("4", "Harbor")]);
        let none = None;
        for (entries, ages, counts) in [
            (vec![(id("1"), 3), (name("Harbor"), 2)], vec![Some(0), none, none, Some(1)], [5, 0, 0, 0]),
            (vec![(name("Twin"), 2), (id("3"), 1)], vec![none, none, none, none], [0, 0, 3, 0]),
            (vec![(name("Twin"), 2), (id("1"), 1)], vec![Some(1), none, none, none], [1, 0, 2, 0]),
            (vec![(id("5"), 2), (name("acme"), 1)], vec![none; 4], [0, 3, 0, 0]),
            (vec![(name("Excluded"), 1), (id("9"), 1)], vec![none; 4], [0, 0, 2, 0]),
            (vec![(name("Excluded"), 4)], vec![none; 4], [4, 0, 0, 0]),
            (vec![(id("1"), 1), (name("Acme"), 1)], vec![none; 4], [0, 0, 2, 0]),
        ] {
            assert_eq!(found(&state, &entries), (ages, counts), "{entries:?}");
        }
    }

    #[test]
    fn who_is_not_in_a_listing_that_failed_or_was_never_made_is_unknown() {
        let entries = [(id("1"), 1), (id("5"), 2), (name("Acme"), 4)];
        assert_eq!(found(&source(), &entries), (vec![], [0, 0, 0, 7]));
        let failed = listed(&[("1", "Harbor")]).advance(Event::Listed(Err(Outcome::Timeout)), NOON);
        assert_eq!(found(&failed, &entries), (vec![Some(0)], [1, 0, 0, 6]));
    }

    #[test]
    fn the_most_specific_objective_holds_and_may_be_none() {
        let objectives = RestoreObjectives {
            sources: [("datto".to_owned(), None), ("us".to_owned(), Some(30 * DAY))].into(),
            tenants: [("1".to_owned(), Some(7 * DAY)), ("Acme".to_owned(), None)].into(),
            ..RestoreObjectives::default()
        };
        for (source, id, name, days) in [
            ("uk", "2", "Harbor", Some(90)),
            ("datto", "2", "Harbor", None),
            ("us", "2", "Harbor", Some(30)),
            ("us", "2", "Acme", None),
            ("datto", "1", "Acme", Some(7)),
        ] {
            assert_eq!(objectives.of(source, id, name), days.map(|days| days * DAY), "{source} {id} {name}");
        }
    }
}
