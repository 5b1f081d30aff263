//! Checks the metrics before the first response, and after all values have expired.

use std::time::Duration;

use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{Bench, PATIENT, aimed, observed, of_patient, outcomes, source, state};
use crate::support::exposition::Exposition;

/// What a workload has only once it was read.
const VALUES: [&str; 5] = [
    "saasbackup_resources",
    "saasbackup_newest_backup_timestamp_seconds",
    "saasbackup_protected_until_timestamp_seconds",
    "saasbackup_items",
    "saasbackup_storage_bytes",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_answered_is_unknown_and_never_zero() {
    let bench = Bench::start(
        2,
        |scenario, server| {
            let at = if scenario == 0 { "/users" } else { "/accounts" };
            server.inject(Injection::new(Fault::ServerError(503)).on(at));
        },
        |_, _| {},
    )
    .await;
    let unlisted = source(0);
    let scrape = bench
        .exporter
        .until("the listing of one source and the mail of another failed", |scrape| {
            scrape.get("saasbackup_up", &[("source", &unlisted)]) == Some(0.0)
                && of_patient(scrape, 1, "saasbackup_collection_success", &[("part", "mail")]) == Some(0.0)
                && observed(scrape, 1, "tasks").is_some()
        })
        .await;
    let said_of_tenants = scrape
        .series()
        .filter(|(series, _)| series.label("source") == unlisted && series.labels.contains_key("tenant_id"));
    assert_eq!(said_of_tenants.count(), 0, "no tenant is known");
    assert_eq!(scrape.value("saasbackup_listing_complete", &[("source", &unlisted)]), 0.0);
    let credential = "saasbackup_exporter_credential_last_success_timestamp_seconds";
    assert_eq!(scrape.get(credential, &[("source", &unlisted)]), None);
    assert!(scrape.get(credential, &[("source", &source(1))]).is_some());

    assert_eq!(state(&scrape, 1, "mail"), "unknown");
    assert_eq!(state(&scrape, 1, "tasks"), "ok");
    assert_eq!(values(&scrape, 1), Vec::<&str>::new());
    assert_eq!(observed(&scrape, 1, "mail"), None);
    let (status, _) = bench.exporter.get("/-/ready").await;
    assert_eq!(status, 200, "a dead vendor must not make the exporter unscrapable");
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_are_too_old_expire() {
    let adjust = |_, collection: &mut saasbackup_exporter::config::Collection| {
        collection.interval = Duration::from_millis(500);
        collection.stale_after = Duration::from_secs(5);
    };
    let bench = Bench::start(2, |_, _| {}, adjust).await;
    bench.healthy().await;
    bench.inject(0, &Fault::ServerError(503), "/accounts");
    bench.inject(1, &Fault::Forbidden, "/users");
    let scrape = bench
        .exporter
        .until("the values expire", |scrape| {
            state(scrape, 0, "mail") == "unknown"
                && scrape.all("saasbackup_tenant_info", &[("source", &source(1))]).is_empty()
        })
        .await;
    assert_eq!(values(&scrape, 0), Vec::<&str>::new());
    assert_eq!(observed(&scrape, 0, "mail"), None);
    assert_eq!(state(&scrape, 0, "tasks"), "ok");
    assert_eq!(scrape.value("saasbackup_exporter_expired_total", &[("source", &source(0))]), 1.0);
    // The listing has expired; the tenants that it named are still collected, and are not taken for removed.
    for name in ["saasbackup_tenant_state", "saasbackup_seats_used"] {
        assert_eq!(scrape.all(name, &[("source", &source(1))]), [], "{name}");
    }
    assert_eq!(state(&scrape, 1, "mail"), "ok");
    assert_eq!(scrape.value("saasbackup_tenants_removed_total", &[("source", &source(1))]), 0.0);

    bench.vendors[0].server.clear_faults();
    bench.exporter.until("the values are back", |scrape| state(scrape, 0, "mail") == "ok").await;
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_larger_than_an_answer_may_be_is_not_read() {
    let bench = Bench::start(
        2,
        |scenario, server| {
            let at = if scenario == 0 { "/users" } else { "/accounts" };
            server.inject(aimed(&Fault::OversizedBody(33 * 1024 * 1024), at));
        },
        |_, collection| {
            collection.interval = Duration::from_secs(3_600);
            collection.timeout = Duration::from_secs(100);
        },
    )
    .await;
    let both_failed = |scrape: &Exposition| {
        scrape.get("saasbackup_up", &[("source", &source(0))]) == Some(0.0)
            && of_patient(scrape, 1, "saasbackup_collection_success", &[("part", "mail")]) == Some(0.0)
    };
    let scrape = bench.exporter.until("the listing of one source and the mail of another failed", both_failed).await;
    for (scenario, endpoint) in [(0, "/users"), (1, "/accounts")] {
        // It is not asked for again at once: it would be as large.
        assert_eq!(outcomes(&scrape, scenario, endpoint).get("too_large"), Some(&1.0), "{endpoint}");
    }
    assert_eq!(state(&scrape, 1, "mail"), "unknown");
    bench.exporter.stop().await;
}

/// The families with which a scrape describes the patient's mail.
fn values(scrape: &Exposition, scenario: usize) -> Vec<&'static str> {
    let labels = [("source", &*source(scenario)), ("tenant", PATIENT), ("workload", "mail")];
    VALUES.into_iter().filter(|name| !scrape.all(name, &labels).is_empty()).collect()
}
