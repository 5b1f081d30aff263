//! Computes the expected metrics from Datto's raw responses: by the meaning of each family, not by its code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bench::Said;
use super::vendor::Vendor;
use crate::support::exposition::Series;

const DAY: f64 = 86_400.0;
const STATES: [&str; 9] = ["failing", "never", "stopped", "late", "unknown", "ok", "empty", "paused", "not_licensed"];
const WORDS: [(&str, &str); 8] = [
    ("Perfect", "perfect"),
    ("Good", "good"),
    ("Fair", "fair"),
    ("Poor", "poor"),
    ("Backup With Issues", "backup_with_issues"),
    ("Insufficient History", "insufficient_history"),
    ("Unknown", "unknown"),
    ("", "other"),
];

/// The workload that an app type is shown as.
fn workload(app_type: &str) -> &'static str {
    match app_type {
        "Office365Exchange" | "GoogleMail" => "mail",
        "Office365OneDrive" => "onedrive",
        "Office365SharePoint" => "sharepoint",
        "Office365Teams" => "teams",
        "GoogleCalendar" => "calendar",
        "GoogleContacts" => "contacts",
        "GoogleDrive" => "google_drive",
        "GoogleTeamDrives" => "shared_drive",
        "Office365Planner" => "office365_planner",
        "EntraIdUsers" => "entra_id_users",
        other => panic!("{other} is of no app of the fleet"),
    }
}

/// Everything that must be said of every customer, but for the source's name and when it was observed.
pub(crate) async fn of(vendor: &Vendor) -> Said {
    let mut by_customer: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for record in vendor.domains().await {
        let id = record["saasCustomerId"].as_str().map_or_else(|| record["saasCustomerId"].to_string(), str::to_owned);
        by_customer.entry(id).or_default().push(record);
    }
    let mut all = Said::new();
    for (id, records) in by_customer {
        let first = |field: &str| records.iter().filter_map(|record| record[field].as_str()).min();
        let name = first("saasCustomerName").or_else(|| first("domain")).unwrap();
        let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let common = Series::new("", &[("provider", "datto"), ("tenant_id", &id), ("tenant", &name)]);
        let mut reckoning = Reckoning { common, records, all };
        reckoning.listing();
        reckoning.workloads(vendor.applications(&id).await);
        reckoning.seats(vendor.seats(&id).await);
        all = reckoning.all;
    }
    all
}

/// One customer.
struct Reckoning {
    common: Series,
    records: Vec<Value>,
    all: Said,
}

impl Reckoning {
    fn say(&mut self, name: &str, more: &[(&str, &str)], value: f64) {
        let mut series = Series { name: format!("saasbackup_{name}"), ..self.common.clone() };
        series.labels.extend(more.iter().map(|&(label, value)| (label.to_owned(), value.to_owned())));
        assert_eq!(self.all.insert(series, value), None, "{name}{more:?} is expected twice");
    }

    fn say_some(&mut self, name: &str, more: &[(&str, &str)], value: Option<f64>) {
        if let Some(value) = value {
            self.say(name, more, value);
        }
    }

    fn attempted(&mut self, part: &str, worked: bool) {
        self.say("collection_success", &[("part", part)], if worked { 1.0 } else { 0.0 });
    }

    /// The sum of a figure over all records; one that does not say makes it unknown.
    fn sum(&self, figure: impl Fn(&Value) -> &Value) -> Option<f64> {
        self.records.iter().map(|record| figure(record).as_f64()).sum()
    }

