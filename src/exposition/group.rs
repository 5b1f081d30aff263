//! Assigns every sample to one group that a scrape can select.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::domain::Part;

/// A group of samples, named as in `collect[]`.
///
/// The groups of a tenant are its separately collected parts. The time of a part's last refresh and the success of its
/// last attempt are in its group, so that no value is exported without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Group {
    /// The exporter itself.
    Exporter,
    /// The sources.
    Source,
    /// A tenant's data in the listing.
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
    /// The word in queries and in the reference.
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

    /// Whether its samples belong to individual tenants.
    #[must_use]
    pub const fn is_of_tenants(self) -> bool {
        !matches!(self, Self::Exporter | Self::Source)
    }
}
