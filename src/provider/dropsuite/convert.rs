//! Converts Dropsuite's records to the domain model: pure, and the only place that knows both vocabularies.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use secrecy::SecretString;

use super::product::Product;
use super::wire;
use crate::domain::{
    AccountState, ConnectedDomain, DomainKey, DomainState, DriftKind, LastBackup, Part, Resource, SeatCounts,
    StatusWord, Tenant, TenantStatus, Timestamp, Workload,
};
use crate::provider::field::{Count, Field, Flag, Moment};
use crate::provider::name;
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;

/// The parts of any organization; the vendor responds with 403 or 404 to what is not licensed.
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
    Part::Domains,
    Part::Coverage,
    Part::Lifecycle,
];

/// A listed organization: one tenant, however many logins it has.
#[derive(Debug)]
pub(super) struct Organization {
    pub(super) tenant: Tenant,
    /// The login to use in requests.
    pub(super) login: String,
    /// The token of that login; `None` if no login has one.
    pub(super) token: Option<SecretString>,
    /// Whether it has a plan of the archiver product; `None` if the vendor does not say.
    pub(super) archiver: Option<bool>,
}

/// The organizations behind the logins, and the number of unreadable records.
///
/// The tenant is the organization. Its id is the smallest id of its administrators' logins, or else of all logins: so
/// neither the order of the rows nor a temporarily missing token creates another tenant. Requests use the
/// administrator's login, or else the first one with a token, or else the first.
pub(super) fn organizations(
    logins: Vec<Result<wire::User, Undecodable>>,
    notes: &mut Notes,
) -> (Vec<Organization>, u64) {
    let mut unreadable = 0;
    let mut by_organization: BTreeMap<String, Vec<wire::User>> = BTreeMap::new();
    let mut organization_of: HashMap<String, String> = HashMap::new();
    // If some rows name their organization, a row that does not may belong to any of them.
    let organization_is_named = logins.iter().flatten().any(|login| login.organization_id.value().is_some());
    for login in logins {
        let Ok(login) = login else {
            notes.note("", DriftKind::UndecodableRecord);
            unreadable += 1;
            continue;
        };
        let id = notes.required("id", &login.id).map(|id| id.0.clone());
        let organization = notes.expected("organization_id", &login.organization_id).map(|id| id.0.clone());
        let (Some(id), Some(organization)) = (
            id.clone(),
            organization.or_else(|| {
                // A login without an organization stands alone.
                id.filter(|_| !organization_is_named).map(|id| format!("login {id}"))
            }),
        ) else {
            unreadable += 1;
            continue;
        };
        match organization_of.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(organization.clone());
            }
            Entry::Occupied(entry) if *entry.get() != organization => {
                notes.note("organization_id", DriftKind::ConflictingRecord);
                unreadable += 1;
                continue;
            }
            // Equal rows were dropped while the list was read: this one says something else, and the first holds.
            Entry::Occupied(_) => {
                notes.note("", DriftKind::ConflictingRecord);
                continue;
            }
        }
        by_organization.entry(organization).or_default().push(login);
    }
    let organizations = by_organization.into_values().filter_map(|logins| organization(&logins, notes)).collect();
    (organizations, unreadable)
}

fn organization(logins: &[wire::User], notes: &mut Notes) -> Option<Organization> {
    let id = |login: &wire::User| login.id.value().map_or("", |id| id.0.as_str()).to_owned();
    let is_admin = |login: &&wire::User| matches!(login.admin.value(), Some(Flag(true)));
    let has_token = |login: &&wire::User| login.authentication_token.value().is_some();
    let names = logins.iter().min_by_key(|login| (!is_admin(login), portal_order(&id(login))))?;
    // `min_by_key` returns the first of equal elements.
    let speaks = logins.iter().min_by_key(|login| (!has_token(login), !is_admin(login)))?;
    let name = notes.optional("organization_name", &names.organization_name);
    let archiver = flag(notes.optional("archive", &names.archive));
    let tenant = Tenant {
        id: id(names).as_str().into(),
        name: name.and_then(|name| display_name(&name.0)),
        organization_id: names.organization_id.value().map(|id| id.0.clone()),
        plan: notes.optional("plan_id", &names.plan_id).map(|id| id.0.clone()),
        product: archiver.map(|archiver| if archiver { "archiver" } else { "backup" }.to_owned()),
        status: status(names, notes),
        login_disabled: flag(notes.optional("login_disabled", &names.login_disabled)),
        seats: seats(names, notes),
        parts: PARTS,
        ..Tenant::default()
    };
    let token = notes.expected("authentication_token", &speaks.authentication_token).map(|token| token.0.clone());
    Some(Organization { tenant, login: id(speaks), token, archiver })
}

/// Orders ids such as `440032-6` by their numbers; others come last.
fn portal_order(id: &str) -> (Vec<u64>, String) {
    let numbers = id.split('-').map(|number| number.parse().unwrap_or(u64::MAX));
    (numbers.collect(), id.to_owned())
}

