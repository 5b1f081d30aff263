//! Defines every metric family of tenants and sources.
//!
//! In the order of the reference: data freshness, backup health, seats and coverage, billing reconciliation,
//! restore tests, life cycle, vendor-specific facts, and the exporter's own view. To add a family, add a row.

mod restore;
mod sold;

use std::time::Duration;

use super::entity::{Domain, Drift, Listed, Part, Progress, SeatType, Source, Tenant, Workload};
use super::samples::{Each, One, StateSet, Total};
use super::view::TenantView;
use super::{Family, Group, Value};
use crate::domain::{
    AccountState, JournalType, Lifecycle, Outcome, Provider, ResourceState, SeatState, SharedMailboxBilling,
    StatusWord, TenantProgress, Timestamp,
};
use crate::metric::Descriptor;

/// The families, in the order in which they are written.
pub static FAMILIES: &[Family] = &[
    // Data freshness.
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_up",
            "Whether the last tenant listing of the source succeeded (1) or failed (0), an incomplete one counted as a success; absent before the first attempt ends",
        ),
        &One::<Source>(|view| {
            let outcome = view.source.listing.attempt?.outcome;
            flag(matches!(outcome, Outcome::Success | Outcome::Incomplete))
        }),
    ),
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_listing_complete",
            "Whether the last tenant listing of the source was complete (1) or not (0); only a complete listing removes tenants",
        ),
        &One::<Source>(|view| flag(view.source.listing.succeeded()?)),
    ),
    Family::of(
        Group::Source,
        Descriptor::counter(
            "saasbackup_tenants_removed_total",
            "Tenants removed because a complete listing no longer contained them",
        ),
        &One::<Source>(|view| count(view.source.tenants_removed)),
    ),
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_tenants_dropped",
            "Number of tenants of the source that are dropped because its series_limit would be exceeded: they have no series and are not collected; absent until the tenants are known",
        ),
        &One::<Source>(|view| count(view.dropped?)),
    ),
    Family::of(
        Group::Source,
        Descriptor::counter(
            "saasbackup_schema_drift_total",
            "Records in API responses that deviated from the documented schema, by endpoint, field (empty for a whole record) and kind: missing, retyped, unknown_word, out_of_range, undecodable_record, foreign_record, conflicting_record",
        ),
        &One::<Drift>(count),
    ),
    Family::of_parts(
        Descriptor::seconds(
            "saasbackup_observed_timestamp_seconds",
            "Time at which the current values of this part of the tenant were collected from the vendor; absent while there are none",
        ),
        &One::<Part>(|(view, part)| moment(view.source.observed_at(view.tenant, part)?)),
    ),
    Family::of_parts(
        Descriptor::gauge(
            "saasbackup_collection_success",
            "Whether the last collection of this part of the tenant succeeded (1) or failed (0, the values are stale or absent); absent before the first attempt ends",
        ),
        &One::<Part>(|(view, part)| flag(view.source.last_attempt(view.tenant, part)?.outcome == Outcome::Success)),
    ),
    // Backup health.
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_workload_state",
            "State set of a workload, exactly one state is 1, worst first: failing (an active resource reports an error), never (an active resource has no backup yet), stopped (resources or backup data exist, but no resource is active any more), late (the newest backup of an active resource is older than the RPO), unknown (never collected, expired, or not fully readable), ok, empty (licensed, but without any resource), paused (the vendor has stopped backing up the tenant), not_licensed",
        ),
        &StateSet::<Workload, _>(|view| view.tenant.workload_state(view.workload)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_resources",
            "Number of mailboxes, drives, sites or teams by state at collection time, each in the first state that applies: deactivated, failing, never, unknown (not readable), late, ok",
        ),
        &Each::<Workload, ResourceState>(|view, state| count(view.summary?.resources?.get(state))),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_newest_backup_timestamp_seconds",
            "Time of the newest backup of any active resource of the workload; absent while none has a backup",
        ),
        &One::<Workload>(|view| moment(view.summary?.newest_backup?)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_protected_until_timestamp_seconds",
            "Every active resource of the workload has a backup at least as recent as this time (the weakest link); absent while one has no backup",
        ),
        &One::<Workload>(|view| moment(view.summary?.protected_until?)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_rpo_seconds",
            "Recovery point objective (RPO) of the workload, the maximum age of its backups: as configured, by default 24h, or 36h for what Dropsuite backs up once a day",
        ),
        &One::<Workload>(|view| period(view.tenant.rpo.of(view.workload))),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_items",
            "Number of protected items (messages, calendar entries, contacts, tasks or files), including those of deactivated resources; absent unless the vendor reports it for every resource",
        ),
        &One::<Workload>(|view| count(view.summary?.items?)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::bytes(
            "saasbackup_storage_bytes",
            "Size of the protected items in bytes, including those of deactivated resources; absent unless the vendor reports it for every resource",
        ),
        &One::<Workload>(|view| count(view.summary?.storage_bytes?)),
    ),
    // Seats and coverage.
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_seats_used", "Number of seats in use, as reported by the vendor"),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).used?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_seats_available",
            "Number of seats purchased, used or not, as reported by the vendor",
        ),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).available?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_seats_active",
            "Number of seats whose account is backed up, as reported by the vendor",
        ),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).active?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_seats_deactivated",
            "Number of seats whose account is deactivated, as reported by the vendor",
        ),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).deactivated?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_seats_required",
            "Number of seats that the vendor's automatic licensing requires, as reported by the vendor",
        ),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).required?)),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Seats,
            Descriptor::gauge("saasbackup_seats", "Number of seats by type and state"),
            &Each::<SeatType, SeatState>(|seats, state| count(seats.states[state])),
        ),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_seats_billable", "Number of seats that the vendor bills"),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).billable?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_shared_mailboxes", "Number of shared mailboxes by billing: paid or free"),
        &Each::<Tenant, SharedMailboxBilling>(|view, billing| {
            count(view.source.seats(view.tenant).shared_mailboxes(billing)?)
        }),
    ),
    Family::of(
        Group::Coverage,
        Descriptor::gauge(
            "saasbackup_accounts",
            "Number of accounts (Datto: seats) that can be protected, by state; coverage is protected / (protected + unprotected); unknown means that the vendor omits the state; states that the vendor does not report are absent",
        ),
        &Each::<Tenant, AccountState>(|view, state| count(view.tenant.accounts(state)?)),
    ),
    Family::of(
        Group::Coverage,
        Descriptor::gauge(
            "saasbackup_coverage_objective_ratio",
            "Coverage objective of the tenant as configured, the minimum ratio of protected accounts to protected and unprotected ones, from 0 to 1; by default 0.8; absent if no objective is configured",
        ),
        &One::<Tenant>(|view| {
            let TenantView { source, tenant, .. } = view;
            let objectives = &source.policy.objectives.coverage;
            let objective = objectives.of_tenant(tenant.tenant.id.as_str(), tenant.tenant.name_or_id())?;
            Some(Value::Number(objective.get()))
        }),
    ),
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Coverage,
            Descriptor::gauge(
                "saasbackup_domain_state",
                "State set of a connected domain of the tenant, exactly one state is 1: queued, connected, reconnect_required (access was lost), unknown",
            ),
            &StateSet::<Domain, _>(|domain| Some(domain.state)),
        ),
    ),
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Coverage,
            Descriptor::gauge("saasbackup_domain_users", "Number of users in the directory of a connected domain"),
            &One::<Domain>(|domain| count(domain.users?)),
        ),
    ),
    Family::of(
        Group::Listing,
        Descriptor::info(
            "saasbackup_tenant_info",
            "Information about the tenant: its other ids, plan and product, as reported by the vendor; an empty label value is unknown",
        ),
        &One::<Listed>(|_| flag(true)),
    ),
    Family::of(
        Group::Listing,
        Descriptor::gauge(
            "saasbackup_tenant_state",
            "State set of the tenant at the vendor, exactly one state is 1: active, suspended (logins disabled, backups continue), deactivated (backups stopped)",
        ),
        &StateSet::<Tenant, _>(|view| view.source.listed(view.tenant)?.status),
    ),
    // Billing reconciliation.
    sold::TENANTS,
    sold::TENANT_PRESENT,
    sold::TENANT_EXPECTED,
    sold::COMMITTED_SEATS,
    sold::SEATS,
    sold::WORKLOADS,
    sold::WORKLOAD_PROTECTED,
    sold::UNPROTECTED_ACCEPTED,
    sold::UNPROTECTED_ACCEPTED_UNTIL,
    sold::TENANT_LABELS,
    // Restore tests.
    restore::TESTS,
    restore::TIMESTAMP,
    restore::OBJECTIVE,
    // Life cycle.
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_connection_failures", "Number of accounts that the vendor cannot connect to"),
        &One::<Tenant>(|view| count(lifecycle(view)?.connection_failures?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge(
            "saasbackup_deactivated_accounts",
            "Number of accounts that are retained but no longer backed up",
        ),
        &One::<Tenant>(|view| count(lifecycle(view)?.deactivated_accounts?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_deleted_accounts", "Number of accounts that were deleted from the service"),
        &One::<Tenant>(|view| count(lifecycle(view)?.deleted_accounts?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_pending_invites", "Number of invitations that were sent and have not expired"),
        &One::<Tenant>(|view| count(lifecycle(view)?.pending_invites?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge(
            "saasbackup_delegated_users",
            "Number of users with access to the vendor's portal for this tenant who are not backed up themselves",
        ),
        &One::<Tenant>(|view| count(lifecycle(view)?.delegated_users?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_retention_policies", "Number of retention policies of the tenant"),
        &One::<Tenant>(|view| count(lifecycle(view)?.retention_policies?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::seconds(
            "saasbackup_retention_period_seconds",
            "Shortest retention period of the tenant's retention policies, with months of 30 and years of 365 days; absent without a policy, or if any policy is not readable",
        ),
        &One::<Tenant>(|view| period(lifecycle(view)?.shortest_retention?)),
    ),
    // Vendor-specific facts.
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Listing,
            Descriptor::gauge(
                "saasbackup_dropsuite_login_disabled",
                "Whether the tenant's login is disabled (1) or not (0), as reported by Dropsuite; backups continue in either case; absent if not reported",
            ),
            &One::<Tenant>(|view| flag(view.source.listed(view.tenant)?.login_disabled?)),
        ),
    ),
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Workloads,
            Descriptor::gauge(
                "saasbackup_dropsuite_resources",
                "Number of mailboxes, drives, sites or teams by Dropsuite's current_backup_status; other is any unrecognized status; absent for workloads without that field",
            ),
            &Each::<Workload, StatusWord>(|view, status| count(view.summary?.statuses.given(status)?.into())),
        ),
    ),
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Lifecycle,
            Descriptor::gauge(
                "saasbackup_dropsuite_journals",
                "Number of journal mailboxes by type: journal, or non_delivery for non-delivery reports; absent if the archiver product is not licensed",
            ),
            &Each::<Tenant, JournalType>(|view, journal_type| count(lifecycle(view)?.journals(journal_type)?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Workloads,
            Descriptor::gauge(
                "saasbackup_datto_uningested_services",
                "Number of services of the application that Datto never ingested",
            ),
            &One::<Workload>(|view| count(view.summary?.datto.as_ref()?.uningested_services?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Workloads,
            Descriptor::gauge(
                "saasbackup_datto_perfect_backups",
                "Number of services of the application whose backup on the newest reported day had no issues",
            ),
            &One::<Workload>(|view| count(view.summary?.datto.as_ref()?.perfect_backups?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Workloads,
            Descriptor::gauge(
                "saasbackup_datto_backup_status",
                "State set of Datto's backup status for the newest reported day of the application, exactly one state is 1: perfect, good, fair, poor, backup_with_issues, insufficient_history, unknown, other (any unrecognized status)",
            ),
            &StateSet::<Workload, _>(|view| view.summary?.datto.as_ref()?.status),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Workloads,
            Descriptor::seconds(
                "saasbackup_datto_protection_gap_seconds",
                "Minimum time since any service of the application was last protected; present only if Datto reports a bucket such as OVER_10_DAYS_AGO instead of a time",
            ),
            &One::<Workload>(|view| period(view.summary?.datto.as_ref()?.protection_gap?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Workloads,
            Descriptor::bytes(
                "saasbackup_datto_customer_storage_bytes",
                "Storage in bytes that Datto bills the customer for, including retained versions; not the sum of saasbackup_storage_bytes over the workloads, and not to be added to it",
            ),
            &One::<Tenant>(|view| count(*view.tenant.customer_storage_bytes.value()?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Listing,
            Descriptor::gauge(
                "saasbackup_datto_active_services",
                "Number of mailboxes, drives, sites and teams of the customer that should be backed up, as reported by Datto's listing",
            ),
            &One::<Tenant>(|view| count(view.source.listed(view.tenant)?.services.active?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Listing,
            Descriptor::gauge(
                "saasbackup_datto_recently_backed_up_services",
                "Number of the customer's active services with a recent backup, as reported by Datto's listing; Datto does not define recent",
            ),
            &One::<Tenant>(|view| count(view.source.listed(view.tenant)?.services.recently_backed_up?)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Listing,
            Descriptor::gauge(
                "saasbackup_datto_backup_ratio",
                "Ratio of the customer's active services with a recent backup, from 0 to 1; absent if none is active",
            ),
            &One::<Tenant>(|view| view.source.listed(view.tenant)?.services.ratio.map(Value::Number)),
        ),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Seats,
            Descriptor::seconds(
                "saasbackup_datto_newest_seat_backup_timestamp_seconds",
                "Time of the newest backup of any seat of this type; present only if Datto's response has the documented field lastBackup",
            ),
            &One::<SeatType>(|seats| moment(seats.newest_backup?)),
        ),
    ),
    // What the exporter adds.
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_exporter_tenants",
            "Number of tenants of the source by collection state: pending (not collected yet), collected (the last collection of every part succeeded), failing (the last collection of at least one part failed), excluded (by tenants.include, tenants.exclude or series_limit)",
        ),
        &Each::<Progress, _>(|counts, stage: TenantProgress| count(*counts.get(&stage)?)),
    ),
    Family::of(
        Group::Source,
        Descriptor::counter(
            "saasbackup_exporter_expired_total",
            "Number of times the values of a part expired because they were older than stale_after",
        ),
        &One::<Source>(|view| count(view.source.expired)),
    ),
    Family::of(
        Group::Exporter,
        Descriptor::gauge(
            "saasbackup_exporter_series",
            "Number of series of tenants and sources in the full exposition, without this one and the exporter's own",
        ),
        &Total,
    ),
];

#[expect(clippy::unnecessary_wraps, reason = "rows end in an Option, and read better without Some(..) around each")]
fn flag(holds: bool) -> Option<Value> {
    Some(Value::Whole(u64::from(holds)))
}

#[expect(clippy::unnecessary_wraps, reason = "as above")]
const fn count(amount: u64) -> Option<Value> {
    Some(Value::Whole(amount))
}

#[expect(clippy::unnecessary_wraps, reason = "as above")]
const fn moment(at: Timestamp) -> Option<Value> {
    Some(Value::Moment(at))
}

#[expect(clippy::unnecessary_wraps, reason = "as above")]
fn period(duration: Duration) -> Option<Value> {
    Some(duration.into())
}

fn lifecycle(view: TenantView<'_>) -> Option<&Lifecycle> {
    view.tenant.lifecycle.value()
}

#[cfg(test)]
mod tests;
