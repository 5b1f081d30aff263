//! Matches the entries of an operator's list with the tenants that the vendors list: pure functions of a list and the
//! published states.
//!
//! An entry identifies its tenant by id or name. What is ambiguous stays undecided: a name that two tenants share, or
//! who is missing from an incomplete listing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::shard::Shard;
use super::{SourceState, TenantId, TenantState, Uncollected};

/// The position of an entry in its file.
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

impl Key {
    /// The text that decides which shard owns the entry.
    fn hashed(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Name(name) => name,
        }
    }
}

/// Whether the tenant of an entry exists at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Presence {
    /// The last complete listing contains it.
    Present,
    /// The last listing was complete, and does not contain it.
    Missing,
    /// Several tenants share the name, or both an id and a name refer to this tenant.
    Ambiguous,
    /// There is no complete listing, or a tenant without a name could be this one.
    Unknown,
}

impl Presence {
    /// Whether the tenant exists; `None` if undecidable.
    #[must_use]
    pub const fn is_present(self) -> Option<bool> {
        match self {
            Self::Present => Some(true),
            Self::Missing => Some(false),
            Self::Ambiguous | Self::Unknown => None,
        }
    }
}

/// What a list says of one tenant.
pub trait Entry: Clone {
    /// Its first position.
    fn place(&self) -> Place;

    /// The tenant it refers to.
    fn key(&self) -> &Key;

    /// Whether this shard reports on it.
    fn is_own(&self) -> bool;

    /// Decides whether this shard reports on it.
    fn set_own(&mut self, is_own: bool);
}

/// The entries of one source; keys are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster<E> {
    all: Vec<E>,
    by_id: HashMap<TenantId, usize>,
    by_name: HashMap<String, usize>,
}

impl<E> Default for Roster<E> {
    fn default() -> Self {
        Self { all: Vec::new(), by_id: HashMap::new(), by_name: HashMap::new() }
    }
}

impl<E: Entry> Roster<E> {
    fn add(&mut self, entry: E) {
        let place = self.all.len();
        match entry.key() {
            Key::Id(id) => drop(self.by_id.insert(id.clone(), place)),
            Key::Name(name) => drop(self.by_name.insert(name.clone(), place)),
        }
        self.all.push(entry);
    }

    /// All entries, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[E] {
        &self.all
    }

    /// The number of entries that this shard reports on.
    #[must_use]
    pub fn own(&self) -> u64 {
        self.all.iter().filter(|entry| entry.is_own()).count() as u64
    }

    /// The positions of the entries that refer to this tenant.
    fn of_tenant(&self, tenant: &TenantState) -> Found {
        self.found(&tenant.tenant.id, Some(tenant.display_name()))
    }

    /// The same for a tenant that is not collected.
    fn of_uncollected(&self, tenant: &Uncollected) -> Found {
        self.found(&tenant.id, tenant.name.as_deref())
    }

    fn found(&self, id: &TenantId, name: Option<&str>) -> Found {
        let by_name = name.and_then(|name| self.by_name.get(name.trim()).copied());
        Found { by_id: self.by_id.get(id).copied(), by_name }
    }
}

/// The positions of the entries that refer to one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    by_id: Option<usize>,
    by_name: Option<usize>,
}

/// The entries of all sources, by the name of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rosters<E>(BTreeMap<Arc<str>, Arc<Roster<E>>>);

