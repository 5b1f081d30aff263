//! Computes the expected metrics from the vendor's raw responses: by the meaning of each family, not by its code.

use std::collections::{BTreeMap, BTreeSet};

use saasbackup_simulator::dropsuite::OrganizationSummary;
use serde_json::Value;

use super::ledger::{Ledger, is_failing};
use crate::support::exporter::SOURCE;
use crate::support::exposition::Series;
use crate::support::vendor::Vendor;

/// Everything that must be said of one organization, but for when it was observed.
pub(crate) async fn of(vendor: &Vendor, organization: &OrganizationSummary) -> BTreeMap<Series, f64> {
    let logins = vendor.rows_of_reseller("/users").await;
    let login = logins.iter().find(|login| login["id"] == organization.login_id.as_str()).unwrap().clone();
    let detail = vendor.rows_of_reseller(&format!("/users/{}", organization.login_id)).await.swap_remove(0);
    let token = vendor.server.organization_token(&organization.login_id);
    let domains = match &token {
        Some(token) => vendor.rows(&format!("/users/{}/tenants", organization.login_id), token).await.unwrap(),
        None => Vec::new(),
    };
    let id = organization.login_id.clone();
    let tenant = name_of(&login, &domains).unwrap_or_else(|| id.clone());
    let common = [("provider", "dropsuite"), ("source", SOURCE), ("tenant_id", &id), ("tenant", &tenant)];
    let mut expectation = Expectation {
        vendor,
        id: &id,
        token: token.as_deref(),
        login,
        series: Series::new("", &common),
        all: BTreeMap::new(),
    };
    expectation.listing();
    expectation.seats(&detail);
    expectation.workloads().await;
    expectation.coverage(&domains).await;
    expectation.lifecycle().await;
    expectation.all
}

/// The name people use: without a bracketed tag and line breaks, else the first domain.
fn name_of(login: &Value, domains: &[Value]) -> Option<String> {
    let Some(name) = login["organization_name"].as_str() else {
        return domains.iter().filter_map(|domain| domain["domain"].as_str()).min().map(str::to_owned);
    };
    let name = name.replace('\n', " ");
    Some(match name.split_once(" [") {
        Some((plain, tag)) if tag.trim_end_matches(']').chars().all(|letter| letter.is_ascii_hexdigit()) => {
            plain.to_owned()
        }
        _ => name,
    })
}

struct Expectation<'a> {
    vendor: &'a Vendor,
    id: &'a str,
    token: Option<&'a str>,
    login: Value,
    series: Series,
    all: BTreeMap<Series, f64>,
}