/// The name as people use it, without the tag in brackets that some lists append.
fn display_name(name: &str) -> Option<String> {
    let name = name.trim();
    let untagged = name.strip_suffix(']').and_then(|rest| rest.rsplit_once(" ["));
    let name = match untagged {
        Some((rest, tag)) if is_vendors_tag(tag) => rest.trim_end(),
        _ => name,
    };
    name::display(name)
}

/// Whether a bracket contains the vendor's tag: four hexadecimal digits, such as `e9fd`. Years, and words of these
/// letters, belong to the name.
fn is_vendors_tag(tag: &str) -> bool {
    let is_hexadecimal = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    tag.len() == 4
        && tag.bytes().all(is_hexadecimal)
        && tag.bytes().any(|digit| digit.is_ascii_digit())
        && tag.bytes().any(|digit| digit.is_ascii_alphabetic())
}

/// Deactivated outranks suspended; without either flag the status is unknown.
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

/// The licence counters, from a listed login or from `/users/{id}`.
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

/// One resource; `None` if it is deleted and no longer counts.
pub(super) fn resource(
    record: &Result<wire::Resource, Undecodable>,
    product: &Product,
    parent: Parent,
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
    let own_failure = match (product.has_errors, status) {
        (_, Some((_, Says::Failing))) => Some(true),
        (true, _) => failing(record, notes),
        (false, _) => Some(record.errors.0.value().is_some_and(|faults| faults.0)),
    };
    // An unreadable word may have reported a failure.
    let is_unreadable = matches!(record.current_backup_status, Field::Unreadable);
    let own_failure = own_failure.filter(|failing| *failing || !is_unreadable);
    let failing = match (own_failure, parent.failing) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    };
    // An amount is only expected if there is a backup.
    let mut amount = |name, field: &Field<Count>| match last_backup {
        LastBackup::At(_) => notes.required(name, field).map(|count| count.0),
        LastBackup::Never | LastBackup::Unknown => notes.optional(name, field).map(|count| count.0),
    };
    let items = product.items.as_ref().and_then(|items| amount(items.name, (items.of)(record)));
    let storage_bytes = product.storage_unit.and_then(|unit| amount("storage", &record.storage)?.checked_mul(unit));
    let active = match (parent.active, active(record, now, notes)) {
        (Some(false), _) => Some(false),
        _ if matches!(status, Some((_, Says::Deactivated))) => Some(false),
        (None, Some(true)) => None,
        (_, active) => active,
    };
    let status = status.map(|(word, _)| word);
    let is_idle = product.checks_empty_weekly() && items == Some(0) && storage_bytes == Some(0);
    Some(Resource { active, failing, last_backup, items, storage_bytes, status, is_idle })
}

fn last_backup(field: &Field<Moment>, now: Timestamp, notes: &mut Notes) -> LastBackup {
    match notes.expected("last_backup", field) {
        Some(moment) if !moment.0.is_possible(now) => {
            notes.note("last_backup", DriftKind::OutOfRange);
            LastBackup::Unknown
        }
        Some(moment) => LastBackup::At(moment.0),
        None if matches!(field, Field::Null) => LastBackup::Never,
        None => LastBackup::Unknown,
    }
}

/// The meaning of a status word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The last run failed.
    Failing,
    /// No longer backed up.
    Deactivated,
    /// Neither: the time of the last backup decides.
    Nothing,
}

/// Marks a failure in unknown status words.
const SIGNS_OF_FAILURE: [&str; 7] = ["fail", "error", "timeout", "timedout", "quota", "denied", "unauthor"];

/// Whether an unknown status word is taken for a failure.
pub(super) fn sounds_like_failure(word: &str) -> bool {
    let (_, says) = status_word(word, &mut Notes::new(super::endpoints::ACCOUNTS));
    says == Says::Failing
}

/// Maps the status words from the document and the vendor's help pages, regardless of separators. Unknown ones are
/// searched for words of failure, as clients do.
pub(super) fn status_word(word: &str, notes: &mut Notes) -> (StatusWord, Says) {
    let word = word.replace(|letter: char| !letter.is_alphanumeric(), "").to_lowercase();
    match word.as_str() {
        "completed" => (StatusWord::Completed, Says::Nothing),
        "running" | "inprogress" => (StatusWord::Running, Says::Nothing),
        "preparing" | "preparingbackup" => (StatusWord::Preparing, Says::Nothing),
        "failed" => (StatusWord::Failed, Says::Failing),
        "partiallycompleted" => (StatusWord::PartiallyCompleted, Says::Nothing),
        "retrying" => (StatusWord::Retrying, Says::Nothing),
        "connectionerror" => (StatusWord::ConnectionError, Says::Failing),
        "authenticationerror" => (StatusWord::AuthenticationError, Says::Failing),
        "spacefull" => (StatusWord::SpaceFull, Says::Failing),
        "deactivated" => (StatusWord::Deactivated, Says::Deactivated),
        _ => {
            notes.note("current_backup_status", DriftKind::UnknownWord);
            // Something may be fully or successfully done.
            let word = word.replace("fully", "");
            let fails = word.ends_with("full") || SIGNS_OF_FAILURE.iter().any(|sign| word.contains(sign));
            (StatusWord::Other, if fails { Says::Failing } else { Says::Nothing })
        }
    }
}