impl<E> Default for Rosters<E> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<E: Entry> Rosters<E> {
    /// Creates a list of these entries, each with the name of its source; keys are unique per source.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (Arc<str>, E)>) -> Self {
        let mut list = Self::default();
        for (source, entry) in entries {
            Arc::make_mut(list.0.entry(source).or_default()).add(entry);
        }
        list
    }

    /// The list for one shard: each shard reports on its own share, and all know every entry.
    #[must_use]
    pub fn for_shard(mut self, shard: Shard) -> Self {
        for (source, roster) in &mut self.0 {
            for entry in &mut Arc::make_mut(roster).all {
                let is_own = shard.owns(source, entry.key().hashed());
                entry.set_own(is_own);
            }
        }
        self
    }

    /// The entries of the source with this name; `None` if the list does not contain it.
    #[must_use]
    pub fn of(&self, source: &str) -> Option<&Arc<Roster<E>>> {
        self.0.get(source)
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(|roster| roster.all.len()).sum()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The entries of one source, matched with the published state.
#[derive(Clone, Debug)]
pub struct Matches<E> {
    roster: Arc<Roster<E>>,
    /// The presence of each entry.
    presences: Vec<Presence>,
    is_listed: bool,
    /// Whether a tenant without a name could be one that an entry names.
    some_name_is_unknown: bool,
}

/// The entries that refer to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match<'a, E> {
    /// One, by the tenant's id, or by a name that no other tenant has.
    One(&'a E),
    /// One by its id and another by its name.
    Two,
    /// None.
    None,
    /// By a name only, or by none, but which tenants have that name is not known, or several have.
    Undecided,
}

impl<E: Entry> Matches<E> {
    /// Matches the entries of a source with its state.
    #[must_use]
    pub fn new(state: &SourceState, roster: &Arc<Roster<E>>) -> Self {
        let mut tally = Tally { bearers: vec![0; roster.all.len()], ..Tally::default() };
        for tenant in state.tenants.values() {
            tally.add(roster.of_tenant(tenant), tenant.tenant.name.is_some());
        }
        for tenant in state.uncollected.iter().flat_map(|tenants| tenants.iter()) {
            tally.add(roster.of_uncollected(tenant), tenant.name.is_some());
        }
        let knowledge = Knowledge {
            is_listed: state.listing.value().is_some(),
            is_certain: state.listing.succeeded() == Some(true),
            others_are_known: state.uncollected.is_some(),
            everybody_is_named: !tally.some_are_nameless,
        };
        let presences: Vec<_> = roster
            .all
            .iter()
            .enumerate()
            .map(|(position, entry)| {
                if tally.is_meant_twice.contains(&position) && knowledge.is_listed {
                    Presence::Ambiguous
                } else {
                    knowledge.presence(entry.key(), tally.bearers[position])
                }
            })
            .collect();
        let is_open =
            |(entry, presence): (&E, &Presence)| matches!(entry.key(), Key::Name(_)) && *presence == Presence::Unknown;
        let some_name_is_unknown = roster.all.iter().zip(&presences).any(is_open);
        Self { roster: Arc::clone(roster), presences, is_listed: knowledge.is_listed, some_name_is_unknown }
    }

    /// Whether there is a complete listing that is not stale.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// All entries, with their presence.
    pub fn presences(&self) -> impl Iterator<Item = (&E, Presence)> {
        self.roster.all.iter().zip(self.presences.iter().copied())
    }

    /// The entries with this presence that this shard reports on.
    pub fn own(&self, presence: Presence) -> impl Iterator<Item = &E> {
        self.presences().filter(move |(entry, found)| entry.is_own() && *found == presence).map(|(entry, _)| entry)
    }

    /// The entries that refer to a tenant of the source.
    #[must_use]
    pub fn of(&self, tenant: &TenantState) -> Match<'_, E> {
        let Found { by_id, by_name } = self.roster.of_tenant(tenant);
        match (by_id, by_name.map(|position| (position, self.presences[position]))) {
            (Some(position), None) => Match::One(&self.roster.all[position]),
            (None, Some((position, Presence::Present))) => Match::One(&self.roster.all[position]),
            (Some(_), Some(_)) => Match::Two,
            (None, Some(_)) => Match::Undecided,
            (None, None) if tenant.tenant.name.is_none() && self.some_name_is_unknown => Match::Undecided,
            (None, None) => Match::None,
        }
    }
}

/// The result of matching.
#[derive(Debug, Default)]
struct Tally {
    /// The number of tenants that each entry matches.
    bearers: Vec<u32>,
    /// Entries whose tenant is also matched by another one.
    is_meant_twice: BTreeSet<usize>,
    /// Whether there is a tenant without a name that no entry matches.
    some_are_nameless: bool,
}

impl Tally {
    fn add(&mut self, found: Found, is_named: bool) {
        for position in [found.by_id, found.by_name].into_iter().flatten() {
            self.bearers[position] += 1;
        }
        match (found.by_id, found.by_name) {
            (Some(id), Some(name)) => self.is_meant_twice.extend([id, name]),
            (None, None) => self.some_are_nameless |= !is_named,
            _ => {}
        }
    }
}

/// What the last listing allows to decide.
#[derive(Clone, Copy, Debug)]
struct Knowledge {
    /// There is a complete listing that is not stale.
    is_listed: bool,
    /// No tenant can have been added since: that listing was the last attempt.
    is_certain: bool,
    /// The tenants that are not collected are known, too.
    others_are_known: bool,
    everybody_is_named: bool,
}

impl Knowledge {
    fn presence(self, key: &Key, bearers: u32) -> Presence {
        let is_by_id = matches!(key, Key::Id(_));
        match bearers {
            _ if !self.is_listed => Presence::Unknown,
            0 if self.is_certain && self.others_are_known && (is_by_id || self.everybody_is_named) => Presence::Missing,
            1 if is_by_id || self.others_are_known => Presence::Present,
            0 | 1 => Presence::Unknown,
            _ => Presence::Ambiguous,
        }
    }
}
