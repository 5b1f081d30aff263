//! Finds the tenants that a scrape selects.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Missing;
use crate::domain::{SourceState, TenantId, TenantState};

/// A source and its dropped tenants.
pub(super) struct Candidate<'a> {
    pub(super) state: &'a Arc<SourceState>,
    pub(super) dropped: BTreeSet<&'a TenantId>,
}

/// The selected tenants. An id takes precedence over a name, so that a name equal to another's id selects one tenant
/// only.
pub(super) struct Wanted<'a> {
    ids: BTreeSet<&'a str>,
    names: BTreeSet<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn find(wanted: &'a BTreeSet<String>, candidates: &[Candidate<'_>]) -> Result<Self, Missing> {
        let is_id = |text: &&str| {
            let id = TenantId::from(*text);
            candidates.iter().any(|candidate| candidate.state.tenants.contains_key(&id))
        };
        let (ids, names) = wanted.iter().map(String::as_str).partition(is_id);
        let found = Self { ids, names };
        wanted.iter().try_for_each(|text| found.check(text, candidates))?;
        Ok(found)
    }

    pub(super) fn contains(&self, id: &TenantId, tenant: &TenantState) -> bool {
        self.ids.contains(id.as_str()) || self.names.contains(tenant.display_name())
    }

    /// Checks whether all tenants with this id or name are exported.
    fn check(&self, text: &str, candidates: &[Candidate<'_>]) -> Result<(), Missing> {
        let is_meant = |id: &TenantId, tenant: &TenantState| match self.ids.contains(text) {
            true => id.as_str() == text,
            false => tenant.display_name() == text,
        };
        let mut is_known = false;
        for Candidate { state, dropped } in candidates {
            for (id, _) in state.tenants.iter().filter(|(id, tenant)| is_meant(id, tenant)) {
                is_known = true;
                if dropped.contains(id) {
                    let source_name = state.identity.name.to_string();
                    return Err(Missing::Dropped { tenant: text.to_owned(), source_name });
                }
            }
        }
        if is_known {
            return Ok(());
        }
        let unlisted =
            candidates.iter().map(|candidate| candidate.state).filter(|state| state.listing.value().is_none());
        let unlisted: Vec<&str> = unlisted.map(|state| &*state.identity.name).collect();
        let tenant = text.to_owned();
        Err(if unlisted.is_empty() {
            Missing::Tenant { tenant }
        } else {
            Missing::Unlisted { tenant, unlisted: unlisted.join(", ") }
        })
    }
}
