//! Lists every family of tenants and sources: the only place where one is named.
//!
//! The order is that of the reference: how sure we are, health, seats and
//! coverage, life cycle, facts of one vendor alone, and what the exporter
//! itself adds. To add a family, add a row.

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
    // How sure we are.
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_up",
            "Whether the last listing of this source's tenants was answered and understood (1) or not (0); absent before the first attempt ends",
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
            "Whether the last listing of this source's tenants reached its announced end (1) or not (0); only a complete listing adds or removes tenants",
        ),
        &One::<Source>(|view| flag(view.source.listing.succeeded()?)),
    ),
    Family::of(
        Group::Source,
        Descriptor::counter("saasbackup_tenants_removed_total", "Tenants that a complete listing no longer had"),
        &One::<Source>(|view| count(view.source.tenants_removed)),
    ),
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_tenants_refused",
            "Tenants of this source that have no series because its series_limit would be passed; absent while nobody knows who the tenants are",
        ),
        &One::<Source>(|view| count(view.dropped?)),
    ),
    Family::of(
        Group::Source,
        Descriptor::counter(
            "saasbackup_schema_drift_total",
            "Records in the vendor's answers that did not look as documented, by endpoint and field (empty for a whole record) and kind: missing, retyped, unknown_word, out_of_range, undecodable_record",
        ),
        &One::<Drift>(count),
    ),
    Family::of_parts(
        Descriptor::seconds(
            "saasbackup_observed_timestamp_seconds",
            "When the values now shown for this part of the tenant were obtained from the vendor; absent while there are none",
        ),
        &One::<Part>(|(view, part)| moment(view.source.observed_at(view.tenant, part)?)),
    ),
    Family::of_parts(
        Descriptor::gauge(
            "saasbackup_collection_success",
            "Whether the last attempt at this part of the tenant worked (1) or not (0); absent before the first attempt ends",
        ),
        &One::<Part>(|(view, part)| flag(view.source.last_attempt(view.tenant, part)?.outcome == Outcome::Success)),
    ),
    // Backup health.
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_workload_state",
            "State set of a workload, exactly one is 1, worst first: failing (something active reports an error), never (something active was never backed up), stopped (there are resources, or items or bytes are held, and nothing is active any more), late (something active is older than its objective), unknown (never seen, too old, or not fully readable), ok, empty (licensed, and there is nothing), paused (the vendor has stopped backing up the tenant), not_licensed",
        ),
        &StateSet::<Workload, _>(|view| view.tenant.workload_state(view.workload)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_resources",
            "Mailboxes, drives, sites or teams by state as of the observation, each in the first that holds: deactivated, failing, never, unknown (could not be read), late, ok",
        ),
        &Each::<Workload, ResourceState>(|view, state| count(view.summary?.resources?.get(state))),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_newest_backup_timestamp_seconds",
            "Newest backup of any active resource of the workload; absent while none has one",
        ),
        &One::<Workload>(|view| moment(view.summary?.newest_backup?)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_protected_until_timestamp_seconds",
            "Every active resource of the workload has a backup at least this recent; absent while one has none",
        ),
        &One::<Workload>(|view| moment(view.summary?.protected_until?)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::seconds(
            "saasbackup_rpo_seconds",
            "Recovery point objective that the workload is measured against, how old a backup may be: from the configuration, else 24 h, or 36 h for what Dropsuite backs up once a day",
        ),
        &One::<Workload>(|view| period(view.tenant.rpo.of(view.workload))),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::gauge(
            "saasbackup_items",
            "Items held: messages, calendar entries, contacts, tasks or files, those of deactivated resources included; absent where the vendor does not say it of every resource",
        ),
        &One::<Workload>(|view| count(view.summary?.items?)),
    ),
    Family::of(
        Group::Workloads,
        Descriptor::bytes(
            "saasbackup_storage_bytes",
            "Bytes held, counted like items and converted from the unit of each endpoint",
        ),
        &One::<Workload>(|view| count(view.summary?.storage_bytes?)),
    ),
    // Seats and coverage.
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_seats_used", "Seats in use, as the vendor reports them"),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).used?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_seats_available", "Seats purchased, used or not, as the vendor reports them"),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).available?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_seats_active", "Seats whose account is backed up, as the vendor reports them"),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).active?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_seats_deactivated",
            "Seats whose account is deactivated, as the vendor reports them",
        ),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).deactivated?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge(
            "saasbackup_seats_required",
            "Seats that the vendor's automatic licensing asks for, as the vendor reports them",
        ),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).required?)),
    ),
    Family::only(
        Provider::Datto,
        Family::of(
            Group::Seats,
            Descriptor::gauge("saasbackup_seats", "Seats by type and state; only from a vendor that lists them"),
            &Each::<SeatType, SeatState>(|seats, state| count(seats.states[state])),
        ),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_seats_billable", "Seats that the vendor bills"),
        &One::<Tenant>(|view| count(view.source.seats(view.tenant).billable?)),
    ),
    Family::of(
        Group::Seats,
        Descriptor::gauge("saasbackup_shared_mailboxes", "Shared mailboxes by billing: paid or free"),
        &Each::<Tenant, SharedMailboxBilling>(|view, billing| {
            count(view.source.seats(view.tenant).shared_mailboxes(billing)?)
        }),
    ),
    Family::of(
        Group::Coverage,
        Descriptor::gauge(
            "saasbackup_accounts",
            "Accounts (Datto: seats) that could be protected, by state; coverage is protected / (protected + unprotected); unknown is an account whose state the vendor leaves out; states the vendor has no word for are absent",
        ),
        &Each::<Tenant, AccountState>(|view, state| {
            let covered = view.tenant.coverage.value().and_then(|coverage| coverage.accounts.get(state));
            let listed = || view.tenant.seats.value()?.accounts(state);
            count(covered.or_else(listed)?)
        }),
    ),
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Coverage,
            Descriptor::gauge(
                "saasbackup_domain_state",
                "State set of a connected domain of the tenant: queued, connected, reconnect_required (access was lost), unknown",
            ),
            &StateSet::<Domain, _>(|domain| Some(domain.state)),
        ),
    ),
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Coverage,
            Descriptor::gauge("saasbackup_domain_users", "Users in the directory of a connected domain"),
            &One::<Domain>(|domain| count(domain.users?)),
        ),
    ),
    Family::of(
        Group::Listing,
        Descriptor::info(
            "saasbackup_tenant_info",
            "The tenant's other ids and its plan and product in the vendor's words; an empty label is not known",
        ),
        &One::<Listed>(|_| flag(true)),
    ),
    Family::of(
        Group::Listing,
        Descriptor::gauge(
            "saasbackup_tenant_state",
            "State set of the tenant at the vendor: active, suspended (logins are disabled, backups go on), deactivated (backups have stopped)",
        ),
        &StateSet::<Tenant, _>(|view| view.source.listed(view.tenant)?.status),
    ),
    // What was sold.
    sold::TENANTS,
    sold::TENANT_PRESENT,
    sold::TENANT_EXPECTED,
    sold::SEATS,
    sold::WORKLOADS,
    sold::WORKLOAD_PROTECTED,
    // Life cycle.
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_connection_failures", "Accounts that the service cannot connect to"),
        &One::<Tenant>(|view| count(lifecycle(view)?.connection_failures?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_deactivated_accounts", "Accounts that are kept and no longer backed up"),
        &One::<Tenant>(|view| count(lifecycle(view)?.deactivated_accounts?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_deleted_accounts", "Accounts that were deleted from the service"),
        &One::<Tenant>(|view| count(lifecycle(view)?.deleted_accounts?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_pending_invites", "Invitations that were sent and have not expired"),
        &One::<Tenant>(|view| count(lifecycle(view)?.pending_invites?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge(
            "saasbackup_delegated_users",
            "People who may use the vendor's portal for this tenant without being backed up",
        ),
        &One::<Tenant>(|view| count(lifecycle(view)?.delegated_users?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::gauge("saasbackup_retention_policies", "Retention policies of the tenant"),
        &One::<Tenant>(|view| count(lifecycle(view)?.retention_policies?)),
    ),
    Family::of(
        Group::Lifecycle,
        Descriptor::seconds(
            "saasbackup_retention_period_seconds",
            "Shortest period for which any retention policy of the tenant keeps backups; a month counts as 30 days and a year as 365; absent where there is no policy or one cannot be read",
        ),
        &One::<Tenant>(|view| period(lifecycle(view)?.shortest_retention?)),
    ),
    // Facts of one vendor alone.
    Family::only(
        Provider::Dropsuite,
        Family::of(
            Group::Listing,
            Descriptor::gauge(
                "saasbackup_dropsuite_login_disabled",
                "Whether Dropsuite reports the tenant's login as disabled (1) or not (0); backups go on while it is; absent where the vendor does not say",
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
                "Mailboxes, drives, sites or teams by Dropsuite's current_backup_status; other is any word that is not known; absent for workloads without that field",
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
                "Journal mailboxes by type: journal, or non_delivery for non-delivery reports; absent where the archiver product is not licensed",
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
                "Services of the application that Datto never took in",
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
                "Services of the application whose backup of the newest day had no issue",
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
                "State set of Datto's word for the application's newest day: perfect, good, fair, poor, backup_with_issues, insufficient_history, unknown, other (any word that is not known)",
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
                "Every service of the application was last protected at least this long ago; only where Datto gives a bucket such as OVER_10_DAYS_AGO instead of a time",
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
                "Bytes that Datto bills the customer for, retained versions included; not the sum of its applications, and not to be added to them",
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
                "Mailboxes, drives, sites and teams of the customer that should be backed up, by Datto's listing",
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
                "Those of them with a recent backup; Datto does not say what recent means",
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
                "Share of the customer's active services with a recent backup, from 0 to 1; absent where none is active",
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
                "Newest backup of any seat of this type; only where Datto's answer has the documented field lastBackup",
            ),
            &One::<SeatType>(|seats| moment(seats.newest_backup?)),
        ),
    ),
    // What the exporter adds.
    Family::of(
        Group::Source,
        Descriptor::gauge(
            "saasbackup_exporter_tenants",
            "Tenants of this source by progress: pending (no attempt has ended), collected (the last attempt at every part worked), failing (the last attempt at some part did not), excluded (by the configuration)",
        ),
        &Each::<Progress, _>(|counts, stage: TenantProgress| count(*counts.get(&stage)?)),
    ),
    Family::of(
        Group::Source,
        Descriptor::counter(
            "saasbackup_exporter_withdrawn_total",
            "Times that values of a part were withdrawn because they were older than stale_after",
        ),
        &One::<Source>(|view| count(view.source.withdrawn)),
    ),
    Family::of(
        Group::Exporter,
        Descriptor::gauge(
            "saasbackup_exporter_series",
            "Series of tenants and sources in the full exposition, this one and the exporter's own left out",
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
