//! Makes the listing fail in every way: the failure is reported, and no tenant is lost.

use std::time::Duration;

use saasbackup_simulator::faults::Fault;
use serde_json::Value;

use super::bench::{Bench, but, outcomes, said, source};
use super::cases::{self, Case, Effect};
use crate::support::exposition::{Exposition, differences};

const ENDPOINT: &str = "/users";

/// Every fault but a refused credential, which stops the collection, and those that make it unreadable who is listed.
fn cases() -> Vec<Case> {
    let unreadable = [
        Fault::MissingField("id".to_owned()),
        Fault::RetypedField { field: "id".to_owned(), value: Value::Null },
        Fault::RetypedField { field: "id".to_owned(), value: Value::from(vec![1]) },
    ];
    let unreadable = unreadable.map(|fault| Case { fault, outcome: Some("success"), effect: Effect::Unreadable });
    let cases = cases::all().into_iter().filter(|case| case.fault != Fault::Unauthorized);
    cases.chain(unreadable).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_the_listing_loses_no_tenant() {
    let cases = cases();
    let bench = Bench::start(
        cases.len(),
        |_, _| {},
        |scenario, collection| {
            if cases[scenario].fault == Fault::Stall {
                collection.timeout = Duration::from_secs(10);
            }
        },
    )
    .await;
    let before = bench.healthy().await;
    for (scenario, case) in cases.iter().enumerate() {
        bench.inject(scenario, &case.fault, ENDPOINT);
    }
    let complete = |scrape: &Exposition, scenario| {
        scrape.value("saasbackup_listing_complete", &[("source", &source(scenario))]) == 1.0
    };
    let has_hit = |scrape: &Exposition| {
        let fails = |(scenario, case): (usize, &Case)| case.effect == Effect::None || !complete(scrape, scenario);
        cases.iter().enumerate().all(fails)
    };
    let first = bench.exporter.until("every fault has hit", has_hit).await;
    let second = bench.another_round(&first).await;
    for (scenario, case) in cases.iter().enumerate() {
        for scrape in [&first, &second] {
            shows(case, scenario, &before, scrape);
        }
    }

    for vendor in &bench.vendors {
        vendor.server.clear_faults();
    }
    let has_recovered = |scrape: &Exposition| {
        (0..cases.len()).all(|scenario| differences(&said(&before, scenario), &said(scrape, scenario)).is_empty())
    };
    bench.exporter.until("everything is as it was before the faults", has_recovered).await;
    bench.exporter.stop().await;
}

fn shows(case: &Case, scenario: usize, before: &Exposition, now: &Exposition) {
    // Who was answered in part is up, and still not complete.
    let up = match case.effect {
        Effect::Fails | Effect::NotLicensed => 0.0,
        Effect::Incomplete | Effect::Unreadable | Effect::None => 1.0,
    };
    let complete = if case.effect == Effect::None { 1.0 } else { 0.0 };
    let expected = but(
        said(before, scenario),
        &[
            ("saasbackup_up", &[], up),
            ("saasbackup_listing_complete", &[], complete),
            ("saasbackup_collection_success", &[("part", "listing")], complete),
            // The listing carries the seats.
            ("saasbackup_collection_success", &[("part", "seats")], complete),
            ("saasbackup_tenants_removed_total", &[], 0.0),
        ],
    );
    let wrong = differences(&expected, &said(now, scenario));
    assert!(wrong.is_empty(), "{:?} changes:\n{}", case.fault, wrong.join("\n"));
    if let Some(outcome) = case.outcome {
        let mut ended = outcomes(now, scenario, ENDPOINT);
        assert!(ended.remove("success").is_some(), "the first listing succeeded");
        let ended: Vec<_> = ended.into_keys().collect();
        let expected: Vec<_> = [outcome].into_iter().filter(|outcome| *outcome != "success").collect();
        assert_eq!(ended, expected, "{:?}", case.fault);
    }
}