    fn listing(&mut self) {
        self.attempted("listing", true);
        let text = |name: &str| match &self.records[0][name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let [organization, plan, product] = ["organizationId", "retentionType", "productType"].map(text);
        let labels = [("organization_id", &*organization), ("plan", &*plan), ("product", &*product)];
        self.say("tenant_info", &labels, 1.0);
        self.say("coverage_objective_ratio", &[], 0.8);
        if self.records.iter().all(|record| record["status"] == "active") {
            for state in ["active", "suspended", "deactivated"] {
                self.say("tenant_state", &[("state", state)], if state == "active" { 1.0 } else { 0.0 });
            }
        }
        let active = self.sum(|record| &record["backupStats"]["activeServicesCount"]);
        let recent = self.sum(|record| &record["backupStats"]["activeServicesWithRecentBackupCount"]);
        let used = self.sum(|record| &record["seatsUsed"]);
        self.say_some("seats_used", &[], used);
        self.say_some("datto_active_services", &[], active);
        self.say_some("datto_recently_backed_up_services", &[], recent);
        let ratio = active.zip(recent).filter(|(active, _)| *active > 0.0).map(|(active, recent)| recent / active);
        self.say_some("datto_backup_ratio", &[], ratio);
    }

    fn workloads(&mut self, items: Result<Vec<Value>, u16>) {
        let items = items.unwrap_or_default();
        let suites = items.iter().flat_map(|item| item["suites"].as_array().unwrap());
        let apps: Vec<&Value> = suites.flat_map(|suite| suite["appTypes"].as_array().unwrap()).collect();
        if apps.is_empty() {
            // Every customer of the fleet uses seats, so that an empty answer cannot be right.
            let workloads: &[&str] = match self.records[0]["productType"].as_str() {
                Some("Office365") => &["mail", "onedrive", "sharepoint", "teams"],
                Some("GoogleApps") => &["mail", "calendar", "contacts", "shared_drive", "google_drive"],
                _ => &["mail"],
            };
            for workload in workloads {
                self.attempted(workload, false);
                self.say("rpo_seconds", &[("workload", *workload)], DAY);
                self.state(workload, "unknown");
            }
            return;
        }
        self.say("datto_customer_storage_bytes", &[], items[0]["usedBytes"].as_f64().unwrap());
        for app in apps {
            self.app(app);
        }
    }

    fn state(&mut self, workload: &str, holds: &str) {
        for state in STATES {
            let labels = [("workload", workload), ("state", state)];
            self.say("workload_state", &labels, if state == holds { 1.0 } else { 0.0 });
        }
    }

    fn app(&mut self, app: &Value) {
        let workload = workload(app["appType"].as_str().unwrap());
        let own = [("workload", workload)];
        self.attempted(workload, true);
        self.say("rpo_seconds", &own, DAY);
        self.say("storage_bytes", &own, app["usedBytes"].as_f64().unwrap());
        self.say("datto_uningested_services", &own, app["uningestedServiceCount"].as_f64().unwrap());
        let last = &app["lastFullyProtectedTime"];
        let millis = last.as_f64().or_else(|| last.as_str()?.parse().ok());
        self.say_some("protected_until_timestamp_seconds", &own, millis.map(|millis| millis / 1_000.0));
        if last == "OVER_10_DAYS_AGO" {
            self.say("datto_protection_gap_seconds", &own, 10.0 * DAY);
        }
        let history = app["backupHistory"].as_array().cloned().unwrap_or_default();
        // Live windows start later than they end.
        let until = |window: &Value| window["startTime"].as_u64().max(window["endTime"].as_u64());
        let Some(newest) = history.iter().max_by_key(|window| until(window)) else {
            return self.state(workload, "unknown");
        };
        let count = |name: &str| newest[name].as_f64().unwrap();
        self.say("datto_perfect_backups", &own, count("activeServiceWithPerfectBackupCount"));
        let word = newest["status"].as_str().unwrap();
        let known = WORDS.iter().find(|(sent, _)| *sent == word).map_or("other", |(_, shown)| *shown);
        for (_, shown) in WORDS {
            let labels = [own[0], ("status", shown)];
            self.say("datto_backup_status", &labels, if shown == known { 1.0 } else { 0.0 });
        }
        let (total, active) = (count("totalServiceCount"), count("activeServiceCount"));
        let ok = count("activeServiceWithBackupCount").min(active);
        let is_new = word == "Insufficient History" && last.is_null() && ok == 0.0;
        let (never, late) = if is_new { (active, 0.0) } else { (0.0, active - ok) };
        for (state, number) in [
            ("deactivated", total - active),
            ("failing", 0.0),
            ("never", never),
            ("unknown", 0.0),
            ("late", late),
            ("ok", ok),
        ] {
            self.say("resources", &[own[0], ("state", state)], number);
        }
        self.state(
            workload,
            match (active, never, late) {
                (0.0, ..) if total > 0.0 || app["usedBytes"].as_f64() > Some(0.0) => "stopped",
                (0.0, ..) => "empty",
                (_, 1.0.., _) => "never",
                (_, _, 1.0..) => "late",
                _ => "ok",
            },
        );
    }

    fn seats(&mut self, seats: Result<Vec<Value>, u16>) {
        self.attempted("seats", seats.is_ok());
        let Ok(seats) = seats else { return };
        let kind = |seat: &Value| match seat["seatType"].as_str().unwrap() {
            "User" => "user",
            "SharedMailbox" => "shared_mailbox",
            "Site" => "site",
            "TeamSite" => "team_site",
            "Team" => "team",
            "SharedDrive" => "shared_drive",
            other => panic!("{other}"),
        };
        let state = |seat: &Value| match seat["seatState"].as_str().or_else(|| seat["licenseStatus"].as_str()).unwrap()
        {
            "Active" | "Licensed" => "active",
            "Paused" => "paused",
            "Archived" => "archived",
            "Unprotected" | "Unlicensed" => "unprotected",
            other => panic!("{other}"),
        };
        let count = |holds: &dyn Fn(&Value) -> bool| seats.iter().filter(|seat| holds(seat)).count() as f64;
        for one in seats.iter().map(kind).collect::<BTreeSet<_>>() {
            for holds in ["active", "paused", "archived", "unprotected", "unknown"] {
                let number = count(&|seat| kind(seat) == one && state(seat) == holds);
                self.say("seats", &[("seat_type", one), ("state", holds)], number);
            }
            let backups = seats.iter().filter(|seat| kind(seat) == one).filter_map(|seat| seat["lastBackup"].as_str());
            let newest = backups.map(|time| time.parse::<jiff::Timestamp>().unwrap().as_millisecond()).max();
            let newest = newest.map(|millis| millis as f64 / 1_000.0);
            self.say_some("datto_newest_seat_backup_timestamp_seconds", &[("seat_type", one)], newest);
        }
        for (account, holds) in [
            ("protected", "active"),
            ("unprotected", "unprotected"),
            ("paused", "paused"),
            ("archived", "archived"),
            ("unknown", "unknown"),
        ] {
            self.say("accounts", &[("state", account)], count(&|seat| state(seat) == holds));
        }
        if seats.iter().all(|seat| seat.get("billable").is_some()) {
            self.say("seats_billable", &[], count(&|seat| seat["billable"] == "1" || seat["billable"] == 1));
        }
    }
}
