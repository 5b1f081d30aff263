//! Makes lists of seats fail with 504, as Datto's do for every larger customer.

use std::time::Duration;

use saasbackup_simulator::datto::fleet::Quirk;
use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{self, Bench, but_success, said_of, value, works};
use super::vendor::{Vendor, options};
use crate::support::exposition::{Exposition, differences};

const SEATS: &str = "/v1/saas/{saasCustomerId}/seats";
const INTERVAL: Duration = Duration::from_millis(500);
const WORKLOADS: [&str; 4] = ["mail", "onedrive", "sharepoint", "teams"];

/// What is left of a customer whose seats cannot be listed.
fn all_but_the_seats_work(scrape: &Exposition, scenario: usize, customer: &str) {
    assert_eq!(works(scrape, scenario, customer, "seats"), Some(false));
    for workload in WORKLOADS {
        assert_eq!(works(scrape, scenario, customer, workload), Some(true), "{workload}");
        assert_eq!(bench::state(scrape, scenario, customer, workload), "ok", "{workload}");
    }
    assert_eq!(works(scrape, scenario, customer, "listing"), Some(true));
    let used = value(scrape, scenario, "saasbackup_seats_used", &[("tenant_id", customer)]);
    assert!(used > Some(0.0), "the listing says how many: {used:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_that_cannot_be_listed_are_not_asked_for_again_at_once() {
    let vendor = Vendor::with_only(options(), &[Quirk::ManySeats, Quirk::Healthy]).await;
    let (large, small) = (vendor.id(Quirk::ManySeats), vendor.id(Quirk::Healthy));
    let bench = Bench::start(vec![vendor], |_, _| {}).await;
    let scrape = bench.collected().await;
    // A failure is shown only after its last repetition.
    assert_eq!(bench.vendors[0].asked(&large, "seats"), 1);
    all_but_the_seats_work(&scrape, 0, &large);
    for name in ["saasbackup_seats", "saasbackup_seats_billable", "saasbackup_accounts"] {
        let of = |customer: &str| scrape.all(name, &[("tenant_id", customer)]).len();
        assert!(of(&large) == 0 && of(&small) > 0, "{name} is absent, and not zero");
    }
    assert_eq!(works(&scrape, 0, &small, "seats"), Some(true));
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_that_keep_failing_are_asked_for_ever_less_often_and_recover() {
    let vendor = Vendor::with_only(options(), &[Quirk::Healthy]).await;
    let customer = vendor.id(Quirk::Healthy);
    vendor.server.inject(Injection::new(Fault::ServerError(504)).on(SEATS));
    let bench = Bench::start(vec![vendor], |_, collection| collection.interval = INTERVAL).await;
    let vendor = &bench.vendors[0];
    // Its workloads are asked for at every interval, so the fifth time is four intervals after the first.
    let fifth = |_: &Exposition| vendor.asked(&customer, "applications") >= 5;
    bench.exporter.until("the workloads were asked for five times", fifth).await;
    let (seats, workloads) = (vendor.asked(&customer, "seats"), vendor.asked(&customer, "applications"));
    assert!((1..=3).contains(&seats), "{seats} requests for seats beside {workloads} for workloads");
    let scrape = bench.exporter.scrape().await;
    all_but_the_seats_work(&scrape, 0, &customer);

    vendor.server.clear_faults();
    let recovered =
        bench.exporter.until("the seats are back", |scrape| works(scrape, 0, &customer, "seats") == Some(true)).await;
    assert_eq!(recovered.sum("saasbackup_accounts", &[]), 24.0);
    let total = vendor.asked(&customer, "seats");
    let again = |_: &Exposition| vendor.asked(&customer, "seats") >= total + 3;
    bench.exporter.until("the seats are asked for as often as before", again).await;
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_that_were_listed_once_are_kept_while_they_fail() {
    let vendor = Vendor::with_only(options(), &[Quirk::Healthy]).await;
    let customer = vendor.id(Quirk::Healthy);
    let bench = Bench::start(vec![vendor], |_, collection| collection.interval = INTERVAL).await;
    let before = bench.collected().await;
    bench.vendors[0].server.inject(Injection::new(Fault::ServerError(504)).on(SEATS));
    let failed = |scrape: &Exposition| works(scrape, 0, &customer, "seats") == Some(false);
    let after = bench.exporter.until("the seats fail", failed).await;
    all_but_the_seats_work(&after, 0, &customer);
    let [before_said, after_said] = [&before, &after].map(|scrape| but_success(said_of(scrape, 0, &customer)));
    assert_eq!(differences(&before_said, &after_said), Vec::<String>::new());
    let labels = [("tenant_id", &*customer), ("part", "seats")];
    let observed = |scrape| value(scrape, 0, "saasbackup_observed_timestamp_seconds", &labels).unwrap();
    let last = bench.later(0, 2, after).await;
    assert!(
        observed(&last)
            < value(&last, 0, "saasbackup_observed_timestamp_seconds", &[labels[0], ("part", "mail")]).unwrap()
    );
    bench.exporter.stop().await;
}
