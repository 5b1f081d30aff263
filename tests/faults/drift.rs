//! Changes fields of the vendor's rows: each deviation is counted by name, and nothing unreadable is ever fine.

use std::time::Duration;

use saasbackup_simulator::faults::Fault;
use serde_json::{Value, json};

use super::bench::{Bench, MAILBOXES, PATIENT, Said, aimed, of_patient, said, source, state, with_slow_parts};
use crate::support::exposition::{Exposition, differences};

/// One changed field.
struct Surprise {
    fault: Fault,
    endpoint: &'static str,
    field: &'static str,
    kind: &'static str,
    /// The state of mail that follows.
    mail: &'static str,
}

fn retyped(
    endpoint: &'static str,
    field: &'static str,
    value: Value,
    kind: &'static str,
    mail: &'static str,
) -> Surprise {
    Surprise { fault: Fault::RetypedField { field: field.to_owned(), value }, endpoint, field, kind, mail }
}

fn missing(endpoint: &'static str, field: &'static str, mail: &'static str) -> Surprise {
    Surprise { fault: Fault::MissingField(field.to_owned()), endpoint, field, kind: "missing", mail }
}

fn word(endpoint: &'static str, field: &'static str, word: &str, mail: &'static str) -> Surprise {
    let fault = Fault::UnknownWord { field: field.to_owned(), word: word.to_owned() };
    Surprise { fault, endpoint, field, kind: "unknown_word", mail }
}

