//! Serves the published form of the API, which has no applications: what is missing is unknown.

use saasbackup_simulator::datto::fleet::Quirk;
use saasbackup_simulator::datto::{Options, Shape};

use super::bench::{Bench, said, source, value};
use super::reckoning;
use super::vendor::{CUSTOMERS, Vendor, options};
use crate::support::exposition::differences;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_description_is_understood_and_its_silence_is_unknown() {
    let vendor = Vendor::serving(Options { shape: Shape::Documented, ..options() }).await;
    let bench = Bench::start(vec![vendor], |_, _| {}).await;
    let scrape = bench.collected().await;
    let vendor = &bench.vendors[0];
    for name in ["saasbackup_up", "saasbackup_listing_complete"] {
        assert_eq!(value(&scrape, 0, name, &[]), Some(1.0), "{name}");
    }
    assert_eq!(scrape.all("saasbackup_tenant_info", &[]).len(), CUSTOMERS);
    let wrong = differences(&reckoning::of(vendor).await, &said(&scrape, 0));
    assert!(wrong.is_empty(), "{} series differ from the raw answers:\n{}", wrong.len(), wrong.join("\n"));

    // Nothing is healthy and nothing is zero until the vendor says so.
    for (series, holds) in scrape.all("saasbackup_workload_state", &[]) {
        assert_eq!(holds, f64::from(u8::from(series.label("state") == "unknown")), "{series}");
    }
    for name in ["saasbackup_resources", "saasbackup_storage_bytes", "saasbackup_protected_until_timestamp_seconds"] {
        assert_eq!(scrape.all(name, &[]), [], "{name}");
    }
    let labels = [("source", &*source(0)), ("outcome", "not_found")];
    let not_found = [labels[0], labels[1], ("endpoint", "/v1/saas/{saasCustomerId}/applications")];
    assert_eq!(scrape.value("saasbackup_exporter_api_requests_total", &not_found), CUSTOMERS as f64);
    assert_eq!(scrape.all("saasbackup_collection_success", &[("part", "mail")]).len(), CUSTOMERS);
    assert_eq!(scrape.sum("saasbackup_collection_success", &[("part", "mail")]), 0.0);
    assert_eq!(scrape.sum("saasbackup_collection_success", &[("part", "seats")]), CUSTOMERS as f64);

    let healthy = vendor.customer(Quirk::Healthy).documented_id;
    assert_eq!(scrape.state("saasbackup_tenant_state", &[("tenant_id", &healthy)]), "active");
    let odd = vendor.customer(Quirk::UnknownStatus).documented_id;
    assert_eq!(scrape.all("saasbackup_tenant_state", &[("tenant_id", &odd)]), [], "an unknown word");
    let newest = |id: &str| {
        let labels = [("tenant_id", id), ("seat_type", "user")];
        scrape.get("saasbackup_datto_newest_seat_backup_timestamp_seconds", &labels)
    };
    assert!(newest(&healthy).is_some());
    assert_eq!(newest(&vendor.customer(Quirk::NewCustomer).documented_id), None, "nothing was backed up yet");
    assert_eq!(scrape.all("saasbackup_seats_billable", &[]), []);
    assert!(scrape.sum("saasbackup_seats", &[("state", "active")]) > 0.0);
    bench.exporter.stop().await;
}
