//! Matches expected tenants with listed ones.

use std::collections::BTreeSet;
use std::sync::Arc;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::list::Found;
use super::{Expectation, Expectations, Key};
use crate::domain::{SourceState, TenantState, Workload};

/// Whether an expected tenant exists at the vendor.
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

/// What is expected for an existing tenant; unknown by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold<'a> {
    /// Whether the tenant is expected; `None` if undecidable.
    pub is_expected: Option<bool>,
    expectation: Option<&'a Expectation>,
}

impl<'a> Sold<'a> {
    /// The expected seats; `None` if the file does not say.
    #[must_use]
    pub fn seats(self) -> Option<u64> {
        self.expectation?.seats
    }

    /// The expected workloads; `None` if the file does not say.
    #[must_use]
    pub fn workloads(self) -> Option<&'a BTreeSet<Workload>> {
        Some(&self.expectation?.workloads).filter(|workloads| !workloads.is_empty())
    }

    /// Whether an expected workload is backed up; `None` if it is not expected, or unknown.
    #[must_use]
    pub fn is_protected(self, source: &SourceState, tenant: &TenantState, workload: Workload) -> Option<bool> {
        self.workloads()?.contains(&workload).then(|| tenant.is_protected(workload, &source.policy)).flatten()
    }
}

/// The expected tenants of one source, compared with the published state.
#[derive(Clone, Debug)]
pub struct Comparison {
    expectations: Arc<Expectations>,
    /// The presence of each expectation.
    presences: Vec<Presence>,
    is_listed: bool,
    /// Whether a tenant without a name could be one that is expected by name.
    some_name_is_unknown: bool,
}

impl Comparison {
    /// Compares the expected tenants of a source with its state.
    #[must_use]
    pub fn new(state: &SourceState, expectations: &Arc<Expectations>) -> Self {
        let mut tally = Tally { bearers: vec![0; expectations.all().len()], ..Tally::default() };
        for tenant in state.tenants.values() {
            tally.add(expectations.of_tenant(tenant), tenant.tenant.name.is_some());
        }
        for tenant in state.uncollected.iter().flat_map(|tenants| tenants.iter()) {
            tally.add(expectations.of_uncollected(tenant), tenant.name.is_some());
        }
        let knowledge = Knowledge {
            is_listed: state.listing.value().is_some(),
            is_certain: state.listing.succeeded() == Some(true),
            others_are_known: state.uncollected.is_some(),
            everybody_is_named: !tally.some_are_nameless,
        };
        let presences: Vec<_> = expectations
            .all()
            .iter()
            .enumerate()
            .map(|(position, expectation)| {
                if tally.is_meant_twice.contains(&position) && knowledge.is_listed {
                    Presence::Ambiguous
                } else {
                    knowledge.presence(&expectation.key, tally.bearers[position])
                }
            })
            .collect();
        let is_open = |(expectation, presence): (&Expectation, &Presence)| {
            matches!(expectation.key, Key::Name(_)) && *presence == Presence::Unknown
        };
        let some_name_is_unknown = expectations.all().iter().zip(&presences).any(is_open);
        let expectations = Arc::clone(expectations);
        Self { expectations, presences, is_listed: knowledge.is_listed, some_name_is_unknown }
    }

    /// All expected tenants, with their presence.
    pub fn presences(&self) -> impl Iterator<Item = (&Expectation, Presence)> {
        self.expectations.all().iter().zip(self.presences.iter().copied())
    }

    /// The number of this shard's expected tenants by presence.
    #[must_use]
    pub fn count(&self, presence: Presence) -> u64 {
        let is_counted = |(expectation, found): &(&Expectation, Presence)| expectation.is_own && *found == presence;
        self.presences().filter(is_counted).count() as u64
    }

    /// What is expected for a tenant of the source.
    #[must_use]
    pub fn sold(&self, tenant: &TenantState) -> Sold<'_> {
        if !self.is_listed {
            return Sold::default();
        }
        let Found { by_id, by_name } = self.expectations.of_tenant(tenant);
        let by_name = by_name.map(|position| (position, self.presences[position]));
        let sold =
            |position: usize| Sold { is_expected: Some(true), expectation: Some(&self.expectations.all()[position]) };
        match (by_id, by_name) {
            (Some(position), None) => sold(position),
            (None, Some((position, Presence::Present))) => sold(position),
            // It is expected, but which of the two entries applies is ambiguous.
            (Some(_), Some(_)) => Sold { is_expected: Some(true), expectation: None },
            (None, Some(_)) => Sold::default(),
            (None, None) if tenant.tenant.name.is_none() && self.some_name_is_unknown => Sold::default(),
            (None, None) => Sold { is_expected: Some(false), expectation: None },
        }
    }
}

/// The result of matching.
#[derive(Debug, Default)]
struct Tally {
    /// The number of tenants that each expectation matches.
    bearers: Vec<u32>,
    /// Expectations whose tenant is also matched by another one.
    is_meant_twice: BTreeSet<usize>,
    /// Whether there is a tenant without a name that no expectation matches.
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

#[cfg(test)]
mod tests;
