//! Makes the listing and single customers fail: none is lost, and no other is affected.

use std::time::Duration;

use saasbackup_simulator::datto::fleet::{Fleet, Quirk};
use saasbackup_simulator::datto::{Options, Shape};
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::{Value, json};

use super::bench::{Bench, but_success, said, said_of, source, state, value, works};
use super::vendor::{Vendor, options};
use crate::support::exposition::{Exposition, differences};

const DOMAINS: &str = "/v1/saas/domains";
const APPLICATIONS: &str = "/v1/saas/{saasCustomerId}/applications";
const SEATS: &str = "/v1/saas/{saasCustomerId}/seats";

/// A fault of the listing: in whose shape it is met, and whether something was understood all the same.
fn cases() -> Vec<(Fault, Shape, f64)> {
    let retyped = |field: &str, value: Value| Fault::RetypedField { field: field.to_owned(), value };
    vec![
        (Fault::Unauthorized, Shape::Live, 0.0),
        (Fault::Forbidden, Shape::Live, 0.0),
        (Fault::NotFound, Shape::Live, 0.0),
        (Fault::TooManyRequests(RetryAfter::Seconds(3_600)), Shape::Live, 0.0),
        (Fault::ServerError(500), Shape::Live, 0.0),
        (Fault::ServerError(504), Shape::Live, 0.0),
        (Fault::Stall, Shape::Live, 0.0),
        (Fault::ResetMidBody, Shape::Live, 0.0),
        (Fault::Redirect("http://127.0.0.1:9/".to_owned()), Shape::Live, 0.0),
        (Fault::Html200, Shape::Live, 0.0),
        (Fault::EmptyBody200, Shape::Live, 0.0),
        (Fault::TruncatedJson, Shape::Live, 0.0),
        (Fault::EmptyList, Shape::Live, 0.0),
        // Objects without a list, or with something else in its place.
        (Fault::MissingField("domains".to_owned()), Shape::Documented, 0.0),
        (retyped("domains", json!("none")), Shape::Documented, 0.0),
        (retyped("domains", Value::Null), Shape::Documented, 0.0),
        (Fault::EmptyList, Shape::Documented, 0.0),
        // A list arrived, and whom it names is unknown.
        (Fault::DeepNesting, Shape::Live, 1.0),
        (Fault::MissingField("saasCustomerId".to_owned()), Shape::Live, 1.0),
        (retyped("saasCustomerId", json!([1])), Shape::Live, 1.0),
        (retyped("saasCustomerId", Value::Null), Shape::Live, 1.0),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_the_listing_loses_no_tenant() {
    let cases = cases();
    let mut vendors = Vec::new();
    for (_, shape, _) in &cases {
        vendors.push(Vendor::serving(Options { fleet: Fleet::demo(3, 7), shape: *shape, ..options() }).await);
    }
    let bench = Bench::start(vendors, |scenario, collection| {
        collection.interval = Duration::from_secs(3);
        collection.timeout = Duration::from_secs(if cases[scenario].0 == Fault::Stall { 3 } else { 30 });
    })
    .await;
    let before = bench.collected().await;
    for (vendor, (fault, ..)) in bench.vendors.iter().zip(&cases) {
        vendor.server.inject(Injection::new(fault.clone()).on(DOMAINS));
    }
    let all_fail = |scrape: &Exposition| scrape.sum("saasbackup_listing_complete", &[]) == 0.0;
    let scrape = bench.exporter.until("every listing fails", all_fail).await;
    for (scenario, (fault, _, up)) in cases.iter().enumerate() {
        let own = |name| value(&scrape, scenario, name, &[]);
        assert_eq!(own("saasbackup_up"), Some(*up), "{fault:?}");
        assert_eq!(own("saasbackup_listing_complete"), Some(0.0), "{fault:?}");
        assert_eq!(own("saasbackup_tenants_removed_total"), Some(0.0), "{fault:?}");
        // A pause that the vendor asks for concerns the customers' parts too.
        let [before, now] = [&before, &scrape].map(|scrape| but_success(said(scrape, scenario)));
        let wrong = differences(&before, &now);
        assert!(wrong.is_empty(), "{fault:?} changes:\n{}", wrong.join("\n"));
    }
    for vendor in &bench.vendors {
        vendor.server.clear_faults();
    }
    let recovered = |scrape: &Exposition| {
        // A source that was asked to wait for an hour does.
        scrape.sum("saasbackup_listing_complete", &[]) == cases.len() as f64 - 1.0
    };
    bench.exporter.until("the listings work again", recovered).await;
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_that_never_worked_names_no_tenant() {
    let vendor = Vendor::serving(options()).await;
    vendor.server.inject(Injection::new(Fault::Unauthorized).on(DOMAINS));
    let bench = Bench::start(vec![vendor], |_, _| {}).await;
    let down = |scrape: &Exposition| value(scrape, 0, "saasbackup_up", &[]) == Some(0.0);
    let scrape = bench.exporter.until("the listing failed", down).await;
    assert!(said(&scrape, 0).is_empty());
    assert_eq!(scrape.all("saasbackup_exporter_tenants", &[("source", &source(0))]), []);
    assert_eq!(bench.vendors[0].server.requests().total, 1, "a refused key is not tried again at once");
    bench.exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_out_of_reach_fails_alone() {
    let faults = [Fault::Forbidden, Fault::NotFound, Fault::Unauthorized, Fault::Html200, Fault::EmptyList];
    let (options, mut vendors) = (options(), Vec::new());
    for _ in &faults {
        vendors.push(Vendor::with_only(options.clone(), &[Quirk::Healthy, Quirk::BehindToday]).await);
    }
    let (patient, neighbour) = (vendors[0].id(Quirk::Healthy), vendors[0].id(Quirk::BehindToday));
    for (vendor, fault) in vendors.iter().zip(&faults) {
        for endpoint in [APPLICATIONS, SEATS] {
            // The listing says that seats are used, so that empty lists are faults too.
            vendor.server.inject(Injection::new(fault.clone()).on(endpoint).for_organization(&patient));
        }
    }
    let bench = Bench::start(vendors, |_, _| {}).await;
    let scrape = bench.collected().await;
    let undisturbed = said_of(&scrape, 0, &neighbour);
    for (scenario, fault) in faults.iter().enumerate() {
        for workload in ["mail", "onedrive", "sharepoint", "teams"] {
            // Datto says 403 of a customer and not of a product: that is no missing licence.
            assert_eq!(state(&scrape, scenario, &patient, workload), "unknown", "{fault:?} {workload}");
            assert_eq!(works(&scrape, scenario, &patient, workload), Some(false), "{fault:?} {workload}");
        }
        assert_eq!(works(&scrape, scenario, &patient, "seats"), Some(false), "{fault:?}");
        assert_eq!(works(&scrape, scenario, &patient, "listing"), Some(true), "{fault:?}");
        assert_eq!(value(&scrape, scenario, "saasbackup_up", &[]), Some(1.0), "{fault:?}");
        let wrong = differences(&undisturbed, &said_of(&scrape, scenario, &neighbour));
        assert!(wrong.is_empty(), "{fault:?} changes the neighbour:\n{}", wrong.join("\n"));
        assert!(works(&scrape, scenario, &neighbour, "seats") == Some(true), "{fault:?}");
    }
    bench.exporter.stop().await;
}
