//! Generates the pages of the mock vendor: rows like the samples of Dropsuite's document, for a small customer.

use axum::body::Bytes;
use serde_json::{Value, json};

/// Rows of a list; a full page of 25 would be followed by the question for another.
const ROWS: usize = 20;
/// Organizations on one page of the listing, the most that may be asked for.
const ORGANIZATIONS: usize = 100;
const THEN: &str = "2025-11-21T19:20:00.970Z";

/// The answers to everything but the listing, made once.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    tenants: usize,
    lists: Vec<(&'static str, Bytes)>,
}

impl Pages {
    /// The pages of a vendor with so many organizations.
    pub(crate) fn new(tenants: usize) -> Self {
        let lists = [
            ("/api/accounts", rows(account)),
            ("/api/calendars", rows(|row| with(row, "calendar_schedule_count"))),
            ("/api/contacts", rows(|row| with(row, "contact_count"))),
            ("/api/tasks", rows(|row| with(row, "task_count"))),
            ("/api/onedrives", rows(file)),
            ("/api/googledrives", rows(drive)),
            (
                "/api/teams_and_groups/domains",
                json!([{"id": 1, "domain_name": "a.example", "deactivated_since": null}]),
            ),
            ("/api/teams_and_groups/domains/1/teams", rows(team)),
        ];
        Self { tenants, lists: lists.map(|(path, body)| (path, body.to_string().into())).into() }
    }

    /// The body for a path, or for this page of the listing.
    pub(crate) fn body(&self, path: &str, page: usize) -> Option<Bytes> {
        if path == "/api/users" {
            return Some(self.listing(page).to_string().into());
        }
        self.lists.iter().find(|(known, _)| *known == path).map(|(_, body)| body.clone())
    }

    /// Bytes of a list, in the mean.
    pub(crate) fn mean_size(&self) -> usize {
        self.lists.iter().map(|(_, body)| body.len()).sum::<usize>() / self.lists.len()
    }

    fn listing(&self, page: usize) -> Value {
        let first = (page - 1) * ORGANIZATIONS;
        let users: Vec<_> = (first..self.tenants.min(first + ORGANIZATIONS)).map(user).collect();
        let pages = self.tenants.div_ceil(ORGANIZATIONS).max(1);
        let pagination = json!({"current_page": page, "total_entries": self.tenants, "total_pages": pages});
        json!({"result_set": users, "pagination": pagination})
    }
}

fn rows(row: impl Fn(usize) -> Value) -> Value {
    (0..ROWS).map(row).collect()
}

fn user(number: usize) -> Value {
    json!({
        "id": format!("{}-6", 440_000 + number),
        "email": format!("backup@customer-{number}.example"),
        "organization_name": format!("Harbour & Partners {number}"),
        "authentication_token": format!("733cce33-f66f-4eab-83fc-{number:012}"),
        "organization_id": number,
        "plan_id": 93,
        "admin": true,
        "customer_deactivated": false,
        "seats_used": 20,
        "seats_available": 25,
        "storage_used": 0,
        "archive": false,
        "backup_summary": null,
        "flg_suspended": false,
    })
}

fn account(number: usize) -> Value {
    // One body is for all organizations, so it does not say whose it is.
    let mut owner = user(number);
    owner["organization_id"] = Value::Null;
    json!({
        "id": 5238 + number,
        "last_backup": THEN,
        "deactivated_since": null,
        "email": format!("person-{number}@customer.example"),
        "display_name": format!("Person {number}"),
        "username": null,
        "storage": 3_525_592 + number,
        "msg_count": 29_437 + number,
        "flg_deleted": false,
        "errors": {},
        "current_backup_status": "Completed",
        "added_on": THEN,
        "user": owner,
    })
}

fn resource(number: usize) -> Value {
    json!({
        "id": 3168 + number,
        "email": format!("person-{number}@customer.example"),
        "last_backup": THEN,
        "errors": "",
        "deactivated_since": null,
        "current_backup_status": "Completed",
        "added_on": THEN,
    })
}

fn with(number: usize, count: &str) -> Value {
    let mut row = resource(number);
    row[count] = json!(419 + number);
    row
}

fn file(number: usize) -> Value {
    let mut row = with(number, "file_count");
    row["storage"] = json!(1_831_755_670 + number);
    row["last_activity"] = json!("2025-11-20");
    row
}

fn drive(number: usize) -> Value {
    json!({
        "drive_account_id": 214_877 + number,
        "email_account_id": 245_203 + number,
        "gd_tenant": "C03skwjeq",
        "gd_drive_type": "g_drive",
        "file_count": 550 + number,
        "storage": 7_662_280_157_u64,
        "last_backup": THEN,
        "added_on": THEN,
    })
}

fn team(number: usize) -> Value {
    let mut row = resource(number);
    row["group_name"] = json!(format!("Team {number}"));
    row["group_type"] = json!("Public");
    row
}
