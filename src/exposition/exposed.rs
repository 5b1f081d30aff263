//! Holds what the operator decided about the exposition: which families it has, how many series a source may have, and
//! what it is compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::FAMILIES;
use crate::domain::expected::{Expectations, List};
use crate::instrumentation::OWN_FAMILIES;

/// The name of every family, as it is scraped, in the order of the reference.
pub fn family_names() -> impl Iterator<Item = &'static str> {
    let own = OWN_FAMILIES.iter().map(|(descriptor, _)| descriptor.name);
    FAMILIES.iter().map(|family| family.descriptor.name).chain(own)
}

/// What may be shown; by default everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    families: BTreeSet<&'static str>,
    series_limits: BTreeMap<String, u64>,
    expected: Option<Arc<List>>,
}

impl Default for Exposed {
    fn default() -> Self {
        Self { families: family_names().collect(), series_limits: BTreeMap::new(), expected: None }
    }
}

impl Exposed {
    /// The same without the families of which `hides` is true.
    #[must_use]
    pub fn without(mut self, hides: impl Fn(&str) -> bool) -> Self {
        self.families.retain(|name| !hides(name));
        self
    }

    /// The same with a ceiling for the series of the tenants of the source of this name.
    #[must_use]
    pub fn with_series_limit(mut self, source: &str, limit: u64) -> Self {
        self.series_limits.insert(source.to_owned(), limit);
        self
    }

    /// The same beside what was sold; `None` means that nobody says.
    #[must_use]
    pub fn with_expected(self, list: Option<List>) -> Self {
        Self { expected: list.map(Arc::new), ..self }
    }

    /// What was sold from the source of this name; `None` where nobody says.
    #[must_use]
    pub fn expected(&self, source: &str) -> Option<&Arc<Expectations>> {
        self.expected.as_ref()?.of(source)
    }

    /// Whether the family of this name is shown.
    #[must_use]
    pub fn shows(&self, family: &str) -> bool {
        self.families.contains(family)
    }

    /// The families that are shown, by name.
    #[must_use]
    pub const fn families(&self) -> &BTreeSet<&'static str> {
        &self.families
    }

    /// The most series that all tenants of a source may have together; `None` means that nobody set a limit.
    #[must_use]
    pub fn series_limit(&self, source: &str) -> Option<u64> {
        self.series_limits.get(source).copied()
    }
}
