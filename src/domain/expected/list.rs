//! Holds what was sold: one expectation for each tenant, found by the tenant's id or name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::domain::shard::Shard;
use crate::domain::{TenantId, TenantState, Uncollected, Workload};

/// Where an expectation stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In this line, counted from 1.
    Line(u64),
    /// In this item of a list, counted from 0.
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

/// How a tenant is found at the vendor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// By the vendor's stable id.
    Id(TenantId),
    /// By exactly the name that people use.
    Name(String),
}

/// What was sold to one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Where it stands first.
    pub place: Place,
    /// Which tenant is meant.
    pub key: Key,
    /// The name that the file gives; `None` where it gives an id alone.
    pub name: Option<String>,
    /// The workloads that were sold; empty where the file does not say which.
    pub workloads: BTreeSet<Workload>,
    /// The seats that were sold; `None` where the file does not say how many.
    pub seats: Option<u64>,
    /// Whether this exporter, of all shards, tells whether the tenant is there.
    pub is_own: bool,
}

impl Expectation {
    /// The tenant's id as the file gives it; empty where it gives a name alone.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        match &self.key {
            Key::Id(id) => id.as_str(),
            Key::Name(_) => "",
        }
    }

    /// The tenant's name as the file gives it, or the id where it gives no name.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.tenant_id())
    }

    /// What a shard owns it by.
    fn hashed(&self) -> &str {
        match &self.key {
            Key::Id(id) => id.as_str(),
            Key::Name(name) => name,
        }
    }
}

/// Everything that was sold from one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    all: Vec<Expectation>,
    by_id: HashMap<TenantId, usize>,
    by_name: HashMap<String, usize>,
}

/// Everything that was sold; a source that is not in it is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(BTreeMap<Arc<str>, Arc<Expectations>>);

impl List {
    /// The list of these expectations, each with the name of its source; no two of one source have the same key.
    #[must_use]
    pub fn new(expectations: impl IntoIterator<Item = (Arc<str>, Expectation)>) -> Self {
        let mut list = Self::default();
        for (source, expectation) in expectations {
            Arc::make_mut(list.0.entry(source).or_default()).add(expectation);
        }
        list
    }

    /// The same for one of several exporters that divide the tenants among themselves: each tells of its own share
    /// whether they are there, and all know of all what was sold.
    #[must_use]
    pub fn for_shard(mut self, shard: Shard) -> Self {
        for (source, expectations) in &mut self.0 {
            for expectation in &mut Arc::make_mut(expectations).all {
                expectation.is_own = shard.owns(source, expectation.hashed());
            }
        }
        self
    }

    /// What was sold from the source of this name; `None` where the list says nothing of it.
    #[must_use]
    pub fn of(&self, source: &str) -> Option<&Arc<Expectations>> {
        self.0.get(source)
    }

    /// How many tenants something was sold to.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(|expectations| expectations.all.len()).sum()
    }

    /// Whether nothing was sold to anybody.
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

    /// All of them, in the file's order.
    #[must_use]
    pub fn all(&self) -> &[Expectation] {
        &self.all
    }

    /// How many of them this exporter, of all shards, tells about.
    #[must_use]
    pub fn own(&self) -> u64 {
        self.all.iter().filter(|expectation| expectation.is_own).count() as u64
    }

    /// The positions of those that mean this tenant.
    pub(super) fn of_tenant(&self, tenant: &TenantState) -> Found {
        self.found(&tenant.tenant.id, Some(tenant.display_name()))
    }

    /// The same of a tenant that is not collected.
    pub(super) fn of_uncollected(&self, tenant: &Uncollected) -> Found {
        self.found(&tenant.id, tenant.name.as_deref())
    }

    fn found(&self, id: &TenantId, name: Option<&str>) -> Found {
        let by_name = name.and_then(|name| self.by_name.get(name.trim()).copied());
        Found { by_id: self.by_id.get(id).copied(), by_name }
    }
}

/// The positions of the expectations that mean one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) by_id: Option<usize>,
    pub(super) by_name: Option<usize>,
}
