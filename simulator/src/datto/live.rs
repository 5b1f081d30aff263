//! Renders domains and seats like the live API.

use serde_json::{Value, json};

use super::fleet::{Customer, Fleet, Protected, Seat};
use super::parameters::seat_types;
use super::refusal::Refusal;
use super::shapes::BillableSpelling;
use crate::clock::Moment;
use crate::query::Query;
use crate::text::seconds_with_offset;

/// All domain records of all customers: a bare array.
pub(super) fn domains(fleet: &Fleet, moment: Moment) -> Value {
    fleet.customers().flat_map(|customer| records(customer, moment)).collect()
}

fn records(customer: &Customer, moment: Moment) -> Vec<Value> {
    let tally = customer.tally();
    let protected = customer.apps().map(|app| Protected::new(customer, app, &tally, moment));
    let (active, recent) =
        protected.fold((0, 0), |(active, recent), app| (active + app.active(), recent + app.backed_up_today()));
    let organization = customer.organization();
    let record = |index| {
        // The parts of all records add up to the customer's figure, and each is larger than the one before: equal ones
        // would read like one figure that is repeated.
        let share = |whole: usize| {
            let below = |records: usize| whole * (records * (records + 1) / 2);
            let all = customer.domain_count() * (customer.domain_count() + 1) / 2;
            below(index + 1) / all - below(index) / all
        };
        let mut record = json!({
            "saasCustomerId": customer.id(),
            "saasCustomerName": customer.name(),
            "organizationId": organization.map(|(id, _)| id),
            "organizationName": organization.map(|(_, name)| name),
            "domain": customer.domain(index),
            "seatsUsed": share(tally.billable()),
            "productType": customer.product().word(),
            "externalSubscriptionId": customer.subscription(index),
            "retentionType": customer.quirks().retention,
        });
        if !customer.quirks().no_backup_stats {
            record["backupStats"] = statistics(customer, share(active), share(recent));
        }
        record
    };
    (0..customer.domain_count()).map(record).collect()
}

fn statistics(customer: &Customer, active: usize, recent: usize) -> Value {
    // Hundredths of a percent: the vendor rounds to two decimals, and sends whole percents without any.
    let hundredths = (recent * 10_000).checked_div(active).unwrap_or_default();
    let percentage = match (hundredths.is_multiple_of(100), customer.quirks().percentage_text) {
        (true, false) => json!(hundredths / 100),
        (true, true) => json!((hundredths / 100).to_string()),
        (false, is_text) => {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            if is_text { json!(text) } else { json!(hundredths as f64 / 100.0) }
        }
    };
    json!({
        "activeServicesCount": active,
        "activeServicesWithRecentBackupCount": recent,
        "backupPercentage": percentage,
    })
}

/// The seats of one customer: a bare array.
pub(super) fn seats(customer: &Customer, query: &Query, billable: BillableSpelling) -> Result<Value, Refusal> {
    let wanted = seat_types(query)?;
    let chosen = customer.seats().filter(|seat| wanted.contains(seat.kind.word()));
    Ok(chosen.map(|seat| seat_row(&seat, billable)).collect())
}

fn seat_row(seat: &Seat, billable: BillableSpelling) -> Value {
    let billable = match (billable, seat.is_billable()) {
        (BillableSpelling::Number, is_billable) => json!(u8::from(is_billable)),
        (_, true) => json!("1"),
        (BillableSpelling::OneOrEmpty, false) => json!(""),
        (BillableSpelling::OneOrZero, false) => json!("0"),
    };
    json!({
        "mainId": seat.main_id,
        "name": seat.name,
        "seatType": seat.kind.word(),
        "seatState": seat.state.word(),
        "billable": billable,
        "dateAdded": seconds_with_offset(seat.added),
        "remoteId": seat.remote_id,
    })
}
