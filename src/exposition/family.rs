//! Holds one row of the catalogue.

use std::fmt;

use super::Group;
use super::samples::Samples;
use crate::domain::Provider;
use crate::metric::Descriptor;

/// One row of the catalogue: a family and where its samples come from.
#[derive(Clone, Copy)]
pub struct Family {
    /// What the family is.
    pub descriptor: Descriptor,
    /// The group of all its samples; `None` where each part's samples are in the group of the part.
    pub group: Option<Group>,
    /// The only vendor whose tenants have it; `None` means that those of both may.
    pub vendor: Option<Provider>,
    /// Whether only the tenants of a source with a list of expected tenants have it.
    pub needs_expected: bool,
    pub(super) samples: &'static dyn Samples,
}

impl Family {
    /// A family whose samples are all in one group.
    pub(super) const fn of(group: Group, descriptor: Descriptor, samples: &'static dyn Samples) -> Self {
        Self { descriptor, group: Some(group), vendor: None, needs_expected: false, samples }
    }

    /// A family with a sample for each part of a tenant, which is in the group of the part.
    pub(super) const fn of_parts(descriptor: Descriptor, samples: &'static dyn Samples) -> Self {
        Self { descriptor, group: None, vendor: None, needs_expected: false, samples }
    }

    /// A family that only the tenants of one vendor have.
    pub(super) const fn only(vendor: Provider, family: Self) -> Self {
        Self { vendor: Some(vendor), ..family }
    }

    /// A family that there is only where there is a list of expected tenants.
    pub(super) const fn beside_expected(family: Self) -> Self {
        Self { needs_expected: true, ..family }
    }

    /// The labels of every sample, in order.
    #[must_use]
    pub fn labels(&self) -> Vec<&'static str> {
        self.samples.labels()
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Family").field("name", &self.descriptor.name).finish_non_exhaustive()
    }
}
