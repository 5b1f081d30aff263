//! Makes all requests for one tenant fail in every way: the others are unaffected.

use saasbackup_simulator::faults::Fault;

use super::bench::{Bench, PATIENT, Said, of_patient, said, state};
use super::cases::{self, Effect};
use crate::support::exposition::{Exposition, differences};

const SUCCESS: &str = "saasbackup_collection_success";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_all_requests_of_one_tenant_changes_no_other() {
    let cases = cases::all();
    let adjust = |scenario: usize, collection: &mut saasbackup_exporter::config::Collection| {
        if cases[scenario].fault == Fault::Stall {
            collection.timeout = std::time::Duration::from_secs(10);
        }
    };
    let bench = Bench::start(cases.len(), |_, _| {}, adjust).await;
    let before = bench.healthy().await;
    for (scenario, case) in cases.iter().enumerate() {
        bench.inject_everywhere(scenario, &case.fault);
    }
    let fails = |scrape: &Exposition, scenario| {
        ["mail", "tasks"].iter().all(|part| of_patient(scrape, scenario, SUCCESS, &[("part", part)]) == Some(0.0))
    };
    let has_hit = |scrape: &Exposition| {
        cases.iter().enumerate().all(|(scenario, case)| match case.effect {
            // Where everything is refused, that says nothing of products.
            Effect::Fails | Effect::NotLicensed => fails(scrape, scenario),
            Effect::Incomplete | Effect::Unreadable | Effect::None => true,
        })
    };
    let scrape = bench.exporter.until("every fault has hit all of the patient", has_hit).await;
    for (scenario, case) in cases.iter().enumerate() {
        let wrong = differences(&others(said(&before, scenario)), &others(said(&scrape, scenario)));
        assert!(wrong.is_empty(), "{:?} changes another tenant:\n{}", case.fault, wrong.join("\n"));
        let listed = of_patient(&scrape, scenario, SUCCESS, &[("part", "listing")]);
        assert_eq!(listed, Some(1.0), "{:?} is no fault of the listing", case.fault);
        for workload in ["mail", "tasks"] {
            let state = state(&scrape, scenario, workload);
            assert!(
                !matches!(&*state, "empty" | "never" | "not_licensed"),
                "{:?} makes {workload} {state}",
                case.fault
            );
        }
    }
    bench.exporter.stop().await;
}

fn others(mut said: Said) -> Said {
    said.retain(|series, _| series.labels.get("tenant").is_none_or(|tenant| tenant != PATIENT));
    said
}
