//! Translates Dropsuite's records into the domain: pure, and the only place that knows both vocabularies.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use super::product::Product;
use super::wire;
use crate::domain::{
    AccountState, ConnectedDomain, DomainKey, DomainState, DriftKind, LastBackup, Part, Resource, SeatCounts,
    StatusWord, Tenant, TenantStatus, Timestamp, Workload,
};
use crate::provider::field::{Count, Field, Flag, Moment, Text};
use crate::provider::name;
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;

/// What can be asked of any organization; the vendor answers 403 or 404 for what is not licensed.
pub(in crate::provider) const PARTS: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Calendar),
    Part::Workload(Workload::Contacts),
    Part::Workload(Workload::Tasks),
    Part::Workload(Workload::Onedrive),
    Part::Workload(Workload::Sharepoint),
    Part::Workload(Workload::Teams),
    Part::Workload(Workload::SharedDrive),
    Part::Workload(Workload::GoogleDrive),
    Part::Seats,
    Part::Coverage,
    Part::Lifecycle,
];

/// An organization of the listing: one tenant, however many logins it has.
#[derive(Debug)]
pub(super) struct Organization {
    pub(super) tenant: Tenant,
    /// The organization's own token; `None` where no login has one.
    pub(super) token: Option<SecretString>,
    /// Whether its plan is of the archiver product; `None` where the vendor does not say.
    pub(super) archiver: Option<bool>,
}

/// The organizations behind the logins, and how many records could not be read.
///
/// Of several logins of one organization the administrator's speaks for it,
/// else the first that has a token, else the first.
pub(super) fn organizations(
    logins: Vec<Result<wire::User, Undecodable>>,
    notes: &mut Notes,
) -> (Vec<Organization>, u64) {
    let mut unreadable = 0;
    let mut by_organization: BTreeMap<String, Vec<wire::User>> = BTreeMap::new();
    for login in logins {
        let Ok(login) = login else {
            notes.note("", DriftKind::UndecodableRecord);
            unreadable += 1;
            continue;
        };
        let Some(id) = notes.required("id", &login.id).map(|id| id.0.clone()) else {
            unreadable += 1;
            continue;
        };
        let organization = notes.expected("organization_id", &login.organization_id).map(|id| id.0.clone());
        // A login without an organization stands for itself.
        by_organization.entry(organization.unwrap_or_else(|| format!("login {id}"))).or_default().push(login);
    }
    let speaks = |login: &&wire::User| {
        let is_admin = matches!(login.admin.value(), Some(Flag(true)));
        (
            is_admin && login.authentication_token.value().is_some(),
            login.authentication_token.value().is_some(),
            is_admin,
        )
    };
    let organizations = by_organization
        .into_values()
        .filter_map(|logins| {
            // `max_by_key` takes the last of equals, and the first is wanted.
            let login = logins.iter().rev().max_by_key(speaks)?;
            organization(login, notes)
        })
        .collect();
    (organizations, unreadable)
}

fn organization(login: &wire::User, notes: &mut Notes) -> Option<Organization> {
    let id = login.id.value()?;
    let name = notes.optional("organization_name", &login.organization_name);
    let archiver = flag(notes.optional("archive", &login.archive));
    let tenant = Tenant {
        id: id.0.as_str().into(),
        name: name.and_then(|name| display_name(&name.0)),
        organization_id: login.organization_id.value().map(|id| id.0.clone()),
        plan: notes.optional("plan_id", &login.plan_id).map(|id| id.0.clone()),
        product: archiver.map(|archiver| if archiver { "archiver" } else { "backup" }.to_owned()),
        status: status(login, notes),
        seats: seats(login, notes),
        parts: PARTS,
        ..Tenant::default()
    };
    let token = notes.expected("authentication_token", &login.authentication_token);
    Some(Organization { tenant, token: token.map(|token| token.0.clone()), archiver })
}

/// The name people use, without the bracketed tag that some lists append.
fn display_name(name: &str) -> Option<String> {
    let name = name.trim();
    let untagged = name.strip_suffix(']').and_then(|rest| rest.rsplit_once(" ["));
    let name = match untagged {
        Some((rest, tag)) if !tag.is_empty() && tag.chars().all(|digit| digit.is_ascii_hexdigit()) => rest.trim_end(),
        _ => name,
    };
    name::display(name)
}

/// Deactivated outranks suspended; without either flag nobody knows.
fn status(login: &wire::User, notes: &mut Notes) -> Option<TenantStatus> {
    let deactivated = flag(notes.expected("customer_deactivated", &login.customer_deactivated));
    let suspended = flag(notes.expected("flg_suspended", &login.flg_suspended));
    match (deactivated, suspended) {
        (Some(true), _) => Some(TenantStatus::Deactivated),
        (_, Some(true)) => Some(TenantStatus::Suspended),
        (Some(false), Some(false)) => Some(TenantStatus::Active),
        _ => None,
    }
}