impl Expectation<'_> {
    fn say(&mut self, name: &str, more: &[(&str, &str)], value: f64) {
        let mut series = Series { name: name.to_owned(), ..self.series.clone() };
        series.labels.extend(more.iter().map(|&(label, value)| (label.to_owned(), value.to_owned())));
        assert_eq!(self.all.insert(series, value), None, "{name}{more:?} is expected twice");
    }

    fn say_one_of(&mut self, name: &str, more: &[(&str, &str)], states: &[&str], holds: &str) {
        assert!(states.contains(&holds), "{holds}");
        for state in states {
            let labels = [more, &[("state", *state)]].concat();
            self.say(name, &labels, f64::from(u8::from(*state == holds)));
        }
    }

    fn attempted(&mut self, part: &str, worked: bool) {
        self.say("saasbackup_collection_success", &[("part", part)], f64::from(u8::from(worked)));
    }

    fn is_paused(&self) -> bool {
        self.login["customer_deactivated"] == true
    }

    fn listing(&mut self) {
        self.attempted("listing", true);
        let state = match (self.login["customer_deactivated"].as_bool(), self.login["flg_suspended"].as_bool()) {
            (Some(true), _) => "deactivated",
            (_, Some(true)) => "suspended",
            _ => "active",
        };
        self.say_one_of("saasbackup_tenant_state", &[], &["active", "suspended", "deactivated"], state);
        let login_disabled = self.login["login_disabled"].as_bool().unwrap();
        self.say("saasbackup_dropsuite_login_disabled", &[], f64::from(u8::from(login_disabled)));
        let organization = self.login["organization_id"].to_string();
        let plan = self.login["plan_id"].as_str().unwrap().to_owned();
        let product = if self.login["archive"] == true { "archiver" } else { "backup" };
        let labels = [("organization_id", organization.as_str()), ("plan", plan.as_str()), ("product", product)];
        self.say("saasbackup_tenant_info", &labels, 1.0);
        self.say("saasbackup_coverage_objective_ratio", &[], 0.8);
    }

    fn seats(&mut self, detail: &Value) {
        self.attempted("seats", true);
        for (name, field) in [
            ("saasbackup_seats_used", "seats_used"),
            ("saasbackup_seats_available", "seats_available"),
            ("saasbackup_seats_active", "active_seats"),
            ("saasbackup_seats_deactivated", "deactivated_seats"),
            ("saasbackup_seats_required", "required_seats"),
        ] {
            self.say(name, &[], detail[field].as_f64().unwrap());
        }
        for billing in ["paid", "free"] {
            let count = detail[format!("{billing}_shared_mailboxes")].as_f64().unwrap();
            self.say("saasbackup_shared_mailboxes", &[("billing", billing)], count);
        }
    }

    async fn workloads(&mut self) {
        let mailboxes = self.resources("/accounts").await;
        let is_misled = mailboxes.as_ref().is_ok_and(Vec::is_empty) && self.login["seats_used"].as_u64() > Some(0);
        for (workload, path, items, unit) in [
            ("mail", "/accounts", Some("msg_count"), Some(1024.0)),
            ("calendar", "/calendars", Some("calendar_schedule_count"), None),
            ("contacts", "/contacts", Some("contact_count"), None),
            ("tasks", "/tasks", Some("task_count"), None),
            ("onedrive", "/onedrives", Some("file_count"), Some(1.0)),
            ("sharepoint", "/sharepoints/domains/{}/sites", Some("file_count"), Some(1.0)),
            ("teams", "/teams_and_groups/domains/{}/teams", None, None),
            ("shared_drive", "/shareddrives/domains/{}/drives", Some("file_count"), Some(1.0)),
            ("google_drive", "/googledrives", Some("file_count"), Some(1.0)),
        ] {
            let hours = if workload == "mail" { 12.0 } else { 24.0 };
            self.say("saasbackup_rpo_seconds", &[("workload", workload)], hours * 3_600.0);
            let rows = if workload == "mail" { mailboxes.clone() } else { self.resources(path).await };
            let ledger = match rows {
                Ok(rows) if !(is_misled && rows.is_empty()) => {
                    Ok(Ledger::of(&rows, items, unit, hours * 3_600.0, !path.starts_with("/google")))
                }
                Ok(_) | Err(None) => Err("unknown"),
                Err(Some(_)) => Err("not_licensed"),
            };
            self.workload(workload, &ledger);
        }
    }

    fn workload(&mut self, workload: &str, ledger: &Result<Ledger, &str>) {
        self.attempted(workload, !matches!(ledger, Err("unknown")));
        let state = match ledger {
            Ok(_) if self.is_paused() => "paused",
            Ok(ledger) => ledger.state(),
            Err(state) => state,
        };
        let states = ["failing", "never", "stopped", "late", "unknown", "ok", "empty", "paused", "not_licensed"];
        self.say_one_of("saasbackup_workload_state", &[("workload", workload)], &states, state);
        let Ok(ledger) = ledger else { return };
        for (state, count) in &ledger.states {
            self.say("saasbackup_resources", &[("workload", workload), ("state", state)], *count);
        }
        for (status, count) in &ledger.statuses {
            self.say("saasbackup_dropsuite_resources", &[("workload", workload), ("status", status)], *count);
        }
        for (name, value) in [
            ("saasbackup_newest_backup_timestamp_seconds", ledger.newest),
            ("saasbackup_protected_until_timestamp_seconds", ledger.protected_until),
            ("saasbackup_items", ledger.items),
            ("saasbackup_storage_bytes", ledger.storage),
        ] {
            if let Some(value) = value {
                self.say(name, &[("workload", workload)], value);
            }
        }
    }

    /// All rows of a workload; `{}` in the path stands for each domain of the product. `Err(None)`: without a token.
    async fn resources(&self, path: &str) -> Result<Vec<Value>, Option<u16>> {
        let token = self.token.ok_or(None)?;
        let Some((domains, rest)) = path.split_once("/{}") else {
            return self.vendor.rows(path, token).await.map_err(Some);
        };
        let mut all = Vec::new();
        for domain in self.vendor.rows(domains, token).await.map_err(Some)? {
            let path = format!("{domains}/{}{rest}", domain["id"]);
            let mut rows = self.vendor.rows(&path, token).await.map_err(Some)?;
            // An error of the domain is one of all below it.
            if is_failing(domain.get("errors")) {
                rows.iter_mut().for_each(|row| row["errors"] = domain["errors"].clone());
            }
            all.extend(rows);
        }
        Ok(all)
    }

    async fn coverage(&mut self, domains: &[Value]) {
        self.attempted("domains", self.token.is_some());
        self.attempted("coverage", self.token.is_some());
        let Some(token) = self.token else { return };
        let mut counts =
            BTreeMap::from([("protected", 0.0), ("unprotected", 0.0), ("excluded", 0.0), ("unknown", 0.0)]);
        for domain in domains {
            let (name, suite) = (domain["domain"].as_str().unwrap(), domain["type"].as_str().unwrap());
            let state = match domain["status"].as_u64().unwrap() {
                0 => "queued",
                7 => "connected",
                1 | 13 => "reconnect_required",
                _ => "unknown",
            };
            let labels = [("domain", name), ("type", suite)];
            let states = ["queued", "connected", "reconnect_required", "unknown"];
            self.say_one_of("saasbackup_domain_state", &labels, &states, state);
            self.say("saasbackup_domain_users", &labels, domain["total_users"].as_f64().unwrap());
            let path = format!("/users/{}/tenants/{}/accounts?type={suite}", self.id, domain["id"]);
            for account in self.vendor.rows(&path, token).await.unwrap() {
                // Of some of Google's accounts only the second field says anything; Microsoft's are licensed one by one.
                let of_google = account["tenant_status"].as_str().filter(|_| suite == "gws");
                let state = match account["status"].as_str().or(of_google) {
                    Some("active") => "protected",
                    Some("available") if suite == "m365" && account["licensed"] != true => "excluded",
                    Some("available") => "unprotected",
                    Some("excluded") => "excluded",
                    _ => "unknown",
                };
                // A public folder is no account.
                *counts.get_mut(state).unwrap() += f64::from(u8::from(account["mailbox"] == true));
            }
        }
        for (state, count) in counts {
            self.say("saasbackup_accounts", &[("state", state)], count);
        }
    }

    async fn lifecycle(&mut self) {
        self.attempted("lifecycle", self.token.is_some());
        let Some(token) = self.token else { return };
        for (name, path) in [
            ("saasbackup_connection_failures", "/accounts/connection_failures"),
            ("saasbackup_deactivated_accounts", "/accounts/deactivated_accounts"),
            ("saasbackup_deleted_accounts", "/accounts/deleted_accounts"),
            ("saasbackup_delegated_users", "/users/{}/delegated"),
        ] {
            let rows = self.vendor.rows(&path.replace("{}", self.id), token).await.unwrap();
            self.say(name, &[], rows.len() as f64);
        }
        let invites = self.vendor.rows("/accounts/invites", token).await.unwrap();
        let pending = invites.iter().filter(|invite| invite["expire"] != "Expired").count();
        self.say("saasbackup_pending_invites", &[], pending as f64);

        let policies = self.vendor.rows(&format!("/users/{}/retention_policies", self.id), token).await.unwrap();
        self.say("saasbackup_retention_policies", &[], policies.len() as f64);
        let days = |policy: &Value| {
            let unit = BTreeMap::from([("days", 1.0), ("months", 30.0), ("years", 365.0)]);
            policy["period_number"].as_f64().unwrap() * unit[policy["period_unit"].as_str().unwrap()]
        };
        let shortest = policies.iter().map(days).fold(f64::INFINITY, f64::min);
        self.say("saasbackup_retention_period_seconds", &[], shortest * 86_400.0);

        if self.login["archive"] == true {
            for (journal_type, path) in [("journal", "/journals"), ("non_delivery", "/ndr_journals")] {
                let count = self.vendor.rows(path, token).await.unwrap().len();
                self.say("saasbackup_dropsuite_journals", &[("journal_type", journal_type)], count as f64);
            }
        }
    }
}

/// The names of all families that an expectation speaks of.
pub(crate) fn names(expected: &BTreeMap<Series, f64>) -> BTreeSet<&str> {
    expected.keys().map(|series| series.name.as_str()).collect()
}
