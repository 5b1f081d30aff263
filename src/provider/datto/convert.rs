//! Translates Datto's customers and seats into the domain: pure.

use std::collections::BTreeMap;

use super::wire;
use crate::domain::{
    DattoServices, DriftKind, Part, SeatCounts, SeatReport, SeatState, SeatType, SeatsOfType, Tenant, TenantStatus,
    Timestamp, Workload,
};
use crate::provider::field::{Count, Field, Text};
use crate::provider::name;
use crate::provider::note::Notes;
use crate::provider::record::{Nested, Undecodable};

/// What can be asked of a customer with Microsoft 365.
const MICROSOFT: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Onedrive),
    Part::Workload(Workload::Sharepoint),
    Part::Workload(Workload::Teams),
    Part::Seats,
];
/// What can be asked of a customer with Google Workspace.
const GOOGLE: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Calendar),
    Part::Workload(Workload::Contacts),
    Part::Workload(Workload::SharedDrive),
    Part::Workload(Workload::GoogleDrive),
    Part::Seats,
];
/// What every suite has, for a customer of whom the suite is not known.
const ANY: &[Part] = &[Part::Workload(Workload::Mail), Part::Seats];

/// The customers behind the domains, and how many records could not be read.
pub(super) fn customers(records: Vec<Result<wire::Domain, Undecodable>>, notes: &mut Notes) -> (Vec<Tenant>, u64) {
    let mut unreadable = 0;
    let mut by_customer: BTreeMap<String, Vec<wire::Domain>> = BTreeMap::new();
    for record in records {
        let id = match &record {
            Ok(domain) => notes.required("saasCustomerId", &domain.saas_customer_id).map(|id| id.0.clone()),
            Err(Undecodable) => {
                notes.note("", DriftKind::UndecodableRecord);
                None
            }
        };
        match (id, record) {
            (Some(id), Ok(domain)) => by_customer.entry(id).or_default().push(domain),
            _ => unreadable += 1,
        }
    }
    let customers = by_customer.into_iter().map(|(id, domains)| customer(&id, &domains, notes)).collect();
    (customers, unreadable)
}

fn customer(id: &str, domains: &[wire::Domain], notes: &mut Notes) -> Tenant {
    let mut first = |name: &'static str, field: fn(&wire::Domain) -> &Field<Text>| {
        domains.iter().filter_map(|domain| notes.optional(name, field(domain))).map(|text| text.0.clone()).next()
    };
    let customer_name = first("saasCustomerName", |domain| &domain.saas_customer_name);
    let domain_name = first("domain", |domain| &domain.domain);
    let product = first("productType", |domain| &domain.product_type);
    let retention = first("retentionType", |domain| &domain.retention_type);
    let organization = domains.iter().find_map(|domain| notes.optional("organizationId", &domain.organization_id));
    Tenant {
        id: id.into(),
        name: customer_name
            .as_deref()
            .and_then(name::display)
            .or_else(|| domain_name.as_deref().and_then(name::display)),
        organization_id: organization.map(|id| id.0.clone()),
        plan: retention.as_deref().and_then(name::display),
        parts: parts(product.as_deref()),
        product: product.as_deref().and_then(name::display),
        status: status(domains, notes),
        seats: SeatCounts {
            used: of_customer(
                domains.iter().map(|domain| count("seatsUsed", &domain.seats_used, notes)),
                agree(domains),
            ),
            ..SeatCounts::default()
        },
        services: services(domains, notes),
    }
}

/// What can be asked of a customer of this product.
pub(in crate::provider) fn parts(product: Option<&str>) -> &'static [Part] {
    match product.map(str::to_ascii_lowercase) {
        Some(product) if product.contains("365") || product.contains("office") => MICROSOFT,
        Some(product) if product.contains("google") => GOOGLE,
        _ => ANY,
    }
}

/// The customer's figure, from that of each of its domains.
///
/// Nobody says whether a figure is the domain's or the customer's. Clients add
/// them up; but records that agree in every figure repeat one customer's.
fn of_customer(figures: impl Iterator<Item = Option<u64>>, records_agree: bool) -> Option<u64> {
    let figures: Vec<u64> = figures.collect::<Option<_>>()?;
    if records_agree {
        return figures.first().copied();
    }
    figures.into_iter().try_fold(0_u64, u64::checked_add)
}

/// Whether all records of a customer carry the same figures.
fn agree(domains: &[wire::Domain]) -> bool {
    let figures = |domain: &wire::Domain| {
        let stats = domain.backup_stats.value();
        let recent = stats.map(|stats| stats.active_services_with_recent_backup_count);
        (domain.seats_used, stats.map(|stats| stats.active_services_count), recent)
    };
    domains.windows(2).all(|pair| figures(&pair[0]) == figures(&pair[1]))
}

fn count(name: &'static str, field: &Field<Count>, notes: &mut Notes) -> Option<u64> {
    notes.optional(name, field).map(|count| count.0)
}

