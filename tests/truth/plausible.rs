//! Names the changes that are indistinguishable from a true statement, each by a rule as narrow as its reason.
//!
//! After such a change the verdict may differ from what was true before, since the vendor may well have meant it. What
//! holds whatever the vendor says (nothing disclosed, no impossible time, the truth returns) is judged all the same.

use serde_json::Value;

use super::change::{Change, endpoint, list_and_page};
use super::judge::Mode;
use super::truth::rows;
use super::world::World;

/// Why a change may be true.
pub(crate) fn reason(world: &World, change: &Change, mode: Mode) -> Option<&'static str> {
    let recorded = &world.exchanges[change.exchange];
    let endpoint = endpoint(recorded);
    let answer = &recorded.exchange.answer;
    let name = change.field.rsplit('.').next().unwrap_or(&change.field);
    let document: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let is_later_page = list_and_page(&recorded.exchange.asked.path).1 > 1;
    let is_empty_after = |lost: usize| document.as_ref().is_some_and(|document| rows(document).len() <= lost);
    let has_pagination = |key: &str| {
        let of = |value: &Value| value.get("pagination").is_some_and(|pagination| pagination.get(key).is_some());
        document.as_ref().is_some_and(|document| of(document) || document.get(0).is_some_and(of))
    };
    let announces_total = has_pagination("total_entries") || has_pagination("total_pages");

    // A JSON refusal of a product's first page, while other products answer, is how a product that is not licensed
    // looks. A refused later page, or a refused list below a listed domain, is not.
    if matches!(change.word, "403-json" | "404-json") && !is_later_page && PRODUCTS.contains(&endpoint.as_str()) {
        return Some("a product's first page is refused");
    }
    // A row may have gone at the vendor. Where a total is announced it has to agree, and a list that is now empty must
    // not contradict what else is known.
    let is_row = change.field.ends_with("[]");
    let may_be_empty = MAY_BE_EMPTY.contains(&endpoint.as_str());
    // A later page without rows is an end like any other.
    let may_end = may_be_empty || is_later_page || !is_empty_after(1);
    if is_row && may_end && NESTED.iter().all(|nested| !change.field.contains(nested)) {
        let is_counted = change.word == "lost-and-counted" && announces_total && !has_later_page(world, change);
        if is_counted || (matches!(change.word, "lost" | "lost-and-counted") && !announces_total) {
            return Some("a row is gone, and every announced total agrees");
        }
    }
    // Who has never been seen may not be there; whoever was does not vanish in one piece.
    if change.word == "200-empty-list" && recorded.serves.is_none() && mode == Mode::Cold && !is_later_page {
        return Some("no tenant is listed, and none was known before");
    }
    // A customer with two accounts under one organization has everything twice, and both count.
    let is_app = ["row", "suites[]", "suites[].appTypes[]"].contains(&change.inner_field());
    if change.word == "duplicated" && is_app && endpoint.starts_with("/v1/saas/{id}/applications") {
        return Some("a customer has an app twice");
    }
    // A workload that is backed up for the first time, or a list of optional things.
    if change.word == "200-empty-list" && !is_later_page && may_be_empty {
        return Some("a list of what a tenant may well not have is empty");
    }
    // After a full page of a bare list an empty one is the end.
    let is_bare = document.as_ref().is_some_and(|document| document.is_array()) && !announces_total;
    if change.word == "200-empty-list" && is_later_page && is_bare {
        return Some("a list without totals ends with an empty page");
    }
    // A vendor that ignores `page` sends the same rows again, as the first page, and they are all.
    if change.word == "repeated-page" && !announces_total {
        return Some("a list without totals repeats itself");
    }
    // Mailboxes may be backed up without a connected domain; those that were connected do not vanish in one piece.
    if change.word == "200-empty-list" && endpoint == "/users/{id}/tenants" && mode == Mode::Cold {
        return Some("no domain is connected, and none was known before");
    }
    let is_listing = recorded.serves.is_none();
    match (name, change.word) {
        // The document and live answers have all of these for a healthy row.
        ("errors", "null" | "empty-text" | "empty-list" | "empty-object") => Some("errors is empty"),
        // Absent and null are seen; an unknown word says nothing, and time decides.
        ("current_backup_status", "absent" | "null" | "empty-text" | "text") => {
            Some("the status word is absent or unknown")
        }
        // `{pagination, data}` and lists with links end their last page like this, and `{result_set}` was seen without
        // `pagination`.
        ("next_page" | "next_link", "absent" | "null") if !announces_total => Some("the end of a list without totals"),
        // "null: unlicensed" (document, "GET /users/#{id}/accounts").
        ("licensed", "null") => Some("an account is not licensed"),
        // Another readable id is another tenant or resource.
        ("organization_id" | "saasCustomerId", "text" | "number" | "large" | "negative") if is_listing => {
            Some("another readable id names another tenant")
        }
        // A row says whose it is.
        ("organization_id", "text" | "number" | "large") => Some("another readable id names another tenant"),
        // An organization that is known keeps its id, whatever the id of its login is.
        ("id", "text" | "number" | "large" | "negative") if is_listing && mode == Mode::Cold => {
            Some("another readable id names another tenant")
        }
        ("domain", "text") if endpoint == "/users/{id}/tenants" => Some("another readable name is another domain"),
        _ => None,
    }
}

/// Whether the list of the changed answer goes on after it: an announced total stands there as well.
pub(crate) fn has_later_page(world: &World, change: &Change) -> bool {
    let asked = &world.exchanges[change.exchange].exchange.asked;
    let (list, number) = list_and_page(&asked.path);
    world.exchanges.iter().any(|other| {
        let other = &other.exchange.asked;
        let (other_list, other_number) = list_and_page(&other.path);
        other.token == asked.token && other_list == list && other_number > number
    })
}

/// The first page of each product of Dropsuite.
const PRODUCTS: [&str; 10] = [
    "/accounts",
    "/calendars",
    "/contacts",
    "/tasks",
    "/onedrives",
    "/googledrives",
    "/sharepoints/domains",
    "/teams_and_groups/domains",
    "/shareddrives/domains",
    "/shreddrives/domains",
];

/// Lists that may be empty without contradicting anything else that is known.
const MAY_BE_EMPTY: [&str; 16] = [
    "/calendars",
    "/contacts",
    "/tasks",
    "/onedrives",
    "/googledrives",
    "/sharepoints/domains",
    "/teams_and_groups/domains",
    "/shareddrives/domains",
    "/accounts/connection_failures",
    "/accounts/deactivated_accounts",
    "/accounts/deleted_accounts",
    "/accounts/invites",
    "/users/{id}/delegated",
    "/users/{id}/retention_policies",
    "/journals",
    "/ndr_journals",
];

/// Lists within a row of Datto's report: an app or a day that is missing is a part of a record that was not read.
const NESTED: [&str; 3] = ["suites", "appTypes", "backupHistory"];
