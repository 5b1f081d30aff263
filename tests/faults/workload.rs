//! Makes one workload of one tenant fail in every way: nothing else may change, and no fault may look healthy.

use saasbackup_simulator::faults::Fault;
use std::time::Duration;

use super::bench::{Bench, MAILBOXES, PATIENT, but, observed, of_patient, outcomes, said, state};
use super::cases::{self, Case, Effect};
use crate::support::exposition::{Exposition, Series, differences};

const ENDPOINT: &str = "/accounts";
const SUCCESS: &str = "saasbackup_collection_success";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_one_workload_of_one_tenant_changes_nothing_else() {
    let cases = cases::all();
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
    let has_hit = |scrape: &Exposition| {
        cases.iter().enumerate().all(|(scenario, case)| match case.effect {
            Effect::Fails | Effect::Incomplete => {
                of_patient(scrape, scenario, SUCCESS, &[("part", "mail")]) == Some(0.0)
            }
            Effect::NotLicensed => state(scrape, scenario, "mail") == "not_licensed",
            Effect::Unreadable => state(scrape, scenario, "mail") == "unknown",
            Effect::None => observed(scrape, scenario, "mail") > observed(&before, scenario, "mail"),
        })
    };
    let first = bench.exporter.until("every fault has hit", has_hit).await;
    let second = bench.another_round(&first).await;
    for (scenario, case) in cases.iter().enumerate() {
        for scrape in [&first, &second] {
            shows(case, scenario, &before, scrape);
        }
        if matches!(case.effect, Effect::Fails | Effect::Incomplete) {
            let (mail, later) = (observed(&first, scenario, "mail"), observed(&second, scenario, "mail"));
            assert!(mail.is_some() && mail == later, "{:?} moved the observation: {mail:?} {later:?}", case.fault);
            assert!(later < observed(&second, scenario, "tasks"), "{:?}", case.fault);
        }
    }

    for vendor in &bench.vendors {
        vendor.server.clear_faults();
    }
    // A product that was refused twice is asked for again once a day.
    let is_asked = |scenario: &usize| cases[*scenario].effect != Effect::NotLicensed;
    let has_recovered = |scrape: &Exposition| {
        (0..cases.len()).filter(is_asked).all(|scenario| {
            observed(scrape, scenario, "mail") > observed(&second, scenario, "mail")
                && differences(&said(&before, scenario), &said(scrape, scenario)).is_empty()
        })
    };
    bench.exporter.until("everything is as it was before the faults", has_recovered).await;
    bench.exporter.stop().await;
}

fn shows(case: &Case, scenario: usize, before: &Exposition, now: &Exposition) {
    let before = said(before, scenario);
    let is_about_mail = |series: &Series| {
        series.label("tenant") == PATIENT && (series.label("workload") == "mail" || series.label("part") == "mail")
    };
    let without_mail = |mut said: super::bench::Said| {
        said.retain(|series, _| !is_about_mail(series));
        said
    };
    let wrong = match case.effect {
        Effect::None => differences(&before, &said(now, scenario)),
        Effect::Fails | Effect::Incomplete => {
            let expected = but(before, &[(SUCCESS, &[("tenant", PATIENT), ("part", "mail")], 0.0)]);
            differences(&expected, &said(now, scenario))
        }
        Effect::NotLicensed => {
            assert_eq!(state(now, scenario, "mail"), "not_licensed", "{:?}", case.fault);
            assert_eq!(of_patient(now, scenario, "saasbackup_items", &[("workload", "mail")]), None);
            differences(&without_mail(before), &without_mail(said(now, scenario)))
        }
        Effect::Unreadable => {
            assert_eq!(state(now, scenario, "mail"), "unknown", "{:?}", case.fault);
            let ok = of_patient(now, scenario, "saasbackup_resources", &[("workload", "mail"), ("state", "ok")]);
            assert!(ok == Some(0.0) || ok == Some(MAILBOXES), "{ok:?}");
            differences(&without_mail(before), &without_mail(said(now, scenario)))
        }
    };
    assert!(wrong.is_empty(), "{:?} changes:\n{}", case.fault, wrong.join("\n"));
    if let Some(outcome) = case.outcome {
        let mut ended = outcomes(now, scenario, ENDPOINT);
        assert!(ended.remove("success").is_some(), "the neighbour's requests succeed");
        let ended: Vec<_> = ended.into_keys().collect();
        let expected: Vec<_> = [outcome].into_iter().filter(|outcome| *outcome != "success").collect();
        assert_eq!(ended, expected, "{:?}", case.fault);
    }
}