fn surprises() -> Vec<Surprise> {
    const MAIL: &str = "/accounts";
    vec![
        retyped(MAIL, "msg_count", json!("many"), "retyped", "ok"),
        retyped(MAIL, "msg_count", json!("12"), "retyped", "ok"),
        missing(MAIL, "storage", "ok"),
        missing(MAIL, "last_backup", "unknown"),
        retyped(MAIL, "last_backup", json!("yesterday"), "retyped", "unknown"),
        retyped(MAIL, "last_backup", json!("2999-01-01T00:00:00.000Z"), "out_of_range", "unknown"),
        retyped(MAIL, "errors", json!(7), "retyped", "unknown"),
        retyped(MAIL, "deactivated_since", json!([2]), "retyped", "unknown"),
        word(MAIL, "current_backup_status", "Sleeping", "ok"),
        word(MAIL, "current_backup_status", "Vault error 17", "failing"),
        retyped("/users", "flg_suspended", json!("perhaps"), "retyped", "ok"),
        missing("/users", "customer_deactivated", "ok"),
        retyped("/users/{id}/tenants", "status", json!(99), "unknown_word", "ok"),
        word("/users/{id}/tenants/{tenant_id}/accounts", "status", "sleepy", "ok"),
        word("/users/{id}/retention_policies", "period_unit", "fortnights", "ok"),
        missing("/users/{id}/retention_policies", "period_number", "ok"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_look_as_documented_is_counted_and_never_fine() {
    let surprises = surprises();
    // One more vendor, which nothing happens to, to compare with.
    let untouched = surprises.len();
    let bench = Bench::start(
        surprises.len() + 1,
        |scenario, server| {
            if let Some(surprise) = surprises.get(scenario) {
                server.inject(aimed(&surprise.fault, surprise.endpoint));
            }
        },
        |_, collection| {
            collection.interval = Duration::from_secs(3_600);
            with_slow_parts(collection);
        },
    )
    .await;
    let everything_ended = |scrape: &Exposition| {
        let parts = ["listing", "seats", "domains", "coverage", "lifecycle", "mail", "tasks"].len();
        scrape.sum("saasbackup_collection_success", &[]) == (2 * parts * (untouched + 1)) as f64
    };
    let scrape = bench.exporter.until("every part of every source was read", everything_ended).await;
    let drift = |scenario| scrape.all("saasbackup_schema_drift_total", &[("source", &*source(scenario))]);
    assert_eq!(drift(untouched), [], "nothing surprises where nothing happens");
    for (scenario, surprise) in surprises.iter().enumerate() {
        let Surprise { fault, endpoint, field, kind, mail } = surprise;
        let counted = drift(scenario);
        assert_eq!(counted.len(), 1, "{fault:?}: {counted:?}");
        let labels = ["endpoint", "field", "kind"].map(|label| counted[0].0.label(label));
        assert_eq!(labels, [*endpoint, *field, *kind], "{fault:?}");
        assert_eq!(state(&scrape, scenario, "mail"), *mail, "{fault:?}");
        if *endpoint == "/accounts" {
            assert_eq!(counted[0].1, MAILBOXES, "{fault:?}: once for each row");
            let wrong = differences(&without_mail(&scrape, untouched), &without_mail(&scrape, scenario));
            assert!(wrong.is_empty(), "{fault:?} changes:\n{}", wrong.join("\n"));
        }
    }
    what_cannot_be_read_is_absent(&scrape, &surprises, untouched);
    bench.exporter.stop().await;
}

fn what_cannot_be_read_is_absent(scrape: &Exposition, surprises: &[Surprise], untouched: usize) {
    for (scenario, surprise) in surprises.iter().enumerate() {
        let mail = |scenario, name: &str| of_patient(scrape, scenario, name, &[("workload", "mail")]);
        let resources = |state: &str| {
            of_patient(scrape, scenario, "saasbackup_resources", &[("workload", "mail"), ("state", state)])
        };
        let of_tenant = |name: &str, more: &[(&str, &str)]| of_patient(scrape, scenario, name, more);
        let (items, storage) = ("saasbackup_items", "saasbackup_storage_bytes");
        match (surprise.endpoint, surprise.field, &surprise.fault) {
            (_, "msg_count", Fault::RetypedField { value, .. }) => {
                let sum = value.as_str().unwrap().parse::<f64>().ok().map(|each| each * MAILBOXES);
                assert_eq!(mail(scenario, items), sum, "digits can mean one thing only");
                assert_eq!(mail(scenario, storage), mail(untouched, storage));
            }
            (_, "storage", _) => {
                assert_eq!(mail(scenario, storage), None);
                assert_eq!(mail(scenario, items), mail(untouched, items));
            }
            (_, "last_backup", _) => {
                assert_eq!((resources("unknown"), resources("ok")), (Some(MAILBOXES), Some(0.0)));
                assert_eq!(mail(scenario, "saasbackup_newest_backup_timestamp_seconds"), None);
                assert_eq!(mail(scenario, "saasbackup_protected_until_timestamp_seconds"), None);
            }
            (_, "errors" | "deactivated_since", _) => assert_eq!(resources("unknown"), Some(MAILBOXES)),
            (_, "current_backup_status", _) => {
                let other = [("workload", "mail"), ("status", "other")];
                assert_eq!(of_tenant("saasbackup_dropsuite_resources", &other), Some(MAILBOXES));
            }
            ("/users", ..) => {
                assert_eq!(of_tenant("saasbackup_tenant_state", &[("state", "active")]), None);
                assert!(of_tenant("saasbackup_seats_used", &[]) > Some(0.0));
            }
            ("/users/{id}/tenants", ..) => {
                let of_source = [("source", &*source(scenario)), ("tenant", PATIENT), ("state", "unknown")];
                let domains = scrape.all("saasbackup_domain_state", &of_source);
                assert!(domains.len() == 2 && domains.iter().all(|(_, value)| *value == 1.0), "{domains:?}");
            }
            ("/users/{id}/tenants/{tenant_id}/accounts", ..) => {
                assert_eq!(of_tenant("saasbackup_accounts", &[("state", "protected")]), Some(0.0));
                assert!(of_tenant("saasbackup_accounts", &[("state", "unknown")]) > Some(MAILBOXES));
            }
            ("/users/{id}/retention_policies", ..) => {
                assert!(of_tenant("saasbackup_retention_policies", &[]) > Some(0.0));
                assert_eq!(of_tenant("saasbackup_retention_period_seconds", &[]), None);
            }
            other => panic!("nothing is expected of {other:?}"),
        }
    }
}

/// All that is said but of the patient's mail.
fn without_mail(scrape: &Exposition, scenario: usize) -> Said {
    let mut said = said(scrape, scenario);
    said.retain(|series, _| series.label("tenant") != PATIENT || series.label("workload") != "mail");
    said
}
