//! Holds the operator's settings for the exposition: families, series limits, and the expected tenants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{FAMILIES, Family, OperatorList};
use crate::domain::expected::{Expectations, List};
use crate::domain::restore::{RestoreObjectives, RestoreTests, TestsOfTenant};
use crate::domain::roster::Roster;
use crate::instrumentation::OWN_FAMILIES;

/// The names of all families as scraped, in the order of the reference.
pub fn family_names() -> impl Iterator<Item = &'static str> {
    let own = OWN_FAMILIES.iter().map(|(descriptor, _)| descriptor.name);
    FAMILIES.iter().map(|family| family.descriptor.name).chain(own)
}

/// The names of all labels that a family of the catalogue has, some of them several times.
pub(crate) fn label_names() -> impl Iterator<Item = &'static str> {
    let own = OWN_FAMILIES.iter().flat_map(|(_, labels)| labels.iter().copied());
    FAMILIES.iter().flat_map(Family::labels).chain(own)
}

/// What is exported; by default everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    families: BTreeSet<&'static str>,
    series_limits: BTreeMap<String, u64>,
    expected: Option<Arc<List>>,
    restore_tests: Option<Arc<RestoreTests>>,
    restore_objectives: Arc<RestoreObjectives>,
}

impl Default for Exposed {
    fn default() -> Self {
        Self {
            families: family_names().collect(),
            series_limits: BTreeMap::new(),
            expected: None,
            restore_tests: None,
            restore_objectives: Arc::default(),
        }
    }
}

impl Exposed {
    /// The same without the families for which `hides` returns true.
    #[must_use]
    pub fn without(mut self, hides: impl Fn(&str) -> bool) -> Self {
        self.families.retain(|name| !hides(name));
        self
    }

    /// The same with a limit for the tenants' series of this source.
    #[must_use]
    pub fn with_series_limit(mut self, source: &str, limit: u64) -> Self {
        self.series_limits.insert(source.to_owned(), limit);
        self
    }

    /// The same with a list of expected tenants; `None` means that there is none.
    #[must_use]
    pub fn with_expected(self, list: Option<List>) -> Self {
        Self { expected: list.map(Arc::new), ..self }
    }

    /// Every family of every tenant, beside the same list of expected tenants.
    #[must_use]
    pub fn unlimited(&self) -> Self {
        Self { expected: self.expected.clone(), ..Self::default() }
    }

    /// The expected tenants of the source with this name; `None` if there is no list.
    #[must_use]
    pub fn expected(&self, source: &str) -> Option<&Arc<Expectations>> {
        self.expected.as_ref()?.of(source)
    }

    /// The number of seats that are paid for at the source with this name; `None` if there is no such list, or it does
    /// not say.
    #[must_use]
    pub fn commitment(&self, source: &str) -> Option<u64> {
        self.expected.as_ref()?.commitment(source)
    }

    /// The same with these restore tests; `None` means that there is no such list.
    #[must_use]
    pub fn with_restore_tests(self, tests: Option<RestoreTests>) -> Self {
        Self { restore_tests: tests.map(Arc::new), ..self }
    }

    /// The same with these objectives of restore tests.
    #[must_use]
    pub fn with_restore_objectives(self, objectives: RestoreObjectives) -> Self {
        Self { restore_objectives: Arc::new(objectives), ..self }
    }

    /// The restore tests of the source with this name, which may have none; `None` if there is no list.
    #[must_use]
    pub fn restore_tests(&self, source: &str) -> Option<Arc<Roster<TestsOfTenant>>> {
        self.restore_tests.as_ref().map(|list| list.of(source).cloned().unwrap_or_default())
    }

    /// How often tenants should have a successful restore test.
    #[must_use]
    pub const fn restore_objectives(&self) -> &Arc<RestoreObjectives> {
        &self.restore_objectives
    }

    /// Whether the families of this list can have samples of the source with this name.
    #[must_use]
    pub fn has(&self, list: OperatorList, source: &str) -> bool {
        match list {
            OperatorList::Expected => self.expected(source).is_some(),
            OperatorList::Commitments => self.commitment(source).is_some(),
            OperatorList::TenantLabels => {
                self.expected(source).is_some_and(|list| list.all().iter().any(|one| !one.labels.is_empty()))
            }
            OperatorList::RestoreTests => self.restore_tests.is_some(),
        }
    }

    /// Whether the family with this name is exported.
    #[must_use]
    pub fn shows(&self, family: &str) -> bool {
        self.families.contains(family)
    }

    /// The names of the exported families.
    #[must_use]
    pub const fn families(&self) -> &BTreeSet<&'static str> {
        &self.families
    }

    /// The maximum number of series of all tenants of a source; `None` means no limit.
    #[must_use]
    pub fn series_limit(&self, source: &str) -> Option<u64> {
        self.series_limits.get(source).copied()
    }
}
