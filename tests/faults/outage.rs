//! Makes a vendor fail late, once, for a while and completely: the requests meanwhile, and the time to recover.

use std::time::{Duration, Instant};

use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::Fleet;
use saasbackup_simulator::dropsuite::{Options, Server};
use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{Bench, PATIENT, outcomes, said, with_slow_parts};
use crate::support::exporter::{Exporter, patient};
use crate::support::exposition::{Exposition, differences};
use crate::support::vendor::Vendor;

const REQUESTS: &str = "saasbackup_exporter_api_requests_total";
const HOUR: Duration = Duration::from_secs(3_600);

fn requests(scrape: &Exposition, scenario: usize) -> f64 {
    scrape.sum(REQUESTS, &[("source", &super::bench::source(scenario))])
}

/// Waits until this source was asked for so much more.
async fn until_asked(bench: &Bench, scenario: usize, more: f64) -> Exposition {
    let begin = requests(&bench.exporter.scrape().await, scenario);
    bench.exporter.until("it was asked more", |scrape| requests(scrape, scenario) >= begin + more).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_comes_up_after_the_exporter_is_collected_without_waiting_for_an_interval() {
    let fleet = || Options::new(Fleet::demo(3, 7), Clock::fixed(clock::now().as_millis()));
    let before = Vendor::serving(fleet()).await.server;
    let config = patient(&before, "");
    let address = before.base_url().trim_start_matches("http://").trim_end_matches("/api").parse().unwrap();
    before.shutdown().await;
    let exporter = Exporter::start(&config).await;
    let refused = |scrape: &Exposition| scrape.sum(REQUESTS, &[("outcome", "connect")]) >= 2.0;
    exporter.until("it was asked again, and not there", refused).await;
    let server = Server::bind(address, fleet()).await.unwrap();
    exporter.collected().await;
    assert!(server.requests().total > 0);
    exporter.stop().await;
}

/// Each request of one tenant's first round fails in a scenario of its own; the next round would be in an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_failure_anywhere_in_a_walk_is_made_up_for_within_seconds() {
    const WALK: usize = 10;
    let spoil = |scenario: usize, server: &Server| {
        server.inject(Injection::new(Fault::Html200).for_organization(PATIENT).after(scenario).times(1));
    };
    let adjust = |_, collection: &mut saasbackup_exporter::config::Collection| {
        with_slow_parts(collection);
        collection.interval = HOUR;
    };
    let bench = Bench::start(WALK, spoil, adjust).await;
    let hit = |scrape: &Exposition, scenario: usize| {
        scrape.sum(REQUESTS, &[("source", &super::bench::source(scenario)), ("outcome", "decode")]) == 1.0
    };
    let made_up = |scrape: &Exposition| {
        let parts = scrape.all("saasbackup_collection_success", &[]);
        let works = parts.iter().all(|(_, success)| *success == 1.0);
        works
            && parts.len().is_multiple_of(WALK)
            && !parts.is_empty()
            && (0..WALK).all(|scenario| hit(scrape, scenario))
    };
    bench.exporter.until("every part of all tenants works after a failure", made_up).await;
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_credentials_stop_the_collection_but_for_one_listing_an_interval() {
    let bench = Bench::start(2, |_, _| {}, |_, _| {}).await;
    let before = bench.healthy().await;
    bench.vendors[0].server.inject(Fault::Unauthorized);
    let refused = |scrape: &Exposition| outcomes(scrape, 0, "/users").contains_key("unauthorized");
    bench.exporter.until("the listing is refused", refused).await;
    let (asked, started) = (bench.vendors[0].server.requests().log.len(), Instant::now());
    let later = until_asked(&bench, 1, 60.0).await;
    let log = bench.vendors[0].server.requests().log;
    let since: Vec<&str> = log.iter().skip(asked).map(|request| request.path.as_str()).collect();
    // One may have been sent before the refusal was known.
    let probes = since.iter().filter(|path| path.starts_with("/api/users?") || **path == "/api/users").count();
    assert!(probes + 1 >= since.len(), "{since:?}");
    assert!(since.len() as u64 <= started.elapsed().as_secs() / 3 + 2, "{since:?} in {:?}", started.elapsed());
    let lost: Vec<_> = said(&before, 0).into_keys().filter(|series| !said(&later, 0).contains_key(series)).collect();
    assert!(lost.is_empty(), "{lost:?}");

    bench.vendors[0].server.clear_faults();
    let well = |scrape: &Exposition| differences(&said(&before, 0), &said(scrape, 0)).is_empty();
    bench.exporter.until("everything is as it was", well).await;
    until_asked(&bench, 0, 10.0).await;
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_answers_nothing_is_probed_and_recovers_within_a_minute() {
    let bench = Bench::start(4, |_, _| {}, |_, _| {}).await;
    let before = bench.healthy().await;
    let faults = [Fault::ServerError(503), Fault::Html200, Fault::ResetMidBody];
    for (vendor, fault) in bench.vendors.iter().zip(faults) {
        vendor.server.inject(fault);
    }
    let down = |scrape: &Exposition| scrape.sum("saasbackup_up", &[]) == 1.0;
    let begin = bench.exporter.until("three of four are down", down).await;
    let end = until_asked(&bench, 3, 80.0).await;
    for scenario in 0..3 {
        let (sick, well) =
            (requests(&end, scenario) - requests(&begin, scenario), requests(&end, 3) - requests(&begin, 3));
        assert!(sick < well / 2.0, "{scenario}: {sick} of {well}");
    }
    bench.vendors.iter().for_each(|vendor| vendor.server.clear_faults());
    let started = Instant::now();
    let well = |scrape: &Exposition| (0..4).all(|one| differences(&said(&before, one), &said(scrape, one)).is_empty());
    bench.exporter.until("everything is as it was", well).await;
    assert!(started.elapsed() < Duration::from_secs(75), "{:?}", started.elapsed());
    bench.exporter.stop().await;
}
