//! Holds the tenants expected from billing, identified by id or name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::roster::{Entry, Key, Place, Roster, Rosters};
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

/// The expected tenants of all sources; sources that it does not contain are not compared.
pub type List = Rosters<Expectation>;
