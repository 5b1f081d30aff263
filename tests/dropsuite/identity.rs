//! Changes the logins of organizations: the tenants stay the same, and are requested with a valid token.

use serde_json::{Value, json};

use super::script::{Script, config, login, resource, works};
use crate::support::exporter::Exporter;
use crate::support::exposition::Exposition;

/// The ids and names of all tenants that are shown.
fn tenants(scrape: &Exposition) -> Vec<(String, String)> {
    let infos = scrape.all("saasbackup_tenant_info", &[]);
    let mut all: Vec<_> = infos
        .iter()
        .map(|(series, _)| (series.label("tenant_id").to_owned(), series.label("tenant").to_owned()))
        .collect();
    all.sort();
    all
}

fn observed(scrape: &Exposition, tenant_id: &str, part: &str) -> Option<f64> {
    scrape.get("saasbackup_observed_timestamp_seconds", &[("tenant_id", tenant_id), ("part", part)])
}

fn one_and_two() -> Vec<(String, String)> {
    [("1-1", "One"), ("2-1", "Two")].map(|(id, name)| (id.to_owned(), name.to_owned())).to_vec()
}

/// Waits until another listing of these rows was read.
async fn relisted(exporter: &Exporter, script: &Script, rows: Value) -> Exposition {
    let before = observed(&exporter.scrape().await, "1-1", "listing");
    script.answer("/users", rows);
    let again = |scrape: &Exposition| observed(scrape, "1-1", "listing") > before.map(|at| at + 2.0);
    let scrape = exporter.until("the tenants were listed again, twice", again).await;
    assert_eq!(scrape.sum("saasbackup_tenants_removed_total", &[]), 0.0);
    scrape
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_is_one_tenant_whatever_happens_to_its_logins() {
    let script = Script::default();
    script.answer("/accounts", json!([resource(1)]));
    let (one, two) = (login("1-1", 100, "One"), login("2-1", 200, "Two"));
    let second_of_one = login("9-1", 100, "One");
    script.answer("/users", json!([one, second_of_one, two]));
    let exporter = script.serve().await;
    let both = |scrape: &Exposition| ["1-1", "2-1"].iter().all(|id| works(scrape, id, "mail") == Some(1.0));
    exporter.until("both are collected", both).await;

    // Two logins change places.
    let scrape = relisted(&exporter, &script, json!([two, second_of_one, one])).await;
    assert_eq!(tenants(&scrape), one_and_two());

    // The administrator's token is empty once: another login of the organization speaks for it.
    let mut silent = one.clone();
    silent["authentication_token"] = json!("");
    let scrape = relisted(&exporter, &script, json!([silent, second_of_one, two])).await;
    assert_eq!(tenants(&scrape), one_and_two());
    let asked = async || script.token_of("/users/9-1/tenants").filter(|token| token == "token-of-9-1");
    crate::support::wait::until("the organization is asked by its other login", asked).await;
    assert_eq!(works(&exporter.scrape().await, "1-1", "mail"), Some(1.0));

    // The login that named it is gone; its id stays while it is known.
    let scrape = relisted(&exporter, &script, json!([second_of_one, two])).await;
    assert_eq!(tenants(&scrape), one_and_two());
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_keeps_its_id_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let script = Script::default();
    script.answer("/accounts", json!([resource(1)]));
    script.answer("/users", json!([login("1-1", 100, "One"), login("2-1", 200, "Two")]));
    let config = config(&script.bind().await, Some(&path));
    let collected = |scrape: &Exposition| ["1-1", "2-1"].iter().all(|id| works(scrape, id, "mail") == Some(1.0));
    let exporter = Exporter::start(&config).await;
    exporter.until("both are collected", collected).await;
    exporter.stop().await;

    script.answer("/users", json!([login("9-1", 100, "One"), login("2-1", 200, "Two")]));
    let exporter = Exporter::start(&config).await;
    let before = observed(&exporter.scrape().await, "1-1", "listing").expect("it is known from the file");
    let again = |scrape: &Exposition| observed(scrape, "1-1", "listing").is_some_and(|at| at > before);
    let scrape = exporter.until("the tenants were listed again", again).await;
    assert_eq!(tenants(&scrape), one_and_two());
    assert_eq!(scrape.sum("saasbackup_tenants_removed_total", &[]), 0.0);
    let asked = async || script.token_of("/users/9-1").map(|_| ());
    crate::support::wait::until("it is asked by the login that it has now", asked).await;
    exporter.stop().await;

    // Without a file its former name is unknown.
    std::fs::remove_file(&path).unwrap();
    let exporter = Exporter::start(&config).await;
    exporter.until("it has another id", |scrape| works(scrape, "9-1", "mail") == Some(1.0)).await;
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_seats_of_another_tenant_are_dropped() {
    let script = Script::default();
    script.answer("/accounts", json!([resource(1)]));
    script.answer("/users", json!([login("1-1", 100, "One"), login("2-1", 200, "Two")]));
    let seats = |id: &str, active: u64| {
        let mut user = login(id, 100, "One");
        user["active_seats"] = json!(active);
        user
    };
    // The whole list instead of one row, the own one last; and a list that has others only.
    script.answer("/users/1-1", json!([seats("3-1", 99), seats("2-1", 98), seats("1-1", 2)]));
    script.answer("/users/2-1", json!([seats("3-1", 99), seats("1-1", 2)]));
    let exporter = script.serve().await;
    let asked = |scrape: &Exposition| ["1-1", "2-1"].iter().all(|id| works(scrape, id, "seats").is_some());
    let scrape = exporter.until("both were asked for", asked).await;
    let active = |id| scrape.get("saasbackup_seats_active", &[("tenant_id", id)]);
    assert_eq!((works(&scrape, "1-1", "seats"), active("1-1")), (Some(1.0), Some(2.0)));
    assert_eq!((works(&scrape, "2-1", "seats"), active("2-1")), (Some(0.0), None));
    let labels = [("endpoint", "/users/{id}"), ("kind", "foreign_record")];
    assert!(scrape.sum("saasbackup_schema_drift_total", &labels) >= 4.0);
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_another_organization_are_dropped_and_take_nothing_away() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One"), login("2-1", 200, "Two")]));
    let mailbox = |id: u64, owner: Value| {
        let mut mailbox = resource(id);
        mailbox["user"] = owner;
        mailbox
    };
    let of = |organization: &str| json!({"id": 1, "authentication_token": "t", "organization_id": organization});
    // Whose a row is, is not always said.
    script.answer(
        "/accounts",
        json!([
            mailbox(1, of("100")),
            mailbox(2, of("200")),
            mailbox(3, of("200")),
            mailbox(4, json!("of no organization"))
        ]),
    );
    let exporter = script.serve().await;
    let mailboxes = |scrape: &Exposition, id| {
        let labels = [("tenant_id", id), ("workload", "mail"), ("state", "ok")];
        scrape.get("saasbackup_resources", &labels)
    };
    let is = |scrape: &Exposition, id, success| works(scrape, id, "mail") == Some(success);
    let apart = |scrape: &Exposition| {
        is(scrape, "1-1", 1.0)
            && is(scrape, "2-1", 1.0)
            && (mailboxes(scrape, "1-1"), mailboxes(scrape, "2-1")) == (Some(2.0), Some(3.0))
    };
    let scrape = exporter.until("each has its own", apart).await;
    let labels = [("endpoint", "/accounts"), ("kind", "foreign_record")];
    assert!(scrape.sum("saasbackup_schema_drift_total", &labels) >= 2.0);

    // As a cache does that goes by addresses: the first organization's rows for both.
    script.answer("/accounts", json!([mailbox(1, of("100")), mailbox(9, of("100"))]));
    let kept =
        |scrape: &Exposition| is(scrape, "1-1", 1.0) && is(scrape, "2-1", 0.0) && mailboxes(scrape, "2-1") == Some(3.0);
    exporter.until("the second keeps what is its own", kept).await;
    exporter.stop().await;
}
