//! Renders how a customer's apps are backed up: the vendor's only source of freshness.

use serde_json::{Value, json};

use super::fleet::{App, Customer, Protected, Protection, SeatState, SeatType, Suite};
use super::parameters::{days_until, include_remote_id, page, per_page};
use super::refusal::Refusal;
use super::shapes::ApplicationsShape;
use crate::clock::Moment;
use crate::query::Query;

/// One customer's answer; `repeated`: always the first page, and always one more to come.
pub(super) fn answer(
    customer: &Customer,
    query: &Query,
    shape: ApplicationsShape,
    moment: Moment,
    repeated: bool,
) -> Result<Value, Refusal> {
    let days = days_until(query)?;
    let with_seats = include_remote_id(query)?;
    let (page, default) = (page(query)?, per_page(query, 100)?);
    let parts = customer.quirks().report_items;
    let whole: Vec<_> = (0..parts).map(|part| item(customer, days, moment, with_seats, (part, parts))).collect();
    let (items, per_page) = match shape {
        ApplicationsShape::Paged { per_page: own } => {
            (whole.iter().flat_map(split).collect(), per_page(query, own.get())?)
        }
        ApplicationsShape::Envelope | ApplicationsShape::ArrayOfEnvelopes => (whole, default),
    };
    let (total, pages) = (items.len(), items.len().div_ceil(per_page).max(1));
    let shown = if repeated { 1 } else { page };
    let start = (shown - 1).saturating_mul(per_page);
    let rows: Vec<_> = items.into_iter().skip(start).take(per_page).collect();
    let pages = if repeated { page.saturating_add(1) } else { pages };
    let envelope = json!({
        "pagination": {"page": page, "perPage": per_page, "totalPages": pages, "count": total},
        "items": rows,
    });
    Ok(match shape {
        ApplicationsShape::ArrayOfEnvelopes => json!([envelope]),
        ApplicationsShape::Envelope | ApplicationsShape::Paged { .. } => envelope,
    })
}

/// One item of the report; `part` of so many.
fn item(customer: &Customer, days: usize, moment: Moment, with_seats: bool, part: (usize, usize)) -> Value {
    let tally = customer.tally();
    let protected = |app: App| Protected::new(customer, app, &tally, moment).part(part.0, part.1);
    let quirks = customer.quirks();
    let of_apps = customer.apps().map(|app| protected(app).used_bytes()).sum();
    let suite = |suite: &Suite| {
        let apps = suite.apps.iter().map(|&app| app_row(customer, app, &protected(app), days));
        let apps = if quirks.empty_app_types { Vec::new() } else { apps.collect() };
        json!({"suiteType": suite.word, "appTypes": apps})
    };
    let mut item = json!({
        "customerId": customer.id(),
        "customerName": customer.name(),
        "usedBytes": customer.used_bytes(of_apps),
        "suites": if quirks.empty_suites { Vec::new() } else { customer.suites().iter().map(suite).collect() },
    });
    if with_seats {
        item["remoteIds"] = seats_by_type(customer);
    }
    item
}

fn app_row(customer: &Customer, app: App, protected: &Protected<'_>, days: usize) -> Value {
    let quirks = customer.quirks();
    let history: Vec<_> = protected
        .history(days)
        .iter()
        .map(|window| {
            json!({
                "timeWindow": format!("Between{}dAnd{}d", window.age, window.age + 1),
                // The vendor has the later of the two as the start.
                "startTime": window.newest,
                "endTime": window.oldest,
                "totalServiceCount": window.total,
                "activeServiceCount": window.active,
                "activeServiceWithBackupCount": window.backed_up,
                "activeServiceWithPerfectBackupCount": window.perfect,
                "status": window.status,
            })
        })
        .collect();
    let mut row = json!({
        "appType": app.word(),
        "usedBytes": protected.used_bytes(),
        "uningestedServiceCount": protected.uningested(),
        "lastFullyProtectedTime": match protected.last_full_protection() {
            Protection::Never => Value::Null,
            Protection::At(millis) if quirks.numeric_text => json!(millis.to_string()),
            Protection::At(millis) => json!(millis),
            Protection::OverTenDaysAgo => json!("OVER_10_DAYS_AGO"),
        },
        "backupHistory": history,
    });
    if quirks.empty_history && protected.is_place(0) {
        row["backupHistory"] = json!([]);
    }
    if quirks.missing_history
        && protected.is_place(0)
        && let Value::Object(fields) = &mut row
    {
        fields.retain(|name, _| name != "backupHistory" && name != "lastFullyProtectedTime");
    }
    row
}

fn seats_by_type(customer: &Customer) -> Value {
    let tally = customer.tally();
    let kinds = SeatType::ALL.into_iter().filter(|&kind| SeatState::ALL.iter().any(|&state| tally.of(kind, state) > 0));
    let row = |kind: SeatType| {
        let ids = customer.seats().filter(|seat| seat.kind == kind).map(|seat| seat.remote_id);
        json!({
            "seatType": kind.word(),
            "active": tally.of(kind, SeatState::Active),
            "archived": tally.of(kind, SeatState::Archived),
            // Seats that were found and not decided on yet: this fleet has none.
            "discovered": 0,
            "paused": tally.of(kind, SeatState::Paused),
            "unprotected": tally.of(kind, SeatState::Unprotected),
            "remoteIds": ids.collect::<Vec<_>>(),
        })
    };
    kinds.map(row).collect()
}

/// One item for each app; an item without apps stays whole.
fn split(whole: &Value) -> Vec<Value> {
    let mut items = Vec::new();
    for suite in whole["suites"].as_array().into_iter().flatten() {
        for app in suite["appTypes"].as_array().into_iter().flatten() {
            let mut item = whole.clone();
            item["suites"] = json!([{"suiteType": suite["suiteType"], "appTypes": [app]}]);
            items.push(item);
        }
    }
    if items.is_empty() {
        items.push(whole.clone());
    }
    items
}
