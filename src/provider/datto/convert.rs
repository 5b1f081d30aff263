//! Converts Datto's customers and seats to the domain model. Pure.

use std::collections::BTreeMap;

use super::wire;
use crate::domain::{
    DattoServices, DriftKind, Part, SeatCounts, SeatReport, SeatState, SeatType, SeatsOfType, Tenant, TenantStatus,
    Timestamp, Workload,
};
use crate::provider::ErrorKind;
use crate::provider::digest::digest;
use crate::provider::field::{Count, Field, Text};
use crate::provider::name;
use crate::provider::note::Notes;
use crate::provider::record::{Nested, Undecodable};

/// The parts of a customer with Microsoft 365.
const MICROSOFT: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Onedrive),
    Part::Workload(Workload::Sharepoint),
    Part::Workload(Workload::Teams),
    Part::Seats,
];
/// The parts of a customer with Google Workspace.
const GOOGLE: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Calendar),
    Part::Workload(Workload::Contacts),
    Part::Workload(Workload::SharedDrive),
    Part::Workload(Workload::GoogleDrive),
    Part::Seats,
];
/// The parts of a customer with both.
const BOTH: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Calendar),
    Part::Workload(Workload::Contacts),
    Part::Workload(Workload::Onedrive),
    Part::Workload(Workload::Sharepoint),
    Part::Workload(Workload::Teams),
    Part::Workload(Workload::SharedDrive),
    Part::Workload(Workload::GoogleDrive),
    Part::Seats,
];
/// The parts that every suite has, for customers with an unknown suite.
const ANY: &[Part] = &[Part::Workload(Workload::Mail), Part::Seats];

/// The customers behind the domains, and the number of unreadable records.
///
/// The result does not depend on the order of the records.
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
    let named = by_customer.into_iter().map(|(id, mut domains)| {
        domains.sort_by(|one, other| identity(one).cmp(&identity(other)));
        customer(&id, &domains, notes)
    });
    (distinct(named.collect()), unreadable)
}

/// Distinguishes the records of one customer.
fn identity(domain: &wire::Domain) -> [Option<&str>; 3] {
    [&domain.external_subscription_id, &domain.domain, &domain.product_type]
        .map(|field| field.value().map(|text| text.0.as_str()))
}

/// A customer, and whether the name is its own or that of a domain.
struct Named {
    tenant: Tenant,
    is_own: bool,
}

/// Customers that would share the name of a domain, as two accounts of one organization may, are named by id.
fn distinct(customers: Vec<Named>) -> Vec<Tenant> {
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for name in customers.iter().filter_map(|customer| customer.tenant.name.clone()) {
        *times.entry(name).or_default() += 1;
    }
    let is_taken = |name: &String| times.get(name).is_some_and(|times| *times > 1);
    let tenant = |Named { tenant, is_own }| {
        let name = tenant.name.filter(|name| is_own || !is_taken(name));
        Tenant { name, ..tenant }
    };
    customers.into_iter().map(tenant).collect()
}

fn customer(id: &str, domains: &[wire::Domain], notes: &mut Notes) -> Named {
    let mut all = |name: &'static str, field: fn(&wire::Domain) -> &Field<Text>| -> Vec<String> {
        domains.iter().filter_map(|domain| notes.optional(name, field(domain))).map(|text| text.0.clone()).collect()
    };
    let shown = |texts: &[String]| texts.iter().filter_map(|text| name::display(text)).min();
    let own_name = shown(&all("saasCustomerName", |domain| &domain.saas_customer_name));
    let domain_name = shown(&all("domain", |domain| &domain.domain));
    let products = all("productType", |domain| &domain.product_type);
    let retention = shown(&all("retentionType", |domain| &domain.retention_type));
    all("externalSubscriptionId", |domain| &domain.external_subscription_id);
    let organizations = domains.iter().filter_map(|domain| notes.optional("organizationId", &domain.organization_id));
    let organization_id = organizations.map(|id| id.0.clone()).min();
    let figures = Figures::of(domains, notes);
    let used = domains.iter().map(|domain| count("seatsUsed", &domain.seats_used, notes));
    let used = figures.of_customer(used);
    Named {
        is_own: own_name.is_some(),
        tenant: Tenant {
            id: id.into(),
            name: own_name.or(domain_name),
            organization_id,
            plan: retention,
            parts: parts_of_all(&products),
            product: shown(&products),
            status: status(domains, notes),
            seats: SeatCounts { used, ..SeatCounts::default() },
            services: services(domains, figures, notes),
            ..Tenant::default()
        },
    }
}

