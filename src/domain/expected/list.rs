//! Holds the tenants expected from billing, identified by id or name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::domain::shard::Shard;
use crate::domain::{TenantId, TenantState, Uncollected, Workload};

/// The position of an expectation in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The line number, starting at 1.
    Line(u64),
    /// The index in a list, starting at 0.
    Item(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(formatter, "line {line}"),
            Self::Item(index) => write!(formatter, "[{index}]"),
        }
    }
}

/// How a tenant is identified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// By the vendor's stable id.
    Id(TenantId),
    /// By its exact display name.
    Name(String),
}

/// An expected tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Its first position.
    pub place: Place,
    /// The tenant it refers to.
    pub key: Key,
    /// The name in the file; `None` if it contains only an id.
    pub name: Option<String>,
    /// The expected workloads; empty if the file does not say.
    pub workloads: BTreeSet<Workload>,
    /// The expected seats; `None` if the file does not say.
    pub seats: Option<u64>,
    /// Whether this shard reports on the presence of the tenant.
    pub is_own: bool,
}

impl Expectation {
    /// The tenant's id in the file; empty if it contains only a name.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        match &self.key {
            Key::Id(id) => id.as_str(),
            Key::Name(_) => "",
        }
    }

    /// The tenant's name in the file, or the id if there is none.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.tenant_id())
    }

    /// The key that decides which shard owns it.
    fn hashed(&self) -> &str {
        match &self.key {
            Key::Id(id) => id.as_str(),
            Key::Name(name) => name,
        }
    }
}

/// The expected tenants of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    all: Vec<Expectation>,
    by_id: HashMap<TenantId, usize>,
    by_name: HashMap<String, usize>,
}

/// The expected tenants of all sources; sources that it does not contain are not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(BTreeMap<Arc<str>, Arc<Expectations>>);

impl List {
    /// Creates a list of these expectations, each with the name of its source; keys are unique per source.
    #[must_use]
    pub fn new(expectations: impl IntoIterator<Item = (Arc<str>, Expectation)>) -> Self {
        let mut list = Self::default();
        for (source, expectation) in expectations {
            Arc::make_mut(list.0.entry(source).or_default()).add(expectation);
        }
        list
    }

    /// The list for one shard: each shard reports the presence of its own share, and all know every expectation.
    #[must_use]
    pub fn for_shard(mut self, shard: Shard) -> Self {
        for (source, expectations) in &mut self.0 {
            for expectation in &mut Arc::make_mut(expectations).all {
                expectation.is_own = shard.owns(source, expectation.hashed());
            }
        }
        self
    }

    /// The expected tenants of the source with this name; `None` if the list does not contain it.
    #[must_use]
    pub fn of(&self, source: &str) -> Option<&Arc<Expectations>> {
        self.0.get(source)
    }

    /// The number of expected tenants.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(|expectations| expectations.all.len()).sum()
    }

    /// Whether no tenant is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Expectations {
    fn add(&mut self, expectation: Expectation) {
        let place = self.all.len();
        match &expectation.key {
            Key::Id(id) => drop(self.by_id.insert(id.clone(), place)),
            Key::Name(name) => drop(self.by_name.insert(name.clone(), place)),
        }
        self.all.push(expectation);
    }

    /// All expectations, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Expectation] {
        &self.all
    }

    /// The number of expectations that this shard reports on.
    #[must_use]
    pub fn own(&self) -> u64 {
        self.all.iter().filter(|expectation| expectation.is_own).count() as u64
    }

    /// The positions of the expectations that refer to this tenant.
    pub(super) fn of_tenant(&self, tenant: &TenantState) -> Found {
        self.found(&tenant.tenant.id, Some(tenant.display_name()))
    }

    /// The same for a tenant that is not collected.
    pub(super) fn of_uncollected(&self, tenant: &Uncollected) -> Found {
        self.found(&tenant.id, tenant.name.as_deref())
    }

    fn found(&self, id: &TenantId, name: Option<&str>) -> Found {
        let by_name = name.and_then(|name| self.by_name.get(name.trim()).copied());
        Found { by_id: self.by_id.get(id).copied(), by_name }
    }
}

/// The positions of the expectations that refer to one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) by_id: Option<usize>,
    pub(super) by_name: Option<usize>,
}