fn services(domains: &[wire::Domain], notes: &mut Notes) -> DattoServices {
    for _ in domains.iter().filter(|domain| matches!(domain.backup_stats, Nested::Unreadable)) {
        notes.note("backupStats", DriftKind::Retyped);
    }
    let stats: Vec<&wire::BackupStats> = domains.iter().filter_map(|domain| domain.backup_stats.value()).collect();
    if stats.len() < domains.len() {
        return DattoServices::default();
    }
    let agree = agree(domains);
    let active = stats.iter().map(|stats| count("activeServicesCount", &stats.active_services_count, notes));
    let active = of_customer(active, agree);
    let recent = stats.iter().map(|stats| {
        count("activeServicesWithRecentBackupCount", &stats.active_services_with_recent_backup_count, notes)
    });
    let recently_backed_up = of_customer(recent, agree);
    let percentage = match stats.as_slice() {
        [only] => notes.optional("backupPercentage", &only.backup_percentage).map(|percentage| percentage.0 / 100.0),
        _ => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    let ratio = match (active, recently_backed_up) {
        (Some(0), _) => None,
        (Some(active), Some(recent)) => Some(recent as f64 / active as f64),
        _ => percentage,
    };
    DattoServices { active, recently_backed_up, ratio }
}

/// Only the published description has this field.
fn status(domains: &[wire::Domain], notes: &mut Notes) -> Option<TenantStatus> {
    let mut worst = None;
    for domain in domains {
        let word = notes.optional("status", &domain.status)?;
        let status = match word.0.trim().to_ascii_lowercase().as_str() {
            "active" => TenantStatus::Active,
            "suspended" => TenantStatus::Suspended,
            "deactivated" | "inactive" => TenantStatus::Deactivated,
            _ => {
                notes.note("status", DriftKind::UnknownWord);
                return None;
            }
        };
        worst = worst.max(Some(status));
    }
    worst
}

/// Sums seats up one by one.
#[derive(Debug, Default)]
pub(super) struct SeatTally {
    by_type: BTreeMap<SeatType, SeatsOfType>,
    billable: u64,
    billing_is_unknown: bool,
}

impl SeatTally {
    /// Adds one seat.
    pub(super) fn add(&mut self, record: &Result<wire::Seat, Undecodable>, now: Timestamp, notes: &mut Notes) {
        let Ok(seat) = record else {
            notes.note("", DriftKind::UndecodableRecord);
            self.by_type.entry(SeatType::Other).or_default().states[SeatState::Unknown] += 1;
            self.billing_is_unknown = true;
            return;
        };
        let seats = self.by_type.entry(seat_type(seat, notes)).or_default();
        seats.states[seat_state(seat, notes)] += 1;
        let last_backup = notes.optional("lastBackup", &seat.last_backup).map(|moment| moment.0);
        if last_backup.is_some_and(|at| at > now.after(std::time::Duration::from_secs(3600))) {
            notes.note("lastBackup", DriftKind::OutOfRange);
        } else {
            seats.newest_backup = seats.newest_backup.max(last_backup);
        }
        match notes.optional("billable", &seat.billable) {
            Some(billable) => self.billable += u64::from(billable.0),
            None => self.billing_is_unknown = true,
        }
    }

    /// The report of all that were added.
    pub(super) fn finish(self) -> SeatReport {
        let billable = (!self.billing_is_unknown).then_some(self.billable);
        SeatReport {
            counts: SeatCounts { billable, ..SeatCounts::default() },
            by_type: Some(self.by_type.into_iter().collect()),
        }
    }
}

fn seat_type(seat: &wire::Seat, notes: &mut Notes) -> SeatType {
    match notes.required("seatType", &seat.seat_type).map(|word| word.0.trim()) {
        Some("User") => SeatType::User,
        Some("SharedMailbox") => SeatType::SharedMailbox,
        Some("Site") => SeatType::Site,
        Some("TeamSite") => SeatType::TeamSite,
        Some("Team") => SeatType::Team,
        Some("SharedDrive") => SeatType::SharedDrive,
        Some(_) => {
            notes.note("seatType", DriftKind::UnknownWord);
            SeatType::Other
        }
        None => SeatType::Other,
    }
}

/// The live state, or the description's licence status, whose words are those of actions rather than states.
fn seat_state(seat: &wire::Seat, notes: &mut Notes) -> SeatState {
    let (name, field) = match seat.seat_state {
        Field::Absent => ("licenseStatus", &seat.license_status),
        _ => ("seatState", &seat.seat_state),
    };
    match notes.required(name, field).map(|word| word.0.trim()) {
        Some("Active" | "Licensed") => SeatState::Active,
        Some("Paused") => SeatState::Paused,
        Some("Archived") => SeatState::Archived,
        Some("Unprotected" | "Unlicensed") => SeatState::Unprotected,
        Some(_) => {
            notes.note(name, DriftKind::UnknownWord);
            SeatState::Unknown
        }
        None => SeatState::Unknown,
    }
}

#[cfg(test)]
mod tests;
