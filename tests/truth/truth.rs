//! Derives the truth about each tenant: from the definition of its fleet, and by counting the vendor's raw rows.
//!
//! Nothing here uses the exporter: a mistake must not be on both sides.

use std::collections::{BTreeMap, BTreeSet};

use saasbackup_exporter::domain::Part;
use saasbackup_simulator::datto::fleet::Quirk as Customer;
use saasbackup_simulator::dropsuite::fleet::Quirk as Organization;
use serde_json::Value;

use super::exporter::OBJECTIVE;
use super::said::Facts;
use super::world::{NOW, Recorded, Vendor};

/// What is true of one tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct TenantTruth {
    pub(crate) workloads: BTreeMap<String, WorkloadTruth>,
    /// The seats that the fleet was given, and at Datto those that its rows contain.
    pub(crate) seats: Facts,
}

/// What is true of one workload.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WorkloadTruth {
    pub(crate) state: &'static str,
    /// Resources by state; empty where the vendor does not list them.
    pub(crate) resources: BTreeMap<&'static str, f64>,
}

/// The workloads that have a name here.
pub(crate) const WORKLOADS: [&str; 9] =
    ["mail", "calendar", "contacts", "tasks", "onedrive", "sharepoint", "teams", "shared_drive", "google_drive"];
/// States that require action.
pub(crate) const FAULTS: [&str; 4] = ["failing", "never", "stopped", "late"];
/// States that require no action.
pub(crate) const QUIET: [&str; 4] = ["ok", "empty", "paused", "not_licensed"];

impl TenantTruth {
    pub(crate) fn faults(&self) -> impl Iterator<Item = (&str, &str)> {
        let workloads = self.workloads.iter().map(|(name, truth)| (name.as_str(), truth.state));
        workloads.filter(|(_, state)| FAULTS.contains(state))
    }
}

/// What is true of every tenant of this vendor.
pub(crate) fn of(vendor: &Vendor, exchanges: &[Recorded], collects: bool) -> BTreeMap<String, TenantTruth> {
    match vendor {
        Vendor::Dropsuite(server) => {
            let organizations = server.organizations().into_iter().map(|organization| {
                let id = organization.login_id;
                let is_served = is_served(&id, exchanges);
                let seats = Facts::from([
                    ("saasbackup_seats_used{}".to_owned(), organization.seats_used as f64),
                    ("saasbackup_seats_available{}".to_owned(), organization.seats_available as f64),
                ]);
                let workloads = if collects {
                    organization_workloads(&id, organization.quirk, exchanges, is_served)
                } else {
                    BTreeMap::new()
                };
                (id, TenantTruth { workloads, seats })
            });
            organizations.collect()
        }
        Vendor::Datto(server) => {
            let customers = server.customers().into_iter().map(|customer| {
                let id = customer.id.to_string();
                let mut seats = customer_seats(&id, exchanges);
                seats.insert("saasbackup_seats_used{}".to_owned(), seats_used(&id, exchanges));
                let workloads =
                    if collects { customer_workloads(&id, customer.quirk, exchanges) } else { BTreeMap::new() };
                (id, TenantTruth { workloads, seats })
            });
            customers.collect()
        }
    }
}

/// The answers that one part of one tenant needs.
fn answers<'a>(exchanges: &'a [Recorded], id: &'a str, part: &'a str) -> impl Iterator<Item = (&'a str, u16, Value)> {
    let of_part = exchanges.iter().filter(move |recorded| {
        recorded.serves.as_ref().is_some_and(|(tenant, parts)| {
            tenant == id && parts.iter().any(|of| matches!(of, Part::Workload(_)) && of.as_str() == part)
        })
    });
    of_part.map(|recorded| {
        let answer = &recorded.exchange.answer;
        let path = recorded.exchange.asked.path.split('?').next().unwrap_or_default();
        (path, answer.status, serde_json::from_slice(&answer.body).unwrap())
    })
}

/// Whether the listing says of an organization that the vendor backs it up.
fn is_served(id: &str, exchanges: &[Recorded]) -> bool {
    let listings = exchanges.iter().filter(|recorded| recorded.serves.is_none());
    let answers: Vec<Value> =
        listings.map(|recorded| serde_json::from_slice(&recorded.exchange.answer.body).unwrap()).collect();
    let mut rows = answers.iter().flat_map(rows);
    rows.any(|row| row["id"] == id && row["customer_deactivated"] == false)
}

/// The rows of any envelope.
pub(crate) fn rows(answer: &Value) -> Vec<&Value> {
    match answer {
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| match element.get("result_set").or_else(|| element.get("items")) {
                Some(inner) => rows(inner),
                None => vec![element],
            })
            .collect(),
        Value::Object(object) => match ["result_set", "data", "items"].iter().find_map(|key| object.get(*key)) {
            Some(inner) => rows(inner),
            None => vec![answer],
        },
        other => panic!("no rows in {other}"),
    }
}

