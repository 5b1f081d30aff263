//! Finds what a scrape asks for: some sources, some tenants, some groups of samples.
//!
//! The scrapes of every tenant and the one of the groups `exporter` and
//! `source` are together the full scrape, with no sample twice. Who asks for
//! something that is not there is told so: an empty answer would look like a
//! tenant without troubles.

use std::collections::BTreeSet;
use std::sync::Arc;

use strum::VariantArray as _;

use super::own;
use super::{Exposed, Format, Group, Selected, series_limit};
use crate::domain::{SourceState, TenantId, TenantState};
use crate::instrumentation::MetricFamily;

/// What a scrape asks for; by default everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The names of sources; `None` means all.
    pub sources: Option<BTreeSet<String>>,
    /// Ids or names of tenants; `None` means all.
    pub tenants: Option<BTreeSet<String>>,
    /// The groups; `None` means those that are about what the other two name.
    pub groups: Option<BTreeSet<Group>>,
}

/// Why a scrape cannot have what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// Nobody configured the source.
    #[error("no source has the name {name:?} (configured: {configured})")]
    Source {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        configured: String,
    },
    /// The last complete listings do not have the tenant, or the configuration leaves it out.
    #[error("no tenant has the id or name {tenant:?}")]
    Tenant {
        /// What was asked for.
        tenant: String,
    },
    /// Whether there is such a tenant is not known, since these sources have no listing.
    #[error("whether there is a tenant {tenant:?} is not known: nobody has listed {unlisted} yet")]
    Unlisted {
        /// What was asked for.
        tenant: String,
        /// The sources without a listing.
        unlisted: String,
    },
    /// The tenant has no series.
    #[error("tenant {tenant:?} of source {source_name:?} is dropped: the series_limit of the source would be passed")]
    Dropped {
        /// What was asked for.
        tenant: String,
        /// Its source.
        source_name: String,
    },
}

/// A source, and which of its tenants have no series.
struct Candidate<'a> {
    state: &'a Arc<SourceState>,
    dropped: BTreeSet<&'a TenantId>,
}

impl Filter {
    /// What this asks for of the published states.
    ///
    /// # Errors
    ///
    /// When something that is named is not there.
    pub fn select(&self, states: &[Arc<SourceState>], exposed: &Arc<Exposed>) -> Result<Selected, Missing> {
        self.check_sources(states)?;
        let is_wanted =
            |state: &&Arc<SourceState>| self.sources.as_ref().is_none_or(|names| names.contains(&*state.identity.name));
        let candidate = |state| Candidate { state, dropped: series_limit::dropped(state, exposed) };
        let candidates: Vec<_> = states.iter().filter(is_wanted).map(candidate).collect();
        let tenants = self.tenants.as_ref().map(|wanted| Wanted::find(wanted, &candidates)).transpose()?;
        let mut selected = Selected::new(states, exposed, self);
        for Candidate { state, dropped } in candidates {
            let is_shown = |id: &TenantId, tenant: &TenantState| {
                !dropped.contains(id) && tenants.as_ref().is_none_or(|wanted| wanted.contains(id, tenant))
            };
            selected.add(state, dropped.len(), is_shown);
        }
        Ok(selected)
    }

    /// What the exposition of this ends with, after all that is [observed](Selected::observed): what the exporter says
    /// of itself, and the format's last line.
    ///
    /// `gather` gives the former, and is not called where nobody asks for it.
    pub fn ending(&self, exposed: &Exposed, gather: impl FnOnce() -> Vec<MetricFamily>, format: Format) -> String {
        let mut ending = String::new();
        if self.groups().contains(&Group::Exporter) {
            own::append(gather(), format, |name| exposed.shows(name), self.sources.as_ref(), &mut ending);
        }
        ending.push_str(format.trailer());
        ending
    }

    fn check_sources(&self, states: &[Arc<SourceState>]) -> Result<(), Missing> {
        let configured: Vec<&str> = states.iter().map(|state| &*state.identity.name).collect();
        let mut named = self.sources.iter().flatten();
        match named.find(|name| !configured.contains(&name.as_str())) {
            Some(name) => Err(Missing::Source { name: name.clone(), configured: configured.join(", ") }),
            None => Ok(()),
        }
    }

    pub(super) fn groups(&self) -> BTreeSet<Group> {
        let is_meant = |group: &Group| match group {
            Group::Exporter => self.sources.is_none() && self.tenants.is_none(),
            Group::Source => self.tenants.is_none(),
            _ => true,
        };
        self.groups.clone().unwrap_or_else(|| Group::VARIANTS.iter().copied().filter(is_meant).collect())
    }
}

/// The tenants that are asked for; an id goes before a name, so that a name like another's id brings nobody twice.
struct Wanted<'a> {
    ids: BTreeSet<&'a str>,
    names: BTreeSet<&'a str>,
}

impl<'a> Wanted<'a> {
    fn find(wanted: &'a BTreeSet<String>, candidates: &[Candidate<'_>]) -> Result<Self, Missing> {
        let is_id = |text: &&str| {
            let id = TenantId::from(*text);
            candidates.iter().any(|candidate| candidate.state.tenants.contains_key(&id))
        };
        let (ids, names) = wanted.iter().map(String::as_str).partition(is_id);
        let found = Self { ids, names };
        wanted.iter().try_for_each(|text| found.check(text, candidates))?;
        Ok(found)
    }

    fn contains(&self, id: &TenantId, tenant: &TenantState) -> bool {
        self.ids.contains(id.as_str()) || self.names.contains(tenant.display_name())
    }

    /// Whether everybody with this id or name is shown.
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
