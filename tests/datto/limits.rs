//! Tests limits: the quota is exported and respected, and a throttled source waits.

use std::time::Duration;

use saasbackup_exporter::config::Collection;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::fleet::Fleet;
use saasbackup_simulator::datto::{Budget, Costs, Options, ResetsFormat, RetryAfterFormat};
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};

use super::bench::{Bench, but_success, none_is_pending, said, source, value};
use super::vendor::Vendor;
use crate::support::exposition::{Exposition, differences};

const CUSTOMERS: usize = 6;
/// The listing, and two requests for each customer.
const ROUND: u32 = 1 + 2 * CUSTOMERS as u32;
/// What may be asked: a whole round and the beginning of the next.
const REQUESTS: u32 = ROUND + 4;
const COST: u32 = 5;
const HOUR: i64 = 3_600_000;
const INTERVAL: Duration = Duration::from_millis(500);
const THROTTLED: &str = "saasbackup_exporter_api_throttled_total";
const REMAINING: &str = "saasbackup_exporter_api_budget_remaining";

/// A fleet that may be asked so much within an hour of its clock.
async fn limited(clock: Clock, resets: ResetsFormat, retry_after: RetryAfterFormat) -> Vendor {
    let costs = Costs { domains: COST, seats: COST, applications: COST, seat_change: COST };
    let budget = Budget { units_per_hour: REQUESTS * COST, costs, resets, retry_after };
    Vendor::serving(Options { budget, ..Options::new(Fleet::demo(CUSTOMERS, 7), clock) }).await
}

/// A clock near the present whose hour does not end while a test runs.
fn early_in_its_hour() -> Clock {
    let now = clock::now().as_millis();
    let left = HOUR - now.rem_euclid(HOUR);
    Clock::fixed(if left > HOUR / 3 { now } else { now + left })
}

fn one_at_a_time(collection: &mut Collection) {
    collection.interval = INTERVAL;
    collection.concurrency = 1;
}