fn organization_workloads(
    id: &str,
    oddity: Organization,
    exchanges: &[Recorded],
    is_served: bool,
) -> BTreeMap<String, WorkloadTruth> {
    let mut all = BTreeMap::new();
    for workload in WORKLOADS {
        let state = organization_state(oddity, workload, is_served);
        let mut seen = BTreeSet::new();
        let mut resources = BTreeMap::new();
        let good: Vec<_> = answers(exchanges, id, workload).filter(|(_, status, _)| *status == 200).collect();
        let (domains, lists): (Vec<_>, Vec<_>) = good.iter().partition(|(path, ..)| path.ends_with("/domains"));
        let failing: Vec<_> = domains
            .iter()
            .flat_map(|(_, _, answer)| rows(answer))
            .filter(|domain| has_error(domain))
            .map(|domain| format!("/domains/{}/", domain["id"]))
            .collect();
        for (path, _, answer) in lists {
            let is_below_failing = failing.iter().any(|domain| path.contains(domain));
            for row in rows(answer) {
                if seen.insert(row.to_string()) {
                    let state = match resource_state(row) {
                        "deactivated" => "deactivated",
                        _ if is_below_failing => "failing",
                        state => state,
                    };
                    *resources.entry(state).or_insert(0.0) += 1.0;
                }
            }
        }
        let worst = FAULTS.into_iter().find(|state| resources.contains_key(state));
        let counted = match worst {
            Some("failing" | "never") if resources.contains_key("never") && state == "never" => "never",
            Some(worst) => worst,
            None if resources.is_empty() => "not_licensed",
            None if resources.contains_key("ok") => "ok",
            None if is_served => "stopped",
            None => "paused",
        };
        assert_eq!(counted, state, "{workload} of {id} ({oddity:?}): the rows are {resources:?}");
        all.insert(workload.to_owned(), WorkloadTruth { state, resources });
    }
    all
}

/// What the fleet made of a workload of an organization.
fn organization_state(oddity: Organization, workload: &str, is_served: bool) -> &'static str {
    let google = matches!(workload, "shared_drive" | "google_drive");
    let microsoft = matches!(workload, "onedrive" | "sharepoint" | "teams");
    match (oddity, workload) {
        (Organization::GoogleWorkspace | Organization::FailingDriveDomains, _) if microsoft => "not_licensed",
        (Organization::FailingDriveDomains, "shared_drive") => "failing",
        (Organization::FailingDriveDomains, _) => "ok",
        (Organization::GoogleWorkspace, _) => "ok",
        _ if google => "not_licensed",
        (Organization::ForbiddenProducts | Organization::MissingProducts, _) if microsoft => "not_licensed",
        (Organization::LateMailboxes | Organization::MailStopped, "mail") => "late",
        (Organization::FailingDomains, "sharepoint" | "teams") => "failing",
        (Organization::ConsentLost | Organization::PublishedWords, _) => "failing",
        (Organization::FailingText, "calendar" | "onedrive" | "sharepoint" | "teams") => "failing",
        (Organization::FailingObject | Organization::ConnectionFailures, "mail") => "failing",
        (Organization::StatusWords, _) => "failing",
        (Organization::NeverBackedUp | Organization::QueuedDomain, _) => "never",
        // Suspended disables logins only: its backups go on.
        (Organization::ReconnectDomain | Organization::RecreateDomain, _) => "late",
        // Everything below it is deactivated, whether or not the vendor says so of the organization.
        (Organization::Deactivated, _) => {
            if is_served {
                "stopped"
            } else {
                "paused"
            }
        }
        _ => "ok",
    }
}

/// Whether a raw row reports an error.
fn has_error(row: &Value) -> bool {
    match &row["errors"] {
        Value::String(text) => !text.is_empty(),
        Value::Object(errors) => !errors.is_empty(),
        _ => false,
    }
}

/// The words that the vendor's document and help have for a backup that failed.
const FAILED: [&str; 4] = ["Failed", "Space Full", "Connection Error", "Authentication Error"];

/// The state of one raw row: the first that holds.
pub(crate) fn resource_state(row: &Value) -> &'static str {
    let word = row["current_backup_status"].as_str().unwrap_or_default();
    if !row["deactivated_since"].is_null() || row["active"] == false || word == "Deactivated" {
        "deactivated"
    } else if has_error(row) || FAILED.contains(&word) {
        "failing"
    } else {
        match row["last_backup"].as_str().map(|time| time.parse::<jiff::Timestamp>().unwrap().as_millisecond()) {
            None => "never",
            Some(at) if u128::try_from(NOW - at).unwrap_or(0) > OBJECTIVE.as_millis() => "late",
            Some(_) => "ok",
        }
    }
}

