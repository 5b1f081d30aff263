//! Holds the tenants expected from billing, identified by id or name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::roster::{Entry, Key, Place, Roster, Rosters};
use crate::domain::shard::Shard;
use crate::domain::{Timestamp, Workload};

/// Accounts without a backup that the operator accepts for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The number of accounts.
    pub unprotected: u64,
    /// The end of the last day on which they are accepted.
    pub until: Timestamp,
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
    /// The accepted accounts without a backup; `None` if the file does not say.
    pub accepted: Option<Accepted>,
    /// The operator's labels of the tenant by name, without those that the file leaves empty.
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
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
}

impl Entry for Expectation {
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

/// The expected tenants of one source.
pub type Expectations = Roster<Expectation>;

/// What billing expects of all sources; those of which it names no tenant are not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    tenants: Rosters<Expectation>,
    commitments: BTreeMap<Arc<str>, u64>,
}

impl List {
    /// Creates a list of these tenants, each with the name of its source; keys are unique per source.
    #[must_use]
    pub fn new(tenants: impl IntoIterator<Item = (Arc<str>, Expectation)>) -> Self {
        Self { tenants: Rosters::new(tenants), commitments: BTreeMap::new() }
    }

    /// The same with the number of seats that are paid for at each source, in use or not.
    #[must_use]
    pub fn with_commitments(self, commitments: BTreeMap<Arc<str>, u64>) -> Self {
        Self { commitments, ..self }
    }

    /// The list for one shard, see [`Rosters::for_shard`].
    #[must_use]
    pub fn for_shard(self, shard: Shard) -> Self {
        Self { tenants: self.tenants.for_shard(shard), ..self }
    }

    /// The tenants of all sources.
    #[must_use]
    pub const fn tenants(&self) -> &Rosters<Expectation> {
        &self.tenants
    }

    /// The tenants of the source with this name; `None` if the list does not contain any.
    #[must_use]
    pub fn of(&self, source: &str) -> Option<&Arc<Expectations>> {
        self.tenants.of(source)
    }

    /// The number of seats that are paid for at the source with this name; `None` if the list does not say.
    #[must_use]
    pub fn commitment(&self, source: &str) -> Option<u64> {
        self.commitments.get(source).copied()
    }
}