/// The parts of a customer with all of these products.
fn parts_of_all(products: &[String]) -> &'static [Part] {
    let each: Vec<_> = products.iter().map(|product| parts(Some(product))).collect();
    match (each.contains(&MICROSOFT), each.contains(&GOOGLE)) {
        (true, true) => BOTH,
        (true, false) => MICROSOFT,
        (false, true) => GOOGLE,
        (false, false) => ANY,
    }
}

/// The parts of a customer with this product.
pub(in crate::provider) fn parts(product: Option<&str>) -> &'static [Part] {
    match product.map(str::to_ascii_lowercase) {
        Some(product) if product.contains("365") || product.contains("office") => MICROSOFT,
        Some(product) if product.contains("google") => GOOGLE,
        _ => ANY,
    }
}

/// How to read the figures in a customer's records.
///
/// It is undocumented whether a figure belongs to the domain or to the customer. Clients add them up; but records that
/// agree in every figure repeat those of the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figures {
    /// All records have the same figures, which are the customer's.
    Repeated,
    /// Each record has its own figures.
    Apart,
    /// Two records of the same domain and product differ, so neither can be trusted.
    Conflicting,
}

impl Figures {
    /// Expects records sorted by identity.
    fn of(domains: &[wire::Domain], notes: &mut Notes) -> Self {
        let figures = |domain: &wire::Domain| {
            let stats = domain.backup_stats.value();
            let recent = stats.map(|stats| stats.active_services_with_recent_backup_count);
            (domain.seats_used, stats.map(|stats| stats.active_services_count), recent)
        };
        let mut pairs = domains.windows(2).map(|pair| (&pair[0], &pair[1]));
        // Fully identical records have already been dropped.
        let conflicts = pairs.clone().filter(|(one, other)| identity(one) == identity(other)).count();
        (0..conflicts).for_each(|_| notes.note("", DriftKind::ConflictingRecord));
        if pairs.all(|(one, other)| figures(one) == figures(other)) {
            Self::Repeated
        } else if conflicts == 0 {
            Self::Apart
        } else {
            Self::Conflicting
        }
    }

    /// The customer's figure, derived from those of its domains.
    fn of_customer(self, figures: impl Iterator<Item = Option<u64>>) -> Option<u64> {
        let figures: Vec<u64> = figures.collect::<Option<_>>()?;
        match self {
            Self::Repeated => figures.first().copied(),
            Self::Apart => figures.into_iter().try_fold(0_u64, u64::checked_add),
            Self::Conflicting => None,
        }
    }
}

fn count(name: &'static str, field: &Field<Count>, notes: &mut Notes) -> Option<u64> {
    notes.optional(name, field).map(|count| count.0)
}

fn services(domains: &[wire::Domain], figures: Figures, notes: &mut Notes) -> DattoServices {
    for _ in domains.iter().filter(|domain| matches!(domain.backup_stats, Nested::Unreadable)) {
        notes.note("backupStats", DriftKind::Retyped);
    }
    let stats: Vec<&wire::BackupStats> = domains.iter().filter_map(|domain| domain.backup_stats.value()).collect();
    if stats.len() < domains.len() {
        return DattoServices::default();
    }
    let active = stats.iter().map(|stats| count("activeServicesCount", &stats.active_services_count, notes));
    let active = figures.of_customer(active);
    let recent = stats.iter().map(|stats| {
        count("activeServicesWithRecentBackupCount", &stats.active_services_with_recent_backup_count, notes)
    });
    let recently_backed_up = figures.of_customer(recent);
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

/// Only the published API description has this field. A customer is active while one of its domains is.
pub(super) fn status(domains: &[wire::Domain], notes: &mut Notes) -> Option<TenantStatus> {
    let mut statuses = Vec::new();
    for domain in domains {
        let word = notes.optional("status", &domain.status)?;
        statuses.push(match word.0.trim().to_ascii_lowercase().as_str() {
            "active" => TenantStatus::Active,
            "suspended" => TenantStatus::Suspended,
            "deactivated" | "inactive" => TenantStatus::Deactivated,
            _ => {
                notes.note("status", DriftKind::UnknownWord);
                return None;
            }
        });
    }
    statuses.into_iter().min()
}

/// Adds up a customer's seats one by one.
#[derive(Debug, Default)]
pub(super) struct SeatTally<'a> {
    /// The customer whose seats were requested; empty to count every row.
    customer: &'a str,
    by_type: BTreeMap<SeatType, SeatsOfType>,
    billable: u64,
    billing_is_unknown: bool,
    /// Digests of types and ids, to detect duplicates.
    ids: Vec<u64>,
    foreign: u64,
}