fn total(bench: &Bench, scenario: usize) -> u64 {
    bench.vendors[scenario].server.requests().total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_quota_is_shown_and_kept_and_no_tenant_vanishes() {
    let cases = [
        (ResetsFormat::Seconds, RetryAfterFormat::Seconds, 1),
        (ResetsFormat::EpochSeconds, RetryAfterFormat::Seconds, 1),
        (ResetsFormat::Text, RetryAfterFormat::Seconds, 1),
        // What is under way when the last unit goes cannot be taken back.
        (ResetsFormat::Seconds, RetryAfterFormat::Date, 8),
    ];
    let mut vendors = Vec::new();
    for (resets, retry_after, _) in cases {
        vendors.push(limited(early_in_its_hour(), resets, retry_after).await);
    }
    let measure = vendors.len();
    vendors.push(Vendor::serving(Options::new(Fleet::demo(1, 7), early_in_its_hour())).await);
    let bench = Bench::start(vendors, |scenario, collection| {
        one_at_a_time(collection);
        collection.concurrency = cases.get(scenario).map_or(1, |(_, _, places)| *places);
    })
    .await;
    let whole = bench.collected().await;
    // Answers under way beside each other may overtake the one that announces the last unit.
    let nearly_none = |scenario: usize| f64::from(COST) * (cases[scenario].2 - 1) as f64;
    let used_up = |scrape: &Exposition| {
        let remaining = |scenario| value(scrape, scenario, REMAINING, &[]);
        (0..cases.len()).all(|scenario| remaining(scenario).is_some_and(|units| units <= nearly_none(scenario)))
    };
    let scrape = bench.exporter.until("every budget is used up", used_up).await;
    let last = bench.later(measure, 5, scrape).await;
    for (scenario, (resets, _, places)) in cases.into_iter().enumerate() {
        let asked = total(&bench, scenario);
        let throttled = value(&last, scenario, THROTTLED, &[]).unwrap();
        assert_eq!(asked as f64 - throttled, f64::from(REQUESTS), "{resets:?}: what was not refused");
        assert!(throttled < places as f64, "{resets:?}: {throttled} requests were refused");
        let [before, after] = [&whole, &last].map(|scrape| but_success(said(scrape, scenario)));
        assert_eq!(differences(&before, &after), Vec::<String>::new(), "{resets:?}");
        assert!(value(&last, scenario, REMAINING, &[]).unwrap() <= nearly_none(scenario), "{resets:?}");
        assert_eq!(value(&last, scenario, "saasbackup_tenants_removed_total", &[]), Some(0.0), "{resets:?}");
    }
    // A budget of a million of which each round takes twenty.
    let remaining = value(&last, measure, REMAINING, &[]).unwrap();
    assert!((900_000.0..999_980.0).contains(&remaining), "{remaining}");
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_that_is_reset_is_used_again() {
    let end_of_hour = clock::now().as_millis().div_euclid(HOUR) * HOUR;
    let clock = Clock::fixed(end_of_hour - 2_000);
    let vendor = limited(clock.clone(), ResetsFormat::Seconds, RetryAfterFormat::Seconds).await;
    let bench = Bench::start(vec![vendor], |_, collection| one_at_a_time(collection)).await;
    let used_up = |_: &Exposition| total(&bench, 0) >= u64::from(REQUESTS);
    bench.exporter.until("the budget is used up", used_up).await;
    clock.advance(Duration::from_secs(2));
    let goes_on = |scrape: &Exposition| {
        total(&bench, 0) > u64::from(REQUESTS + 4) && value(scrape, 0, REMAINING, &[]) > Some(0.0)
    };
    bench.exporter.until("the next hour's budget is used", goes_on).await;
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_throttled_source_waits_as_asked_and_requests_again() {
    const APPLICATIONS: &str = "/v1/saas/{saasCustomerId}/applications";
    let soon = [RetryAfter::Seconds(3), RetryAfter::Date(Duration::from_secs(4))];
    let mut vendors = Vec::new();
    for retry_after in [soon[0], soon[1], RetryAfter::Seconds(3_600)] {
        // A date is counted from the vendor's present.
        let vendor = Vendor::serving(Options::new(Fleet::demo(2, 7), Clock::system())).await;
        vendor.server.inject(Injection::new(Fault::TooManyRequests(retry_after)).on(APPLICATIONS).times(1));
        vendors.push(vendor);
    }
    let long = vendors.len() - 1;
    let bench = Bench::start(vendors, |scenario, collection| {
        collection.concurrency = 1;
        if scenario == long {
            collection.interval = INTERVAL;
        }
    })
    .await;
    let refused = |scrape: &Exposition| value(scrape, long, THROTTLED, &[]) == Some(1.0);
    bench.exporter.until("one was asked to wait for an hour", refused).await;
    let asked = total(&bench, long);
    let are_collected = |scrape: &Exposition| (0..long).all(|scenario| none_is_pending(scrape, scenario));
    let scrape = bench.exporter.until("the others were asked for", are_collected).await;
    for (scenario, retry_after) in soon.into_iter().enumerate() {
        let works = scrape.all("saasbackup_collection_success", &[("source", &source(scenario))]);
        assert!(!works.is_empty() && works.iter().all(|(_, flag)| *flag == 1.0), "{retry_after:?}: {works:?}");
        assert_eq!(value(&scrape, scenario, THROTTLED, &[]), Some(1.0), "{retry_after:?}");
        assert_eq!(total(&bench, scenario), 1 + 2 * 2 + 1, "{retry_after:?}: one request was repeated");
        let took = value(&scrape, scenario, "saasbackup_exporter_collection_duration_seconds_sum", &[]).unwrap();
        assert!(took >= 3.0, "{retry_after:?}: waited {took} s only");
    }
    assert_eq!(total(&bench, long), asked, "no tenant is requested within the hour");
    assert_eq!(scrape.all("saasbackup_tenant_info", &[("source", &source(long))]).len(), 2);
    bench.exporter.stop().await;
}