fn customer_workloads(id: &str, oddity: Customer, exchanges: &[Recorded]) -> BTreeMap<String, WorkloadTruth> {
    let mut services: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (_, _, answer) in answers(exchanges, id, "mail").filter(|(path, ..)| path.ends_with("/applications")) {
        let items = rows(&answer).into_iter().flat_map(|item| item["suites"].as_array().unwrap());
        for app in items.flat_map(|suite| suite["appTypes"].as_array().unwrap()) {
            // A customer that was provisioned twice has its apps twice, and both count.
            let of_workload = services.entry(workload_of(app["appType"].as_str().unwrap())).or_default();
            for (state, count) in newest_window(app).map(service_states).unwrap_or_default() {
                *of_workload.entry(state).or_insert(0.0) += count;
            }
        }
    }
    let judged = services.into_iter().map(|(workload, resources)| {
        let state = customer_state(oddity, workload);
        let has_active = resources.iter().any(|(state, count)| *state != "deactivated" && *count > 0.0);
        let counted = if resources.is_empty() {
            "unknown"
        } else if !has_active {
            "stopped"
        } else {
            FAULTS.into_iter().find(|state| resources.get(state).is_some_and(|count| *count > 0.0)).unwrap_or("ok")
        };
        assert_eq!(counted, state, "{workload} of {id} ({oddity:?}): the services are {resources:?}");
        (workload.to_owned(), WorkloadTruth { state, resources })
    });
    judged.collect()
}

/// The seats that a customer's records in the listing count together.
fn seats_used(id: &str, exchanges: &[Recorded]) -> f64 {
    let listings = exchanges.iter().filter(|recorded| recorded.serves.is_none());
    let answers: Vec<Value> =
        listings.map(|recorded| serde_json::from_slice(&recorded.exchange.answer.body).unwrap()).collect();
    let own = answers
        .iter()
        .flat_map(rows)
        .filter(|row| row["saasCustomerId"].as_u64().is_some_and(|own| own.to_string() == id));
    own.map(|row| row["seatsUsed"].as_f64().unwrap()).sum()
}

/// A customer's raw seats, counted: by type and state, as accounts, and those that are billed. Empty where the vendor does
/// not list them.
fn customer_seats(id: &str, exchanges: &[Recorded]) -> Facts {
    let serves_seats = |recorded: &&Recorded| {
        let serves = recorded.serves.as_ref();
        serves.is_some_and(|(tenant, parts)| tenant == id && parts.contains(&Part::Seats))
            && recorded.exchange.answer.status == 200
    };
    let mut seats = Facts::new();
    let mut count = |key: String, one: f64| *seats.entry(key).or_insert(0.0) += one;
    for recorded in exchanges.iter().filter(serves_seats) {
        let answer: Value = serde_json::from_slice(&recorded.exchange.answer.body).unwrap();
        count("saasbackup_seats_billable{}".to_owned(), 0.0);
        for row in rows(&answer) {
            let seat_type = match row["seatType"].as_str().unwrap() {
                "User" => "user",
                "SharedMailbox" => "shared_mailbox",
                "Site" => "site",
                "TeamSite" => "team_site",
                "Team" => "team",
                "SharedDrive" => "shared_drive",
                other => panic!("{other} is no type of the chosen fleets"),
            };
            let (state, account) = match row["seatState"].as_str().unwrap() {
                "Active" => ("active", "protected"),
                "Paused" => ("paused", "paused"),
                "Archived" => ("archived", "archived"),
                "Unprotected" => ("unprotected", "unprotected"),
                other => panic!("{other} is no state of the chosen fleets"),
            };
            count(format!("saasbackup_seats{{seat_type={seat_type},state={state}}}"), 1.0);
            count(format!("saasbackup_accounts{{state={account}}}"), 1.0);
            count("saasbackup_seats_billable{}".to_owned(), if row["billable"] == "1" { 1.0 } else { 0.0 });
        }
    }
    seats
}

fn workload_of(app_type: &str) -> &'static str {
    match app_type {
        "Office365Exchange" | "GoogleMail" => "mail",
        "Office365OneDrive" => "onedrive",
        "Office365SharePoint" => "sharepoint",
        "Office365Teams" => "teams",
        "GoogleCalendar" => "calendar",
        "GoogleContacts" => "contacts",
        "GoogleDrive" => "google_drive",
        "GoogleTeamDrives" => "shared_drive",
        other => panic!("{other} is of no app of the chosen fleets"),
    }
}

/// What the fleet made of a workload of a customer.
fn customer_state(oddity: Customer, workload: &str) -> &'static str {
    match (oddity, workload) {
        (Customer::BehindToday, "mail") | (Customer::NotProtectedForDays, "onedrive") => "late",
        (Customer::NewCustomer, _) => "never",
        (Customer::EmptyHistory, "mail") => "unknown",
        (Customer::AccessLost, _) => "stopped",
        _ => "ok",
    }
}

fn newest_window(app: &Value) -> Option<&Value> {
    app["backupHistory"].as_array()?.iter().max_by_key(|window| window["startTime"].as_u64())
}

fn service_states(window: &Value) -> BTreeMap<&'static str, f64> {
    let count = |name: &str| window[name].as_f64().unwrap();
    let (total, active) = (count("totalServiceCount"), count("activeServiceCount"));
    let backed_up = count("activeServiceWithBackupCount");
    let missing = if window["status"] == "Insufficient History" { "never" } else { "late" };
    BTreeMap::from([("deactivated", total - active), ("ok", backed_up), (missing, active - backed_up)])
}
