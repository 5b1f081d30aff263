//! Defines a row of the catalogue.

use std::fmt;

use super::Group;
use super::operator_list::OperatorList;
use super::samples::Samples;
use crate::domain::Provider;
use crate::metric::Descriptor;

/// One row of the catalogue: a family and where its samples come from.
#[derive(Clone, Copy)]
pub struct Family {
    /// Name, type and help.
    pub descriptor: Descriptor,
    /// The group of its samples; `None` if each part's samples are in the group of that part.
    pub group: Option<Group>,
    /// The vendor whose tenants have it; `None` means any.
    pub vendor: Option<Provider>,
    /// The list of the operator that it requires.
    pub needs: Option<OperatorList>,
    pub(super) samples: &'static dyn Samples,
}

impl Family {
    /// A family with all samples in one group.
    pub(super) const fn of(group: Group, descriptor: Descriptor, samples: &'static dyn Samples) -> Self {
        Self { descriptor, group: Some(group), vendor: None, needs: None, samples }
    }

    /// A family with one sample per part of a tenant, in the group of that part.
    pub(super) const fn of_parts(descriptor: Descriptor, samples: &'static dyn Samples) -> Self {
        Self { descriptor, group: None, vendor: None, needs: None, samples }
    }

    /// A family of one vendor's tenants.
    pub(super) const fn only(vendor: Provider, family: Self) -> Self {
        Self { vendor: Some(vendor), ..family }
    }

    /// A family that requires a list of the operator.
    pub(super) const fn beside(list: OperatorList, family: Self) -> Self {
        Self { needs: Some(list), ..family }
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
