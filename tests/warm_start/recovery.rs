//! Restarts the exporter with and without a state file while the vendor is down, and lets the vendor come back.

use std::time::{Duration, Instant};

use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::Fleet;
use saasbackup_simulator::dropsuite::{Options, Server};

use super::*;
use crate::support::exporter::{Exporter, patient};
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

const OBSERVED: &str = "saasbackup_observed_timestamp_seconds";
/// Short enough to see values expire while the vendor is down.
const STALE_AFTER: Duration = Duration::from_secs(15);

/// When each part was observed.
fn observed(scrape: &Exposition) -> Vec<f64> {
    scrape.all(OBSERVED, &[]).into_iter().map(|(_, at)| at).collect()
}

fn newest(scrape: &Exposition) -> f64 {
    observed(scrape).into_iter().fold(0.0, f64::max)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_the_file_keep_their_age_until_they_expire_and_recovery_is_seen_within_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = || Options::new(Fleet::demo(1, 7), Clock::fixed(clock::now().as_millis()));
    let vendor = Vendor::serving(fleet()).await.server;
    let with_file = |name: &str| {
        let mut config = patient(&vendor, "");
        config.state_path = Some(folder.path().join(name));
        config
    };
    let config = with_file("first");
    let mut short = with_file("second");
    short.sources[0].collection.stale_after = STALE_AFTER;
    let without_file = patient(&vendor, "");
    let address = vendor.base_url().trim_start_matches("http://").trim_end_matches("/api").parse().unwrap();
    let exporter = Exporter::start(&config).await;
    let before = exporter.collected().await;
    exporter.stop().await;
    std::fs::copy(folder.path().join("first"), folder.path().join("second")).unwrap();
    vendor.shutdown().await;

    let (warm, short, cold) =
        (Exporter::start(&config).await, Exporter::start(&short).await, Exporter::start(&without_file).await);
    let is_down = |scrape: &Exposition| scrape.get("saasbackup_up", &[]) == Some(0.0);
    let (known, unknown) =
        (warm.until("the vendor is down", is_down).await, cold.until("the vendor is down", is_down).await);
    assert_eq!(observed(&known), observed(&before), "the values are as old as they are");
    assert!(observed(&unknown).is_empty() && unknown.all("saasbackup_workload_state", &[]).is_empty());

    let expired = short.until("the values expired", |scrape| observed(scrape).is_empty()).await;
    assert!(clock::now().as_seconds() >= newest(&before) + STALE_AFTER.as_secs_f64(), "not before their time");
    let states = expired.all("saasbackup_workload_state", &[("state", "unknown")]);
    assert!(!states.is_empty() && states.iter().all(|(_, is_unknown)| *is_unknown == 1.0), "unknown is not fine");
    assert_eq!(observed(&warm.scrape().await), observed(&before), "the others hold for a day");

    let _vendor = Server::bind(address, fleet()).await.unwrap();
    let started = Instant::now();
    let is_up = |scrape: &Exposition| {
        let is_fresh = scrape.get("saasbackup_up", &[]) == Some(1.0);
        is_fresh && observed(scrape).len() == observed(&before).len()
    };
    for exporter in [warm, short, cold] {
        exporter.until("everything is known again", is_up).await;
        exporter.stop().await;
    }
    assert!(started.elapsed() < Duration::from_secs(75), "{:?}", started.elapsed());
}