/// The licence counters, of a listed login or of `/users/{id}`.
pub(super) fn seats(login: &wire::User, notes: &mut Notes) -> SeatCounts {
    let mut read = |name, field: &Field<Count>| notes.optional(name, field).map(|count| count.0);
    SeatCounts {
        used: read("seats_used", &login.seats_used),
        available: read("seats_available", &login.seats_available),
        active: read("active_seats", &login.active_seats),
        deactivated: read("deactivated_seats", &login.deactivated_seats),
        required: read("required_seats", &login.required_seats),
        billable: None,
        shared_mailboxes_paid: read("paid_shared_mailboxes", &login.paid_shared_mailboxes),
        shared_mailboxes_free: read("free_shared_mailboxes", &login.free_shared_mailboxes),
    }
}

/// One resource; `None` for one that is deleted, which no longer counts.
pub(super) fn resource(
    record: &Result<wire::Resource, Undecodable>,
    product: &Product,
    domain_is_active: Option<bool>,
    now: Timestamp,
    notes: &mut Notes,
) -> Option<Resource> {
    let Ok(record) = record else {
        notes.note("", DriftKind::UndecodableRecord);
        return Some(Resource::UNREADABLE);
    };
    if flag(notes.optional("flg_deleted", &record.flg_deleted)) == Some(true) {
        return None;
    }
    let last_backup = last_backup(&record.last_backup, now, notes);
    let word = notes.optional("current_backup_status", &record.current_backup_status);
    let status = word.map(|word| status_word(&word.0, notes));
    let failing = match (product.has_errors, status) {
        (_, Some((_, true))) => Some(true),
        (true, _) => failing(record, notes),
        (false, _) => Some(record.errors.0.value().is_some_and(|faults| faults.0)),
    };
    // An amount is missed only where there is a backup that must have one.
    let mut amount = |name, field: &Field<Count>| match last_backup {
        LastBackup::At(_) => notes.required(name, field).map(|count| count.0),
        LastBackup::Never | LastBackup::Unknown => notes.optional(name, field).map(|count| count.0),
    };
    let items = product.items.as_ref().and_then(|items| amount(items.name, (items.of)(record)));
    let storage_bytes = product.storage_unit.and_then(|unit| amount("storage", &record.storage)?.checked_mul(unit));
    let active = match (domain_is_active, active(record, notes)) {
        (Some(false), _) => Some(false),
        (None, Some(true)) => None,
        (_, active) => active,
    };
    Some(Resource { active, failing, last_backup, items, storage_bytes, status: status.map(|(word, _)| word) })
}

fn last_backup(field: &Field<Moment>, now: Timestamp, notes: &mut Notes) -> LastBackup {
    match notes.expected("last_backup", field) {
        Some(moment) if moment.0.is_future(now) => {
            notes.note("last_backup", DriftKind::OutOfRange);
            LastBackup::Unknown
        }
        Some(moment) => LastBackup::At(moment.0),
        None if matches!(field, Field::Null) => LastBackup::Never,
        None => LastBackup::Unknown,
    }
}

/// The known status words, and whether a word tells of a failure: unknown words are searched for one, as clients do.
fn status_word(word: &str, notes: &mut Notes) -> (StatusWord, bool) {
    let word = word.trim().to_ascii_lowercase();
    match word.as_str() {
        "completed" => (StatusWord::Completed, false),
        "running" => (StatusWord::Running, false),
        "preparing backup" => (StatusWord::Preparing, false),
        "failed" => (StatusWord::Failed, true),
        _ => {
            notes.note("current_backup_status", DriftKind::UnknownWord);
            (StatusWord::Other, ["fail", "error", "timeout"].iter().any(|fault| word.contains(fault)))
        }
    }
}

fn failing(record: &wire::Resource, notes: &mut Notes) -> Option<bool> {
    let faults = notes.expected("errors", &record.errors.0).map(|faults| faults.0);
    match record.errors.0 {
        Field::Unreadable => None,
        // Null and a missing field are how some lists say that there is no error.
        _ => Some(faults.unwrap_or(false)),
    }
}

