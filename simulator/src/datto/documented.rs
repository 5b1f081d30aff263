//! Renders domains and seats as published, where the live API differs.

use serde_json::{Value, json};

use super::fleet::{Customer, Fleet, Protected, Protection, Seat, SeatState, SeatType};
use super::parameters::seat_types;
use crate::clock::Moment;
use crate::query::Query;
use crate::text::seconds;

/// `{domains: [...]}`.
pub(super) fn domains(fleet: &Fleet) -> Value {
    let records = |customer| (0..Customer::domain_count(customer)).map(move |index| domain(customer, index));
    json!({"domains": fleet.customers().flat_map(records).collect::<Vec<_>>()})
}

fn domain(customer: &Customer, index: usize) -> Value {
    json!({
        "saasCustomerId": customer.documented_id(),
        "externalSubscriptionId": customer.documented_subscription(index),
        "domain": customer.domain(index),
        // The document has no other word than `active`, and no list of words either.
        "status": if customer.quirks().unknown_status { "throttled" } else { "active" },
    })
}

/// `{seats: [...]}`; the document has no shared drives.
pub(super) fn seats(customer: &Customer, query: &Query, moment: Moment) -> Value {
    // The document has no filter either: a wrong one is no error.
    let wanted = seat_types(query).ok();
    let chosen = customer.seats().filter(|seat| {
        let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.contains(seat.kind.word()));
        seat.kind != SeatType::SharedDrive && is_wanted
    });
    let last_backup = last_backup(customer, moment);
    json!({"seats": chosen.map(|seat| row(&seat, last_backup)).collect::<Vec<_>>()})
}

fn row(seat: &Seat, last_backup: Option<i64>) -> Value {
    let mut row = json!({
        "remoteId": seat.remote_id,
        "displayName": seat.name,
        "seatType": seat.kind.word(),
        "licenseStatus": match seat.state {
            SeatState::Active => "Licensed",
            SeatState::Paused => "Paused",
            SeatState::Archived | SeatState::Unprotected => "Unlicensed",
        },
    });
    if let Some(email) = seat.email() {
        row["email"] = json!(email);
    }
    if let (SeatState::Active, Some(millis)) = (seat.state, last_backup) {
        row["lastBackup"] = json!(seconds(millis));
    }
    row
}

/// When the customer's first app was last backed up.
fn last_backup(customer: &Customer, moment: Moment) -> Option<i64> {
    let app = customer.apps().next()?;
    match Protected::new(customer, app, &customer.tally(), moment).last_full_protection() {
        Protection::At(millis) => Some(millis),
        Protection::Never | Protection::OverTenDaysAgo => None,
    }
}
