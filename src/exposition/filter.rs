//! Defines what a scrape selects: sources, tenants and groups of samples.
//!
//! The scrapes of every tenant plus the one of the groups `exporter` and `source` add up to the full scrape, without
//! duplicates. Selecting something that does not exist is an error: an empty response would look like a healthy tenant.

use std::collections::BTreeSet;

use strum::VariantArray as _;

use super::own;
use super::{Exposed, Format, Group};
use crate::instrumentation::MetricFamily;

/// What a scrape selects; by default everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The names of sources; `None` means all.
    pub sources: Option<BTreeSet<String>>,
    /// Ids or names of tenants; `None` means all.
    pub tenants: Option<BTreeSet<String>>,
    /// The groups; `None` means those that concern the selected sources and tenants.
    pub groups: Option<BTreeSet<Group>>,
}

/// Why a selection is impossible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The source is not configured.
    #[error("no source has the name {name:?} (configured: {configured})")]
    Source {
        /// The selected name.
        name: String,
        /// The configured names.
        configured: String,
    },
    /// The last complete listings do not contain the tenant, or the configuration excludes it.
    #[error("no tenant has the id or name {tenant:?}")]
    Tenant {
        /// The selected tenant.
        tenant: String,
    },
    /// It is unknown whether the tenant exists, because these sources have not been listed yet.
    #[error("tenant {tenant:?} is unknown so far: the tenants of {unlisted} have not been listed yet")]
    Unlisted {
        /// The selected tenant.
        tenant: String,
        /// The sources without a listing.
        unlisted: String,
    },
    /// It is unknown which tenants the source has.
    #[error("the tenants of source {source_name:?} are unknown so far: no listing has succeeded")]
    Listing {
        /// The source.
        source_name: String,
    },
    /// The tenant was dropped, so it has no series.
    #[error("tenant {tenant:?} of source {source_name:?} is dropped: the source's series_limit would be exceeded")]
    Dropped {
        /// The selected tenant.
        tenant: String,
        /// Its source.
        source_name: String,
    },
}

impl Filter {
    /// The end of this selection's exposition: the exporter's own metrics and the format's last line.
    ///
    /// It follows what [`Selected::observed`](super::Selected::observed) renders. `gather` returns the exporter's own
    /// metrics, and is only called if they are selected.
    pub fn ending(&self, exposed: &Exposed, gather: impl FnOnce() -> Vec<MetricFamily>, format: Format) -> String {
        let mut ending = String::new();
        if self.groups().contains(&Group::Exporter) {
            own::append(gather(), format, |name| exposed.shows(name), self.sources.as_ref(), &mut ending);
        }
        ending.push_str(format.trailer());
        ending
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
