//! Counts accounts without an address, and makes each domain's row and list fail separately.

use serde_json::{Value, json};

use super::script::{Script, accounts, login, resource, works};
use crate::support::exposition::Exposition;

fn connected(id: u64, users: u64, status: u64) -> Value {
    json!({"id": id, "domain": format!("domain-{id}.example"), "type": "m365", "status": status, "total_users": users})
}

fn account(email: &Value, upn: &str, status: &str) -> Value {
    json!({"email": email, "upn": upn, "mailbox": true, "licensed": true, "status": status, "type": "m365",
        "tenant_status": null})
}

fn listed() -> Script {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    script
}

fn domain_state(scrape: &Exposition, id: u64) -> String {
    scrape.state("saasbackup_domain_state", &[("tenant_id", "1-1"), ("domain", &format!("domain-{id}.example"))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_without_an_address_are_told_apart_by_their_login_names() {
    let script = listed();
    script.answer("/users/1-1/tenants", json!({"pagination": {}, "data": [connected(7, 6, 7)]}));
    let rows = json!([
        account(&json!(""), "ada@domain-7.example", "active"),
        account(&json!(""), "bob@domain-7.example", "available"),
        account(&json!(null), "cyd@domain-7.example", "available"),
        account(&json!(null), "cyd@domain-7.example", "available"),
        account(&json!("dee@domain-7.example"), "", "excluded"),
        account(&json!(""), "", "active"),
        account(&json!(""), "", "active"),
    ]);
    script.answer(
        "/users/1-1/tenants/7/accounts",
        json!({"pagination": {"current_page": 1, "per_page": 100}, "data": rows}),
    );
    let exporter = script.serve().await;
    let scrape =
        exporter.until("the accounts are counted", |scrape| works(scrape, "1-1", "coverage") == Some(1.0)).await;
    // Two rows that say the same of one login are one; those that say nothing of whose they are, are two.
    let counts = ["protected", "unprotected", "excluded", "unknown"].map(|state| accounts(&scrape, "1-1", state));
    assert_eq!(counts, [Some(3.0), Some(2.0), Some(1.0), Some(0.0)]);
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_domain_fails_alone_and_all_of_them_show_their_states() {
    let script = listed();
    let domains = json!([connected(7, 2, 7), connected(8, 40, 13), connected(9, 1, 7)]);
    script.answer("/users/1-1/tenants", json!({"pagination": {}, "data": domains}));
    let list = |count: u64| -> Vec<Value> {
        (0..count)
            .map(|one| account(&json!(format!("{one}@domain.example")), &format!("{one}@upn"), "active"))
            .collect()
    };
    script.answer("/users/1-1/tenants/7/accounts", json!({"pagination": {}, "data": list(2)}));
    script.fail("/users/1-1/tenants/8/accounts");
    script.answer("/users/1-1/tenants/9/accounts", json!({"pagination": {}, "data": list(1)}));
    let exporter = script.serve().await;
    let failed = |scrape: &Exposition| works(scrape, "1-1", "coverage") == Some(0.0);
    let scrape = exporter.until("the coverage fails", failed).await;
    assert_eq!(works(&scrape, "1-1", "domains"), Some(1.0));
    assert_eq!([7, 8, 9].map(|id| domain_state(&scrape, id)), ["connected", "reconnect_required", "connected"]);
    assert_eq!(accounts(&scrape, "1-1", "protected"), Some(3.0));
    assert_eq!(accounts(&scrape, "1-1", "unknown"), Some(40.0), "as many as the domain has users");

    script.answer("/users/1-1/tenants/8/accounts", json!({"pagination": {}, "data": list(40)}));
    let whole = |scrape: &Exposition| works(scrape, "1-1", "coverage") == Some(1.0);
    let scrape = exporter.until("all accounts are counted", whole).await;
    assert_eq!((accounts(&scrape, "1-1", "protected"), accounts(&scrape, "1-1", "unknown")), (Some(43.0), Some(0.0)));

    // Both are known now, and one empty answer takes neither away.
    script.answer("/users/1-1/tenants", json!({"pagination": {}, "data": []}));
    let doubted =
        |scrape: &Exposition| ["domains", "coverage"].iter().all(|part| works(scrape, "1-1", part) == Some(0.0));
    let scrape = exporter.until("the empty list is doubted", doubted).await;
    assert_eq!(domain_state(&scrape, 8), "reconnect_required");
    assert_eq!(accounts(&scrape, "1-1", "protected"), Some(43.0));
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_of_a_domain_that_has_users_is_not_the_truth() {
    let script = listed();
    script.answer("/users/1-1/tenants", json!({"pagination": {}, "data": [connected(7, 6, 7)]}));
    script.answer("/users/1-1/tenants/7/accounts", json!([]));
    let counts = |scrape: &Exposition| ["protected", "unknown"].map(|state| accounts(scrape, "1-1", state));
    let is = |success, expected| {
        move |scrape: &Exposition| works(scrape, "1-1", "coverage") == Some(success) && counts(scrape) == expected
    };
    let exporter = script.serve().await;
    exporter.until("the users are unknown", is(0.0, [Some(0.0), Some(6.0)])).await;
    let ada = account(&json!("ada@domain-7.example"), "ada@domain-7.example", "active");
    script.answer("/users/1-1/tenants/7/accounts", json!([ada]));
    exporter.until("one is protected", is(1.0, [Some(1.0), Some(0.0)])).await;
    script.answer("/users/1-1/tenants/7/accounts", json!([]));
    exporter.until("the one stays", is(0.0, [Some(1.0), Some(0.0)])).await;
    exporter.stop().await;

    // A domain without users has no accounts.
    script.answer("/users/1-1/tenants", json!({"pagination": {}, "data": [connected(7, 0, 7)]}));
    let exporter = script.serve().await;
    exporter.until("there is no tenant", is(1.0, [Some(0.0), Some(0.0)])).await;
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_whose_row_cannot_be_read_hides_no_other() {
    let script = listed();
    let page = |rows: &[Value]| json!({"pagination": {"current_page": 1, "per_page": 100}, "data": rows});
    let rows = |rows: &[Value]| script.answer("/users/1-1/tenants", page(rows));
    rows(&[connected(7, 0, 7), connected(8, 0, 7)]);
    ["/users/1-1/tenants/7/accounts", "/users/1-1/tenants/8/accounts"]
        .iter()
        .for_each(|path| script.answer(path, page(&[])));
    let exporter = script.serve().await;
    let success = |scrape: &Exposition| works(scrape, "1-1", "domains");
    exporter.until("both are connected", |scrape| success(scrape) == Some(1.0)).await;
    let observed = |scrape: &Exposition| {
        scrape.get("saasbackup_observed_timestamp_seconds", &[("tenant_id", "1-1"), ("part", "domains")]).unwrap()
    };
    for unreadable in [json!(null), json!("?"), json!({"id": 8, "domain": null, "type": "m365", "status": 7})] {
        rows(&[connected(7, 0, 7), connected(8, 0, 7)]);
        exporter.until("both are connected", |scrape| success(scrape) == Some(1.0)).await;
        rows(&[connected(7, 0, 13), unreadable]);
        let scrape = exporter.until("a row cannot be read", |scrape| success(scrape) == Some(0.0)).await;
        assert_eq!([7, 8].map(|id| domain_state(&scrape, id)), ["reconnect_required", "connected"]);
        let later = exporter
            .until("it is asked again", |later| {
                let attempts = |scrape: &Exposition| {
                    scrape.get(
                        "saasbackup_exporter_api_requests_total",
                        &[("endpoint", "/users/{id}/tenants"), ("outcome", "success")],
                    )
                };
                attempts(later) > attempts(&scrape)
            })
            .await;
        assert_eq!(domain_state(&later, 7), "reconnect_required");
        assert!(observed(&later) <= observed(&scrape), "the part is as old as its oldest domain");
    }
    exporter.stop().await;

    // At a cold start the domain alone is absent.
    let exporter = script.serve().await;
    let scrape = exporter.until("the other is shown", |scrape| success(scrape) == Some(0.0)).await;
    let shown = |id| {
        scrape.get(
            "saasbackup_domain_state",
            &[("tenant_id", "1-1"), ("domain", &format!("domain-{id}.example")), ("state", "connected")],
        )
    };
    assert_eq!((domain_state(&scrape, 7), shown(8)), ("reconnect_required".to_owned(), None));
    exporter.stop().await;
}
