//! Defines the families of the billing reconciliation: what billing expects, compared with what the vendors report.

use super::{count, flag, moment};
use crate::domain::expected::Presence;
use crate::exposition::entity::{Expected, ExpectedWorkload, Labelled, Source, Tenant};
use crate::exposition::samples::{Each, One};
use crate::exposition::{Family, Group, OperatorList};
use crate::metric::Descriptor;

/// Tenants expected from billing, by whether the vendor lists them.
pub(super) const TENANTS: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_expected_tenants",
            "Number of tenants expected from billing, each in exactly one state: present (in the last complete listing), missing (the last listing was complete and does not contain it), ambiguous (the entry matches several tenants, or another entry refers to the same tenant), unknown; absent for a source without expected tenants",
        ),
        &Each::<Source, Presence>(|view, presence| count(view.comparison.as_ref()?.count(presence))),
    ),
);

/// Whether the vendor lists one of them.
pub(super) const TENANT_PRESENT: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_expected_tenant_present",
            "Whether a tenant expected from billing exists at the vendor (1) or not (0), labelled with the id and name of its entry; absent while undecidable, for example because the last listing failed or was incomplete",
        ),
        &One::<Expected>(|presence: Presence| flag(presence.is_present()?)),
    ),
);

/// Whether billing expects a tenant that the vendor lists.
pub(super) const TENANT_EXPECTED: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Listing,
        Descriptor::gauge(
            "saasbackup_tenant_expected",
            "Whether a tenant at the vendor is expected from billing (1) or not billed (0); absent while undecidable, and for a source without expected tenants",
        ),
        &One::<Tenant>(|view| flag(view.sold().is_expected?)),
    ),
);

/// Seats that the operator pays for.
pub(super) const COMMITTED_SEATS: Family = Family::beside(
    OperatorList::Commitments,
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_committed_seats",
            "Number of seats of the source that the operator has committed to pay for, in use or not, from the file of expected tenants; absent if not given",
        ),
        &One::<Source>(|view| count(view.commitment?)),
    ),
);

/// Seats expected from billing.
pub(super) const SEATS: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_expected_seats",
            "Number of seats expected for the tenant from billing; absent if not given",
        ),
        &One::<Tenant>(|view| count(view.sold().seats()?)),
    ),
);

/// Workloads expected from billing.
pub(super) const WORKLOADS: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_expected_workloads",
            "Number of workloads expected for the tenant from billing; absent if not given",
        ),
        &One::<Tenant>(|view| count(view.sold().workloads()?.len() as u64)),
    ),
);

/// Whether one of these is protected.
pub(super) const WORKLOAD_PROTECTED: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_expected_workload_protected",
            "Whether a workload expected from billing is protected, within its RPO or not (1), or is not licensed, paused, stopped, empty or not reported by the vendor (0); absent if not expected, not collected or unknown",
        ),
        &One::<ExpectedWorkload>(|(view, sold, workload)| {
            flag(sold.is_protected(view.source, view.tenant, workload)?)
        }),
    ),
);

/// Accounts without a backup that are accepted.
pub(super) const UNPROTECTED_ACCEPTED: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Coverage,
        Descriptor::gauge(
            "saasbackup_expected_unprotected_accepted",
            "Number of unprotected accounts of the tenant that are accepted until saasbackup_expected_unprotected_accepted_until_timestamp_seconds, from the file of expected tenants; still present after that time; absent if not given",
        ),
        &One::<Tenant>(|view| count(view.sold().accepted()?.unprotected)),
    ),
);

/// Until when they are.
pub(super) const UNPROTECTED_ACCEPTED_UNTIL: Family = Family::beside(
    OperatorList::Expected,
    Family::of(
        Group::Coverage,
        Descriptor::seconds(
            "saasbackup_expected_unprotected_accepted_until_timestamp_seconds",
            "Time until which unprotected accounts of the tenant are accepted, the end of the given day in UTC; absent if not given",
        ),
        &One::<Tenant>(|view| moment(view.sold().accepted()?.until)),
    ),
);

/// The labels that the operator gave a tenant.
pub(super) const TENANT_LABELS: Family = Family::beside(
    OperatorList::TenantLabels,
    Family::of(
        Group::Listing,
        Descriptor::gauge(
            "saasbackup_tenant_labels",
            "Labels of the tenant from the file of expected tenants, constant 1: beside these, those of the columns that expected.labels names, without empty ones; absent if all are empty, and while undecidable",
        ),
        &One::<Labelled>(|()| flag(true)),
    ),
);
