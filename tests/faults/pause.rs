//! Makes the vendor demand a long pause: it is respected, and no tenant loses its values.

use saasbackup_simulator::faults::{Fault, RetryAfter};

use super::bench::{Bench, said};
use crate::support::exposition::{Exposition, differences};

const THROTTLED: &str = "saasbackup_exporter_api_throttled_total";
const REQUESTS: &str = "saasbackup_exporter_api_requests_total";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_asks_for_an_hour_is_left_alone_and_no_value_is_lost() {
    let bench = Bench::start(2, |_, _| {}, |_, _| {}).await;
    let before = bench.healthy().await;
    bench.inject(0, &Fault::TooManyRequests(RetryAfter::Seconds(3_600)), "/accounts");
    let of_first = |scrape: &Exposition, name: &str| scrape.sum(name, &[("source", "scenario-0")]);
    let throttled = bench.exporter.until("the vendor has refused", |scrape| of_first(scrape, THROTTLED) > 0.0).await;
    // What was in flight may still end; from then on only the other source is asked.
    let rounds = |scrape: &Exposition| scrape.sum(REQUESTS, &[("source", "scenario-1")]);
    let settled = bench
        .exporter
        .until("the other source is asked again", |scrape| rounds(scrape) > rounds(&throttled) + 20.0)
        .await;
    let later = bench.exporter.until("and once more", |scrape| rounds(scrape) > rounds(&settled) + 40.0).await;
    assert_eq!(of_first(&later, REQUESTS), of_first(&settled, REQUESTS), "nothing is asked of it");
    assert!(of_first(&later, THROTTLED) <= 8.0, "one for each request in flight at most");
    let lost: Vec<_> = said(&before, 0).into_keys().filter(|series| !said(&later, 0).contains_key(series)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(differences(&said(&before, 1), &said(&later, 1)).is_empty());
    bench.exporter.stop().await;
}
