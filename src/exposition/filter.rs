//! Says what a scrape asks for: some sources, some tenants, some groups of samples.
//!
//! The scrapes of every tenant and the one of the groups `exporter` and
//! `source` are together the full scrape, with no sample twice. Who asks for
//! something that is not there is told so: an empty answer would look like a
//! tenant without troubles.

use std::collections::BTreeSet;

use strum::VariantArray as _;

use super::own;
use super::{Exposed, Format, Group};
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
    #[error("tenant {tenant:?} is unknown so far: the tenants of {unlisted} have not been listed yet")]
    Unlisted {
        /// What was asked for.
        tenant: String,
        /// The sources without a listing.
        unlisted: String,
    },
    /// The tenant has no series.
    #[error("tenant {tenant:?} of source {source_name:?} is dropped: the source's series_limit would be exceeded")]
    Dropped {
        /// What was asked for.
        tenant: String,
        /// Its source.
        source_name: String,
    },
}

impl Filter {
    /// What the exposition of this ends with, after all that is [observed](super::Selected::observed): what the exporter says
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

    pub(super) fn groups(&self) -> BTreeSet<Group> {
        let is_meant = |group: &Group| match group {
            Group::Exporter => self.sources.is_none() && self.tenants.is_none(),
            Group::Source => self.tenants.is_none(),
            _ => true,
        };
        self.groups.clone().unwrap_or_else(|| Group::VARIANTS.iter().copied().filter(is_meant).collect())
    }
}
