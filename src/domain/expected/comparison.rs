//! Compares what was sold to tenants with what they have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Accepted, Expectation, Expectations};
use crate::domain::roster::{Match, Matches, Presence};
use crate::domain::{SourceState, TenantState, Workload};

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

    /// The accepted accounts without a backup; `None` if the file does not say.
    #[must_use]
    pub fn accepted(self) -> Option<Accepted> {
        self.expectation?.accepted
    }

    /// The operator's labels by name; `None` if the file has none for the tenant.
    #[must_use]
    pub fn labels(self) -> Option<&'a BTreeMap<Arc<str>, Arc<str>>> {
        Some(&self.expectation?.labels).filter(|labels| !labels.is_empty())
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
pub struct Comparison(Matches<Expectation>);

impl Comparison {
    /// Compares the expected tenants of a source with its state.
    #[must_use]
    pub fn new(state: &SourceState, expectations: &Arc<Expectations>) -> Self {
        Self(Matches::new(state, expectations))
    }

    /// All expected tenants, with their presence.
    pub fn presences(&self) -> impl Iterator<Item = (&Expectation, Presence)> {
        self.0.presences()
    }

    /// The number of this shard's expected tenants by presence.
    #[must_use]
    pub fn count(&self, presence: Presence) -> u64 {
        self.0.own(presence).count() as u64
    }

    /// What is expected for a tenant of the source.
    #[must_use]
    pub fn sold(&self, tenant: &TenantState) -> Sold<'_> {
        if !self.0.is_listed() {
            return Sold::default();
        }
        match self.0.of(tenant) {
            Match::One(expectation) => Sold { is_expected: Some(true), expectation: Some(expectation) },
            // It is expected, but which of the two entries applies is ambiguous.
            Match::Two => Sold { is_expected: Some(true), expectation: None },
            Match::Undecided => Sold::default(),
            Match::None => Sold { is_expected: Some(false), expectation: None },
        }
    }
}

#[cfg(test)]
mod tests;
