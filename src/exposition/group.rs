//! Sorts all samples into the groups that a scrape can ask for, each sample into exactly one.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::domain::Part;

/// What a sample tells of; the words are those of `collect[]`.
///
/// Those of a tenant are the parts that are collected apart. When a part was
/// observed, and whether the last attempt at it worked, stands in its group: no
/// value is given without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Group {
    /// The exporter itself.
    Exporter,
    /// The sources.
    Source,
    /// What the listing says of a tenant.
    Listing,
    /// A tenant's seats.
    Seats,
    /// A tenant's accounts and connected domains.
    Coverage,
    /// A tenant's life cycle.
    Lifecycle,
    /// A tenant's workloads.
    Workloads,
}

impl Group {
    /// The word for it in a query and in the reference.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The group of a part of a tenant.
    #[must_use]
    pub const fn of_part(part: Part) -> Self {
        match part {
            Part::Listing => Self::Listing,
            Part::Seats => Self::Seats,
            Part::Domains | Part::Coverage => Self::Coverage,
            Part::Lifecycle => Self::Lifecycle,
            Part::Workload(_) => Self::Workloads,
        }
    }

    /// Whether its samples belong to single tenants.
    #[must_use]
    pub const fn is_of_tenants(self) -> bool {
        !matches!(self, Self::Exporter | Self::Source)
    }
}