/// Whether a resource should be backed up: deactivated since some time, or said to be inactive, it should not.
fn active(record: &wire::Resource, notes: &mut Notes) -> Option<bool> {
    let since = notes.optional("deactivated_since", &record.deactivated_since);
    let active = flag(notes.optional("active", &record.active));
    let readable =
        !matches!(record.deactivated_since, Field::Unreadable) && !matches!(record.active, Field::Unreadable);
    if is_set(since) || active == Some(false) { Some(false) } else { readable.then_some(true) }
}

/// Whether a product's domain is active: what is below a deactivated one is not backed up either.
pub(super) fn product_domain_is_active(domain: &wire::ProductDomain, notes: &mut Notes) -> Option<bool> {
    let since = notes.optional("deactivated_since", &domain.deactivated_since);
    match domain.deactivated_since {
        Field::Unreadable => None,
        _ => Some(!is_set(since)),
    }
}

fn is_set(text: Option<&Text>) -> bool {
    text.is_some_and(|text| !text.0.trim().is_empty())
}

fn flag(flag: Option<&Flag>) -> Option<bool> {
    flag.map(|flag| flag.0)
}

/// A connected domain; `None` where its name is not readable.
pub(super) fn connected_domain(
    record: &wire::ConnectedDomain,
    notes: &mut Notes,
) -> Option<(DomainKey, ConnectedDomain)> {
    let domain = notes.required("domain", &record.domain).and_then(|name| display_name(&name.0))?;
    let directory = match notes.required("type", &record.r#type).map(|kind| kind.0.trim()) {
        Some(kind @ ("m365" | "gws")) => kind,
        Some(_) => {
            notes.note("type", DriftKind::UnknownWord);
            "other"
        }
        None => "",
    };
    // "0 queue, on going? 1 recreate application, 5 ?, 7 completed, 13 recreate_application"
    // (document, "GET /users/#{id}/tenants").
    let state = match notes.required("status", &record.status).map(|status| status.0) {
        Some(0) => DomainState::Queued,
        Some(7) => DomainState::Connected,
        Some(1 | 13) => DomainState::ReconnectRequired,
        Some(5) | None => DomainState::Unknown,
        Some(_) => {
            notes.note("status", DriftKind::UnknownWord);
            DomainState::Unknown
        }
    };
    let users = notes.optional("total_users", &record.total_users).map(|count| count.0);
    let key = DomainKey { domain, directory: directory.to_owned() };
    Some((key, ConnectedDomain { state, users }))
}

/// The states that Dropsuite has words for.
pub(super) const ACCOUNT_STATES: [AccountState; 4] =
    [AccountState::Protected, AccountState::Unprotected, AccountState::Excluded, AccountState::Unknown];

/// The state of an account that could be protected; `None` for a public folder, which is not one.
pub(super) fn account_state(
    record: &Result<wire::DomainAccount, Undecodable>,
    notes: &mut Notes,
) -> Option<AccountState> {
    let Ok(record) = record else {
        notes.note("", DriftKind::UndecodableRecord);
        return Some(AccountState::Unknown);
    };
    if flag(notes.optional("mailbox", &record.mailbox)) == Some(false) {
        return None;
    }
    Some(match notes.expected("status", &record.status).map(|word| word.0.trim()) {
        Some("active") => AccountState::Protected,
        Some("available") => AccountState::Unprotected,
        Some("excluded") => AccountState::Excluded,
        Some(_) => {
            notes.note("status", DriftKind::UnknownWord);
            AccountState::Unknown
        }
        None => AccountState::Unknown,
    })
}

/// Whether an invitation still waits for an answer.
pub(super) fn invite_is_pending(record: &Result<wire::Invite, Undecodable>, notes: &mut Notes) -> bool {
    match record {
        Ok(invite) => {
            let expire = notes.expected("expire", &invite.expire);
            !expire.is_some_and(|expire| expire.0.trim().eq_ignore_ascii_case("expired"))
        }
        Err(Undecodable) => {
            notes.note("", DriftKind::UndecodableRecord);
            true
        }
    }
}

/// For how long a retention policy keeps backups; `None` where it cannot be read.
pub(super) fn retention_period(
    record: &Result<wire::RetentionPolicy, Undecodable>,
    notes: &mut Notes,
) -> Option<Duration> {
    let Ok(record) = record else {
        notes.note("", DriftKind::UndecodableRecord);
        return None;
    };
    let number = notes.required("period_number", &record.period_number)?.0;
    let days = match notes.required("period_unit", &record.period_unit)?.0.trim() {
        "days" => 1,
        "months" => 30,
        "years" => 365,
        _ => {
            notes.note("period_unit", DriftKind::UnknownWord);
            return None;
        }
    };
    Some(Duration::from_secs(number.checked_mul(days)?.checked_mul(24 * 60 * 60)?))
}

#[cfg(test)]
mod tests;