fn failing(record: &wire::Resource, notes: &mut Notes) -> Option<bool> {
    let faults = notes.expected("errors", &record.errors.0).map(|faults| faults.0);
    match record.errors.0 {
        Field::Unreadable => None,
        // Some lists report the absence of errors as null or by omitting the field.
        _ => Some(faults.unwrap_or(false)),
    }
}

/// Whether a resource should be backed up: not if it was deactivated in the past, or is reported as inactive.
fn active(record: &wire::Resource, now: Timestamp, notes: &mut Notes) -> Option<bool> {
    let is_deactivated = is_past("deactivated_since", &record.deactivated_since, now, notes);
    let active = flag(notes.optional("active", &record.active));
    match (is_deactivated, active, &record.active) {
        (Some(true), ..) | (_, Some(false), _) => Some(false),
        (None, ..) | (_, _, Field::Unreadable) => None,
        _ => Some(true),
    }
}

/// Whether a state began in the past; zero dates and future times do not count. `None` if the time is unreadable.
fn is_past(name: &'static str, since: &Field<wire::Since>, now: Timestamp, notes: &mut Notes) -> Option<bool> {
    match notes.optional(name, since) {
        Some(wire::Since(Some(at))) if !at.is_possible(now) => {
            notes.note(name, DriftKind::OutOfRange);
            Some(false)
        }
        Some(wire::Since(at)) => Some(at.is_some()),
        None => (!matches!(since, Field::Unreadable)).then_some(false),
    }
}

/// What applies to all resources below a domain, or to a list without domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    /// Whether it is backed up; `None` if unreadable.
    pub(super) active: Option<bool>,
    /// Whether the vendor reports an error; `None` if unreadable.
    pub(super) failing: Option<bool>,
}

impl Parent {
    /// For a list without a domain.
    pub(super) const HEALTHY: Self = Self { active: Some(true), failing: Some(false) };
}

/// What a product's domain implies for everything below it: nothing below a deactivated one is backed up, and its error
/// applies to all.
pub(super) fn parent(domain: &wire::ProductDomain, now: Timestamp, notes: &mut Notes) -> Parent {
    let is_deactivated = is_past("deactivated_since", &domain.deactivated_since, now, notes);
    let faults = notes.optional("errors", &domain.errors.0).map(|faults| faults.0);
    let failing = match domain.errors.0 {
        Field::Unreadable => None,
        _ => Some(faults.unwrap_or(false)),
    };
    Parent { active: is_deactivated.map(|is_deactivated| !is_deactivated), failing }
}

/// The minimum number of resources below a domain: if any of these figures is set, an empty list is wrong.
pub(super) fn announced(domain: &wire::ProductDomain, parent: Parent, notes: &mut Notes) -> u64 {
    let mut figure = |name, field: &Field<Count>| notes.optional(name, field).map_or(0, |count| count.0);
    let listed = figure("site_count", &domain.site_count).max(figure("group_count", &domain.group_count));
    let holds_some = figure("storage", &domain.storage) > 0 || parent.failing != Some(false);
    listed.max(u64::from(holds_some))
}

fn flag(flag: Option<&Flag>) -> Option<bool> {
    flag.map(|flag| flag.0)
}

/// A connected domain; `None` if its name is unreadable.
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
    Some((key, ConnectedDomain { state, users, observed_at: None }))
}

/// The states that Dropsuite has words for.
pub(super) const ACCOUNT_STATES: [AccountState; 4] =
    [AccountState::Protected, AccountState::Unprotected, AccountState::Excluded, AccountState::Unknown];

/// The state of a protectable account; `None` for a public folder, which is not one.
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
    let is_google = record.r#type.value().is_some_and(|directory| directory.0.trim() == "gws");
    let status = notes.expected("status", &record.status).map(|word| word.0.trim());
    let of_google = notes.optional("tenant_status", &record.tenant_status).map(|word| word.0.trim());
    let licensed = notes.optional("licensed", &record.licensed);
    // Only Microsoft accounts have individual licences.
    let is_unlicensed = !is_google && (matches!(record.licensed, Field::Null) || licensed == Some(&Flag(false)));
    // For some Google accounts only the second field is set, with the same words.
    let (name, word) = match (status, of_google) {
        (None, Some(word)) if is_google && matches!(record.status, Field::Null) => ("tenant_status", Some(word)),
        _ => ("status", status),
    };
    Some(match word {
        Some("active") => AccountState::Protected,
        // It cannot be backed up until it is licensed.
        Some("available") if is_unlicensed => AccountState::Excluded,
        Some("available") => AccountState::Unprotected,
        Some("excluded") => AccountState::Excluded,
        // Google has suspended the user; whether the account is backed up is unknown.
        Some("suspended") if is_google => AccountState::Unknown,
        Some(_) => {
            notes.note(name, DriftKind::UnknownWord);
            AccountState::Unknown
        }
        None => AccountState::Unknown,
    })
}

/// Whether an invitation is still pending.
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

/// The retention period of a policy; `None` if unreadable.
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
