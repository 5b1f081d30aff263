//! Serves fixed bodies that no fleet of the mock Datto returns.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use saasbackup_exporter::process::clock;
use serde_json::{Value, json};

use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::Exposition;

const DOMAINS: &str = "/v1/saas/domains";
const DRIFT: &str = "saasbackup_schema_drift_total";

/// The answers by path; all else is 404.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Script {
    fn answer(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.0.lock().unwrap().insert(path.to_owned(), body.into());
    }

    /// One customer's reports and seats.
    fn customer(&self, id: &str, applications: &Value, seats: &Value) {
        self.answer(&format!("/v1/saas/{id}/applications"), applications.to_string());
        self.answer(&format!("/v1/saas/{id}/seats"), seats.to_string());
    }

    async fn serve(&self) -> Exporter {
        let script = self.clone();
        let answer = move |uri: Uri| {
            let body = script.0.lock().unwrap().get(uri.path()).cloned();
            async move {
                match body {
                    Some(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
                    None => StatusCode::NOT_FOUND.into_response(),
                }
            }
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = parse(&format!(
            "collection: {{ interval: 10s, requests_per_second: 1000 }}\nsources:\n  - {{ name: datto, provider: datto, \
             base_url: \"http://{address}\", public_key: a, secret_key: b }}\n"
        ));
        config.sources[0].collection.interval = Duration::from_secs(1);
        Exporter::start(&config).await
    }
}

/// An app whose newest day went like this.
fn app(name: &str, bytes: u64, [total, active, backed_up]: [u64; 3]) -> Value {
    let now = clock::now().as_millis();
    json!({"appType": name, "usedBytes": bytes, "uningestedServiceCount": 0, "lastFullyProtectedTime": null,
        "backupHistory": [{"timeWindow": "Between0dAnd1d", "startTime": now, "endTime": now - 86_400_000,
            "totalServiceCount": total, "activeServiceCount": active, "activeServiceWithBackupCount": backed_up,
            "activeServiceWithPerfectBackupCount": backed_up, "status": "Perfect"}]})
}

fn item(customer: &Value, apps: &[Value]) -> Value {
    json!({"customerId": customer, "usedBytes": 9, "suites": [{"suiteType": "Office365", "appTypes": apps}]})
}

fn seat(id: &str) -> Value {
    json!({"remoteId": id, "seatType": "User", "seatState": "Active", "billable": "1"})
}

fn domain(id: &str, name: &str) -> String {
    format!(
        r#"{{"saasCustomerId":{id},"saasCustomerName":"{name}","domain":"{id}.example","seatsUsed":1,"productType":"Office365"}}"#
    )
}

fn all_microsoft(mail: [u64; 3]) -> Vec<Value> {
    let others = ["Office365OneDrive", "Office365SharePoint", "Office365Teams"].map(|name| app(name, 1, [1, 1, 1]));
    [vec![app("Office365Exchange", 1, mail)], others.into()].concat()
}

/// The customers whose mail is fine, by name in alphabetical order.
fn tenants(scrape: &Exposition) -> Vec<String> {
    let states = scrape.all("saasbackup_workload_state", &[("workload", "mail"), ("state", "ok")]);
    let fine = states.into_iter().filter(|(_, value)| *value == 1.0);
    let mut names: Vec<_> = fine.map(|(series, _)| series.label("tenant").to_owned()).collect();
    names.sort();
    names
}

fn state(scrape: &Exposition, customer: &str, workload: &str) -> String {
    scrape.state("saasbackup_workload_state", &[("tenant_id", customer), ("workload", workload)])
}

fn works(scrape: &Exposition, customer: &str, part: &str) -> Option<f64> {
    scrape.get("saasbackup_collection_success", &[("tenant_id", customer), ("part", part)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_with_an_unreadable_record_collects_the_others_and_removes_no_tenant() {
    let script = Script::default();
    for id in ["1", "2", "3"] {
        script.customer(id, &json!({"items": [item(&json!(id), &all_microsoft([3, 3, 3]))]}), &json!([seat("a")]));
    }
    let [one, two, three] = [("1", "One"), ("2", "Two"), ("3", "Three")].map(|(id, name)| domain(id, name));
    // At a cold start, the second customer cannot be read.
    script.answer(DOMAINS, format!("[{one},{},{three}]", two.replace(":2,", ":null,")));
    let exporter = script.serve().await;
    let collected = |names: &'static [&str]| move |scrape: &Exposition| tenants(scrape) == names;
    let scrape = exporter.until("the others are collected", collected(&["One", "Three"])).await;
    let incomplete = |scrape: &Exposition| {
        let own = |name| scrape.get(name, &[("source", "datto")]);
        assert_eq!(own("saasbackup_up"), Some(1.0));
        assert_eq!(own("saasbackup_listing_complete"), Some(0.0));
        assert_eq!(own("saasbackup_tenants_removed_total"), Some(0.0));
    };
    incomplete(&scrape);
    assert!(scrape.sum(DRIFT, &[("field", "saasCustomerId"), ("kind", "missing")]) >= 1.0);

    script.answer(DOMAINS, format!("[{one},{two},{three}]"));
    exporter.until("all are listed", collected(&["One", "Three", "Two"])).await;
    exporter.until("it is complete", |scrape| scrape.sum("saasbackup_listing_complete", &[]) == 1.0).await;

    // A text in Latin-1, and one with half of a character in it: each loses its own record.
    let latin1: Vec<u8> = two.replace("Two", "Zo\u{eb}").chars().map(|letter| letter as u8).collect();
    let halved = two.replace("Two", r"Zo\ud83d").into_bytes();
    for damaged in [latin1, halved] {
        let before = exporter.scrape().await.sum(DRIFT, &[("kind", "undecodable_record")]);
        script.answer(DOMAINS, [b"[", three.as_bytes(), b",", &damaged, b",", one.as_bytes(), b"]"].concat());
        let noted = |scrape: &Exposition| scrape.sum(DRIFT, &[("kind", "undecodable_record")]) > before;
        let scrape = exporter.until("the record is counted", noted).await;
        incomplete(&scrape);
        assert_eq!(tenants(&scrape), ["One", "Three", "Two"]);
    }
    // Only a complete listing removes.
    script.answer(DOMAINS, format!("[{one},{three}]"));
    exporter.until("the second is gone", collected(&["One", "Three"])).await;
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_another_customer_is_not_counted() {
    let script = Script::default();
    script.answer(DOMAINS, format!("[{},{},{}]", domain("1", "One"), domain("2", "Two"), domain("3", "Three")));
    let own = |id: u64, mail| item(&json!(id), &all_microsoft(mail));
    let foreign_seat =
        || json!({"saasCustomerId": 9, "remoteId": "z", "seatType": "User", "seatState": "Active", "billable": "1"});
    script.customer(
        "1",
        &json!({"items": [own(2, [99, 99, 1]), own(1, [3, 3, 3])]}),
        &json!([foreign_seat(), seat("a")]),
    );
    script.customer("2", &json!({"items": [own(1, [3, 3, 3])]}), &json!([foreign_seat()]));
    // Seats are used, and the list has none.
    script.customer("3", &json!({"items": [own(3, [3, 3, 3])]}), &json!([]));
    let exporter = script.serve().await;
    let asked = |scrape: &Exposition| ["1", "2", "3"].iter().all(|id| works(scrape, id, "seats").is_some());
    let scrape = exporter.until("all tenants were collected", asked).await;
    assert_eq!(state(&scrape, "1", "mail"), "ok");
    let labels = [("tenant_id", "1"), ("workload", "mail"), ("state", "ok")];
    assert_eq!(scrape.get("saasbackup_resources", &labels), Some(3.0));
    assert_eq!(scrape.get("saasbackup_seats_billable", &[("tenant_id", "1")]), Some(1.0));
    assert_eq!((state(&scrape, "2", "mail"), works(&scrape, "2", "mail")), ("unknown".to_owned(), Some(0.0)));
    for id in ["2", "3"] {
        assert_eq!(works(&scrape, id, "seats"), Some(0.0), "{id}");
        assert_eq!(scrape.get("saasbackup_seats_billable", &[("tenant_id", id)]), None, "{id}");
    }
    for (endpoint, field, count) in [("applications", "customerId", 2.0), ("seats", "saasCustomerId", 2.0)] {
        let endpoint = format!("/v1/saas/{{saasCustomerId}}/{endpoint}");
        let labels = [("endpoint", &*endpoint), ("field", field), ("kind", "foreign_record")];
        assert!(scrape.sum(DRIFT, &labels) >= count, "{endpoint}");
    }
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_of_one_organization_count_twice_and_one_without_active_backups_has_stopped() {
    let script = Script::default();
    script.answer(DOMAINS, format!("[{},{},{}]", domain("1", "Twice"), domain("2", "Archived"), domain("3", "Names")));
    let twice = [item(&json!(1), &all_microsoft([3, 3, 3])), item(&json!(1), &all_microsoft([5, 5, 4]))];
    let report = json!({"pagination": {"page": 1, "totalPages": 1}, "items": twice});
    let team = |kind: &str| json!({"remoteId": "t", "seatType": kind, "seatState": "Active", "billable": "0"});
    script.customer("1", &report, &json!([team("Team"), team("TeamSite"), team("Team")]));
    let archived = all_microsoft([12, 0, 0]);
    script.customer("2", &json!({"items": [item(&json!(2), &archived)]}), &json!([seat("a")]));
    let names = [app("Office365Exchange", 1, [1, 1, 1]), app("mail", 1, [1, 1, 0]), app("Seats", 1, [1, 1, 1])];
    script.customer("3", &json!({"items": [item(&json!(3), &names)]}), &json!([seat("a")]));
    let exporter = script.serve().await;
    let asked = |scrape: &Exposition| ["1", "2", "3"].iter().all(|id| works(scrape, id, "seats").is_some());
    let scrape = exporter.until("all tenants were collected", asked).await;

    assert_eq!(state(&scrape, "1", "mail"), "late");
    let mail =
        |state| scrape.get("saasbackup_resources", &[("tenant_id", "1"), ("workload", "mail"), ("state", state)]);
    assert_eq!((mail("ok"), mail("late")), (Some(7.0), Some(1.0)));
    for seat_type in ["team", "team_site"] {
        let labels = [("tenant_id", "1"), ("seat_type", seat_type), ("state", "active")];
        assert_eq!(scrape.get("saasbackup_seats", &labels), Some(1.0), "{seat_type}");
    }
    assert_eq!(state(&scrape, "2", "mail"), "stopped");
    assert_eq!(state(&scrape, "2", "onedrive"), "ok");

    assert_eq!(state(&scrape, "3", "mail"), "late");
    assert_eq!(state(&scrape, "3", "app_seats"), "ok");
    // Whether the app with the odd name is one of those that every customer has is unknown.
    for workload in ["onedrive", "sharepoint", "teams"] {
        assert_eq!(state(&scrape, "3", workload), "unknown", "{workload}");
    }
    exporter.stop().await;
}
