//! Defines the families of the restore tests, which prove what the vendors only report.

use super::{count, moment, period};
use crate::domain::roster::Presence;
use crate::exposition::entity::{RestoreTest, Source, Tenant};
use crate::exposition::samples::{Each, One};
use crate::exposition::{Family, Group, OperatorList};
use crate::metric::Descriptor;

/// The tests in the file, by whether the vendor lists their tenant.
pub(super) const TESTS: Family = Family::beside(
    OperatorList::RestoreTests,
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_restore_tests",
            "Number of restore tests in the file, each in exactly one state of its tenant: present (in the last complete listing), missing (the last listing was complete and does not contain it), ambiguous (several tenants match, or tests refer to the same tenant by id and by name), unknown; absent without restore_tests",
        ),
        &Each::<Source, Presence>(|view, presence| count(view.restore_tests.as_ref()?.count(presence))),
    ),
);

/// The last tests of a workload.
pub(super) const TIMESTAMP: Family = Family::beside(
    OperatorList::RestoreTests,
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_restore_test_timestamp_seconds",
            "Time of the last restore test of the workload with this result, ok or failed, as recorded by the operator, at midnight UTC if only a date is given; absent if there was none",
        ),
        &One::<RestoreTest>(moment),
    ),
);

/// How often a tenant should have one.
pub(super) const OBJECTIVE: Family = Family::beside(
    OperatorList::RestoreTests,
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_restore_test_objective_seconds",
            "Restore test objective of the tenant, the maximum time since the last successful restore test of any of its workloads: as configured, by default 90d; absent if none is wanted, and without restore_tests",
        ),
        &One::<Tenant>(|view| period(view.restore_tests?.objective(view.source, view.tenant)?)),
    ),
);