impl<'a> SeatTally<'a> {
    /// Starts without seats.
    pub(super) fn of(customer: &'a str) -> Self {
        Self { customer, ..Self::default() }
    }

    /// Adds one seat; drops those of other customers.
    pub(super) fn add(&mut self, record: &Result<wire::Seat, Undecodable>, now: Timestamp, notes: &mut Notes) {
        let Ok(seat) = record else {
            notes.note("", DriftKind::UndecodableRecord);
            self.by_type.entry(SeatType::Other).or_default().states[SeatState::Unknown] += 1;
            self.billing_is_unknown = true;
            return;
        };
        if !self.customer.is_empty() && seat.customer().is_some_and(|customer| customer != self.customer) {
            notes.note("saasCustomerId", DriftKind::ForeignRecord);
            self.foreign += 1;
            return;
        }
        let seat_type = seat_type(seat, notes);
        self.ids.extend(seat.id().map(|id| digest(&(seat_type, id))));
        let seats = self.by_type.entry(seat_type).or_default();
        seats.states[seat_state(seat, notes)] += 1;
        let last_backup = notes.optional("lastBackup", &seat.last_backup).map(|moment| moment.0);
        let earliest = Timestamp::from_millis(wire::Epoch::EARLIEST);
        if last_backup.is_some_and(|at| at < earliest || at.is_future(now)) {
            notes.note("lastBackup", DriftKind::OutOfRange);
        } else {
            seats.newest_backup = seats.newest_backup.max(last_backup);
        }
        match notes.optional("billable", &seat.billable) {
            Some(billable) => self.billable += u64::from(billable.0),
            None => self.billing_is_unknown = true,
        }
    }

    /// The report of all added seats.
    ///
    /// Two different seats with the same type and id are both counted, and recorded as drift.
    pub(super) fn finish(mut self, notes: &mut Notes) -> SeatReport {
        self.ids.sort_unstable();
        let conflicts = self.ids.windows(2).filter(|pair| pair[0] == pair[1]).count();
        (0..conflicts).for_each(|_| notes.note("remoteId", DriftKind::ConflictingRecord));
        let billable = (!self.billing_is_unknown).then_some(self.billable);
        SeatReport {
            counts: SeatCounts { billable, ..SeatCounts::default() },
            by_type: Some(self.by_type.into_iter().collect()),
        }
    }

    /// Rejects a list without any of the customer's own seats if the listing says that some are in use.
    pub(super) fn check(&self, seats_used: Option<u64>) -> Result<(), ErrorKind> {
        match (self.by_type.is_empty(), self.foreign, seats_used) {
            (true, 1.., _) => Err(ErrorKind::ForeignRecords { count: self.foreign }),
            (true, 0, Some(seats_used @ 1..)) => Err(ErrorKind::SuspiciousEmpty { seats_used }),
            _ => Ok(()),
        }
    }
}

pub(super) fn seat_type(seat: &wire::Seat, notes: &mut Notes) -> SeatType {
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

/// The live state, or the published licence status, which uses words for actions rather than states.
pub(super) fn seat_state(seat: &wire::Seat, notes: &mut Notes) -> SeatState {
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
