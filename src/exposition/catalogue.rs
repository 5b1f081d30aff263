//! Lists every family of tenants and sources: the only place where one is named.
//!
//! The order is that of the reference: how sure we are, health, seats and
//! coverage, life cycle, facts of one vendor alone, and what the exporter
//! itself adds. To add a family, add a row.

mod sold;

use std::time::Duration;

use super::descriptor::{Descriptor, Family, Kind, Unit};
use super::scope::Scope;
use super::view::TenantView;
use super::{Group, Value};
use crate::domain::{Lifecycle, Outcome, SourceState, Timestamp};

/// The families, in the order in which they are written.
pub static FAMILIES: &[Family] = &[
    // How sure we are.
    Family {
        descriptor: gauge(
            "saasbackup_up",
            "Whether the last listing of this source's tenants was answered and understood (1) or not (0); absent before the first attempt ends",
        ),
        scope: Scope::Source(|source| {
            let outcome = source.listing.attempt?.outcome;
            flag(matches!(outcome, Outcome::Success | Outcome::Incomplete))
        }),
    },
    Family {
        descriptor: gauge(
            "saasbackup_listing_complete",
            "Whether the last listing of this source's tenants reached its announced end (1) or not (0); only a complete listing adds or removes tenants",
        ),
        scope: Scope::Source(|source| flag(source.listing.succeeded()?)),
    },
    Family {
        descriptor: counter("saasbackup_tenants_removed_total", "Tenants that a complete listing no longer had"),
        scope: Scope::Source(|source| count(source.tenants_removed)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_tenants_refused",
            "Tenants of this source that have no series because its series_limit would be passed; absent while nobody knows who the tenants are",
        ),
        scope: Scope::Refused(count),
    },
    Family {
        descriptor: counter(
            "saasbackup_schema_drift_total",
            "Records in the vendor's answers that did not look as documented, by endpoint and field (empty for a whole record) and kind: missing, retyped, unknown_word, out_of_range, undecodable_record",
        ),
        scope: Scope::Drift(|source, drift| count(*source.drift.get(drift)?)),
    },
    Family {
        descriptor: seconds(
            "saasbackup_observed_timestamp_seconds",
            "When the values now shown for this part of the tenant were obtained from the vendor; absent while there are none",
        ),
        scope: Scope::Part(|view, part| moment(view.source.observed_at(view.tenant, part)?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_collection_success",
            "Whether the last attempt at this part of the tenant worked (1) or not (0); absent before the first attempt ends",
        ),
        scope: Scope::Part(|view, part| flag(view.source.last_attempt(view.tenant, part)?.outcome == Outcome::Success)),
    },
    // Backup health.
    Family {
        descriptor: gauge(
            "saasbackup_workload_state",
            "State set of a workload, exactly one is 1, worst first: failing (something active reports an error), never (something active was never backed up), stopped (there are resources, or items or bytes are held, and nothing is active any more), late (something active is older than its objective), unknown (never seen, too old, or not fully readable), ok, empty (licensed, and there is nothing), paused (the vendor has stopped backing up the tenant), not_licensed",
        ),
        scope: Scope::WorkloadState(|view| view.tenant.workload_state(view.workload)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_resources",
            "Mailboxes, drives, sites or teams by state as of the observation, each in the first that holds: deactivated, failing, never, unknown (could not be read), late, ok",
        ),
        scope: Scope::ResourceState(|view, state| count(view.summary?.resources?.get(state))),
    },
    Family {
        descriptor: seconds(
            "saasbackup_newest_backup_timestamp_seconds",
            "Newest backup of any active resource of the workload; absent while none has one",
        ),
        scope: Scope::Workload(|view| moment(view.summary?.newest_backup?)),
    },
    Family {
        descriptor: seconds(
            "saasbackup_protected_until_timestamp_seconds",
            "Every active resource of the workload has a backup at least this recent; absent while one has none",
        ),
        scope: Scope::Workload(|view| moment(view.summary?.protected_until?)),
    },
    Family {
        descriptor: seconds(
            "saasbackup_rpo_seconds",
            "Recovery point objective that the workload is measured against, from the configuration: how old a backup may be",
        ),
        scope: Scope::Workload(|view| period(view.tenant.rpo.of(view.workload))),
    },
    Family {
        descriptor: gauge(
            "saasbackup_items",
            "Items held: messages, calendar entries, contacts, tasks or files, those of deactivated resources included; absent where the vendor does not say it of every resource",
        ),
        scope: Scope::Workload(|view| count(view.summary?.items?)),
    },
    Family {
        descriptor: bytes(
            "saasbackup_storage_bytes",
            "Bytes held, counted like items and converted from the unit of each endpoint",
        ),
        scope: Scope::Workload(|view| count(view.summary?.storage_bytes?)),
    },
    // Seats and coverage.
    Family {
        descriptor: gauge("saasbackup_seats_used", "Seats in use, as the vendor reports them"),
        scope: Scope::Tenant(Group::Seats, |view| count(view.source.seats(view.tenant).used?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_seats_available",
            "Seats available, as the vendor reports them; probably the number bought rather than the number left, since the vendor does not define it",
        ),
        scope: Scope::Tenant(Group::Seats, |view| count(view.source.seats(view.tenant).available?)),
    },
    Family {
        descriptor: gauge("saasbackup_seats_active", "Seats whose account is backed up, as the vendor reports them"),
        scope: Scope::Tenant(Group::Seats, |view| count(view.source.seats(view.tenant).active?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_seats_deactivated",
            "Seats whose account is deactivated, as the vendor reports them",
        ),
        scope: Scope::Tenant(Group::Seats, |view| count(view.source.seats(view.tenant).deactivated?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_seats_required",
            "Seats that the vendor's automatic licensing asks for, as the vendor reports them",
        ),
        scope: Scope::Tenant(Group::Seats, |view| count(view.source.seats(view.tenant).required?)),
    },
    Family {
        descriptor: gauge("saasbackup_seats", "Seats by type and state; only from a vendor that lists them"),
        scope: Scope::Seats(|seats, state| count(seats.get(state))),
    },
    Family {
        descriptor: gauge("saasbackup_seats_billable", "Seats that the vendor bills"),
        scope: Scope::Tenant(Group::Seats, |view| count(view.source.seats(view.tenant).billable?)),
    },
    Family {
        descriptor: gauge("saasbackup_shared_mailboxes", "Shared mailboxes by billing: paid or free"),
        scope: Scope::SharedMailboxes(|view, billing| count(view.source.seats(view.tenant).shared_mailboxes(billing)?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_accounts",
            "Accounts (Datto: seats) that could be protected, by state; coverage is protected / (protected + unprotected); unknown is an account whose state the vendor leaves out; states the vendor has no word for are absent",
        ),
        scope: Scope::Accounts(|view, state| {
            let covered = view.tenant.coverage.value().and_then(|coverage| coverage.accounts.get(state));
            let listed = || view.tenant.seats.value()?.accounts(state);
            count(covered.or_else(listed)?)
        }),
    },
    Family {
        descriptor: gauge(
            "saasbackup_domain_state",
            "State set of a connected domain of the tenant: queued, connected, reconnect_required (access was lost), unknown",
        ),
        scope: Scope::DomainState(|domain| domain.state),
    },
    Family {
        descriptor: gauge("saasbackup_domain_users", "Users in the directory of a connected domain"),
        scope: Scope::Domain(|domain| count(domain.users?)),
    },
    Family {
        descriptor: Descriptor {
            name: "saasbackup_tenant_info",
            help: "The tenant's other ids and its plan and product in the vendor's words; an empty label is not known",
            unit: None,
            kind: Kind::Info,
        },
        scope: Scope::TenantInfo(|view| view.source.listed(view.tenant)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_tenant_state",
            "State set of the tenant at the vendor: active, suspended (logins are disabled, backups go on), deactivated (backups have stopped)",
        ),
        scope: Scope::TenantStatus(|view| view.source.listed(view.tenant)?.status),
    },
    // What was sold.
    sold::TENANTS,
    sold::TENANT_PRESENT,
    sold::TENANT_EXPECTED,
    sold::SEATS,
    sold::WORKLOADS,
    sold::WORKLOAD_PROTECTED,
    // Life cycle.
    Family {
        descriptor: gauge("saasbackup_connection_failures", "Accounts that the service cannot connect to"),
        scope: Scope::Tenant(Group::Lifecycle, |view| count(lifecycle(view)?.connection_failures?)),
    },
    Family {
        descriptor: gauge("saasbackup_deactivated_accounts", "Accounts that are kept and no longer backed up"),
        scope: Scope::Tenant(Group::Lifecycle, |view| count(lifecycle(view)?.deactivated_accounts?)),
    },
    Family {
        descriptor: gauge("saasbackup_deleted_accounts", "Accounts that were deleted from the service"),
        scope: Scope::Tenant(Group::Lifecycle, |view| count(lifecycle(view)?.deleted_accounts?)),
    },
    Family {
        descriptor: gauge("saasbackup_pending_invites", "Invitations that were sent and have not expired"),
        scope: Scope::Tenant(Group::Lifecycle, |view| count(lifecycle(view)?.pending_invites?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_delegated_users",
            "People who may use the vendor's portal for this tenant without being backed up",
        ),
        scope: Scope::Tenant(Group::Lifecycle, |view| count(lifecycle(view)?.delegated_users?)),
    },
    Family {
        descriptor: gauge("saasbackup_retention_policies", "Retention policies of the tenant"),
        scope: Scope::Tenant(Group::Lifecycle, |view| count(lifecycle(view)?.retention_policies?)),
    },
    Family {
        descriptor: seconds(
            "saasbackup_retention_period_seconds",
            "Shortest period for which any retention policy of the tenant keeps backups; a month counts as 30 days and a year as 365; absent where there is no policy or one cannot be read",
        ),
        scope: Scope::Tenant(Group::Lifecycle, |view| period(lifecycle(view)?.shortest_retention?)),
    },
    // Facts of one vendor alone.
    Family {
        descriptor: gauge(
            "saasbackup_dropsuite_resources",
            "Mailboxes, drives, sites or teams by Dropsuite's current_backup_status; other is any word that is not known; absent for workloads without that field",
        ),
        scope: Scope::StatusWord(|view, status| count(view.summary?.statuses.get(status)?.into())),
    },
    Family {
        descriptor: gauge(
            "saasbackup_dropsuite_journals",
            "Journal mailboxes by type: journal, or non_delivery for non-delivery reports; absent where the archiver product is not licensed",
        ),
        scope: Scope::Journals(|view, journal_type| count(lifecycle(view)?.journals(journal_type)?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_datto_uningested_services",
            "Services of the application that Datto never took in",
        ),
        scope: Scope::Workload(|view| count(view.summary?.datto.as_ref()?.uningested_services?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_datto_perfect_backups",
            "Services of the application whose backup of the newest day had no issue",
        ),
        scope: Scope::Workload(|view| count(view.summary?.datto.as_ref()?.perfect_backups?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_datto_backup_status",
            "State set of Datto's word for the application's newest day: perfect, good, fair, poor, backup_with_issues, insufficient_history, unknown, other (any word that is not known)",
        ),
        scope: Scope::BackupStatus(|view| view.summary?.datto.as_ref()?.status),
    },
    Family {
        descriptor: seconds(
            "saasbackup_datto_protection_gap_seconds",
            "Every service of the application was last protected at least this long ago; only where Datto gives a bucket such as OVER_10_DAYS_AGO instead of a time",
        ),
        scope: Scope::Workload(|view| period(view.summary?.datto.as_ref()?.protection_gap?)),
    },
    Family {
        descriptor: bytes(
            "saasbackup_datto_customer_storage_bytes",
            "Bytes that Datto bills the customer for, retained versions included; not the sum of its applications, and not to be added to them",
        ),
        scope: Scope::Tenant(Group::Workloads, |view| count(*view.tenant.customer_storage_bytes.value()?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_datto_active_services",
            "Mailboxes, drives, sites and teams of the customer that should be backed up, by Datto's listing",
        ),
        scope: Scope::Tenant(Group::Listing, |view| count(view.source.listed(view.tenant)?.services.active?)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_datto_recently_backed_up_services",
            "Those of them with a recent backup; Datto does not say what recent means",
        ),
        scope: Scope::Tenant(Group::Listing, |view| {
            count(view.source.listed(view.tenant)?.services.recently_backed_up?)
        }),
    },
    Family {
        descriptor: gauge(
            "saasbackup_datto_backup_ratio",
            "Share of the customer's active services with a recent backup, from 0 to 1; absent where none is active",
        ),
        scope: Scope::Tenant(Group::Listing, |view| view.source.listed(view.tenant)?.services.ratio.map(Value::Number)),
    },
    Family {
        descriptor: seconds(
            "saasbackup_datto_newest_seat_backup_timestamp_seconds",
            "Newest backup of any seat of this type; only where Datto's answer has the documented field lastBackup",
        ),
        scope: Scope::SeatType(|seats| moment(seats.newest_backup?)),
    },
    // What the exporter adds.
    Family {
        descriptor: gauge(
            "saasbackup_exporter_tenants",
            "Tenants of this source by progress: pending (no attempt has ended), collected (the last attempt at every part worked), failing (the last attempt at some part did not), excluded (by the configuration)",
        ),
        scope: Scope::Progress(SourceState::progress),
    },
    Family {
        descriptor: counter(
            "saasbackup_exporter_withdrawn_total",
            "Times that values of a part were withdrawn because they were older than stale_after",
        ),
        scope: Scope::Source(|source: &SourceState| count(source.withdrawn)),
    },
    Family {
        descriptor: gauge(
            "saasbackup_exporter_series",
            "Series of tenants and sources in the full exposition, this one and the exporter's own left out",
        ),
        scope: Scope::Exposition(count),
    },
];

const fn gauge(name: &'static str, help: &'static str) -> Descriptor {
    Descriptor { name, help, unit: None, kind: Kind::Gauge }
}

const fn counter(name: &'static str, help: &'static str) -> Descriptor {
    Descriptor { name, help, unit: None, kind: Kind::Counter }
}

const fn seconds(name: &'static str, help: &'static str) -> Descriptor {
    Descriptor { name, help, unit: Some(Unit::Seconds), kind: Kind::Gauge }
}

const fn bytes(name: &'static str, help: &'static str) -> Descriptor {
    Descriptor { name, help, unit: Some(Unit::Bytes), kind: Kind::Gauge }
}

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
