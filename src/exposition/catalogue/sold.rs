//! Lists the families about what was sold, beside what the vendors say.

use super::{count, flag};
use crate::domain::expected::Presence;
use crate::exposition::entity::{Expected, ExpectedWorkload, Source, Tenant};
use crate::exposition::samples::{Each, One};
use crate::exposition::{Family, Group};
use crate::metric::Descriptor;

/// Those that something was sold to, by whether they are there.
pub(super) const TENANTS: Family = Family::beside_expected(Family::of(
    Group::Source,
    Descriptor::gauge(
        "saasbackup_expected_tenants",
        "Tenants that something was sold to, by the list of what was sold, each in exactly one state: present (the last complete listing has it), missing (the last listing was complete, and does not), ambiguous (which tenant is meant cannot be told), unknown; absent for a source that the list does not name",
    ),
    &Each::<Source, Presence>(|view, presence| count(view.comparison.as_ref()?.count(presence))),
));

/// Whether one of them is there.
pub(super) const TENANT_PRESENT: Family = Family::beside_expected(Family::of(
    Group::Source,
    Descriptor::gauge(
        "saasbackup_expected_tenant_present",
        "Whether a tenant that something was sold to is at the vendor (1) or not (0), with id and name as the list of what was sold gives them; absent while that cannot be told, above all where the last listing failed or was incomplete",
    ),
    &One::<Expected>(|presence: Presence| flag(presence.is_present()?)),
));

/// Whether something was sold to one that is there.
pub(super) const TENANT_EXPECTED: Family = Family::beside_expected(Family::of(
    Group::Listing,
    Descriptor::gauge(
        "saasbackup_tenant_expected",
        "Whether something was sold to a tenant that is at the vendor (1) or nothing (0), by the list of what was sold; absent while that cannot be told, and for a source that the list does not name",
    ),
    &One::<Tenant>(|view| flag(view.sold().is_expected?)),
));

/// Seats that were sold.
pub(super) const SEATS: Family = Family::beside_expected(Family::of(
    Group::Seats,
    Descriptor::gauge(
        "saasbackup_expected_seats",
        "Seats that were sold to the tenant, by the list of what was sold; absent where it does not say",
    ),
    &One::<Tenant>(|view| count(view.sold().seats()?)),
));

/// Workloads that were sold.
pub(super) const WORKLOADS: Family = Family::beside_expected(Family::of(
    Group::Workloads,
    Descriptor::gauge(
        "saasbackup_expected_workloads",
        "How many workloads were sold to the tenant, by the list of what was sold; absent where it does not say",
    ),
    &One::<Tenant>(|view| count(view.sold().workloads()?.len() as u64)),
));

/// Whether one of these is backed up.
pub(super) const WORKLOAD_PROTECTED: Family = Family::beside_expected(Family::of(
    Group::Workloads,
    Descriptor::gauge(
        "saasbackup_expected_workload_protected",
        "Whether a workload that was sold is backed up at all, in time or not (1), or is not licensed, paused, stopped, empty or not reported by the vendor (0); absent where it was not sold, is not collected, or nobody knows",
    ),
    &One::<ExpectedWorkload>(|(view, sold, workload)| flag(sold.is_protected(view.source, view.tenant, workload)?)),
));
