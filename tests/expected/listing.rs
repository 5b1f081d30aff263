//! Makes the listing fail: no tenant is missing because of that.

use std::time::Duration;

use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::faults::Fault;

use super::*;
use crate::support::exporter::Exporter;
use crate::support::exporter::parse;
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

/// An exporter that lists the tenants again and again.
async fn eager(vendor: &Vendor, sold: &Sold) -> Exporter {
    let mut config = parse(&sold.config_file(&vendor.server, ""));
    config.sources[0].collection.interval = Duration::from_millis(200);
    config.sources[0].collection.timeout = Duration::from_secs(1);
    Exporter::start(&config).await
}

fn missing(scrape: &Exposition) -> usize {
    scrape.all(PRESENT, &[]).iter().filter(|(_, value)| *value == 0.0).count()
}

fn is_complete(scrape: &Exposition) -> Option<bool> {
    scrape.get("saasbackup_listing_complete", &[]).map(|value| value == 1.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_listing_makes_no_tenant_missing() {
    let vendor = Vendor::start(4).await;
    let first = vendor.server.organizations()[0].login_id.clone();
    let sold = Sold::new(&(line(&first, "", "", "") + &line("9-9", "", "mail", "")));
    for fault in [Fault::Unauthorized, Fault::TruncatedListing, Fault::EmptyList, Fault::ServerError(504)] {
        vendor.server.inject(fault.clone());
        let exporter = eager(&vendor, &sold).await;
        let can_be_empty = fault == Fault::EmptyList;
        let scrape = exporter.until("the listing failed", |scrape| is_complete(scrape).is_some()).await;
        if !can_be_empty {
            assert_eq!(is_complete(&scrape), Some(false), "{fault:?}");
            assert!(scrape.all(PRESENT, &[]).is_empty(), "{fault:?}: {:?}", scrape.all(PRESENT, &[]));
            assert_eq!(scrape.value(TENANTS, &[("state", "unknown")]), 2.0, "{fault:?}");
            assert_eq!(scrape.value(TENANTS, &[("state", "missing")]), 0.0, "{fault:?}");
        }

        vendor.server.clear_faults();
        let scrape = exporter.until("a tenant is missing", |scrape| missing(scrape) == 1).await;
        assert_eq!(scrape.value(PRESENT, &[("tenant_id", &first)]), 1.0);

        vendor.server.inject(fault.clone());
        let scrape = exporter.until("the listing failed again", |scrape| is_complete(scrape) == Some(false)).await;
        assert_eq!(missing(&scrape), 0, "{fault:?}: it may have been added since");
        assert_eq!(scrape.value(PRESENT, &[("tenant_id", &first)]), 1.0, "who was there is shown on");
        assert_eq!(scrape.value(EXPECTED, &[("tenant_id", &first)]), 1.0);
        vendor.server.clear_faults();
        exporter.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_leaves_is_missing_and_one_that_comes_back_under_another_id_is_unexpected() {
    let vendor = Vendor::start(4).await;
    let all = vendor.server.organizations();
    let lines: String = all.iter().map(|organization| line(&organization.login_id, "", "", "")).collect();
    let exporter = eager(&vendor, &Sold::new(&lines)).await;
    exporter.until("all tenants are present", |scrape| scrape.get(TENANTS, &[("state", "present")]) == Some(4.0)).await;
    vendor.server.remove_organization(&all[0].login_id);
    let scrape = exporter.until("one of them is missing", |scrape| missing(scrape) == 1).await;
    assert_eq!(scrape.value(PRESENT, &[("tenant_id", &all[0].login_id)]), 0.0);
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_the_configuration_leaves_out_is_there() {
    let vendor = Vendor::start(24).await;
    let (left_out, twin) = (vendor.organization(Quirk::Suspended), vendor.organizations(Quirk::TwinName));
    let lines = line("", &left_out.name, "", "") + &line("", &twin[0].name, "mail", "1");
    let sold = Sold::new(&lines);
    let more = format!("    tenants: {{ exclude: [\"^{}$\", \"^{}$\"] }}\n", left_out.login_id, twin[1].login_id);
    let exporter = Exporter::start(&parse(&sold.config_file(&vendor.server, &more))).await;
    let scrape = exporter.until("the tenants are listed", |scrape| is_complete(scrape) == Some(true)).await;
    assert_eq!(scrape.value(PRESENT, &[("tenant", &left_out.name)]), 1.0);
    let twins = scrape.value(TENANTS, &[("state", "ambiguous")]);
    assert_eq!(twins, 1.0, "two bear the name, though one of them is left out");
    assert!(scrape.all(EXPECTED, &[("tenant", &twin[0].name)]).is_empty());
    exporter.stop().await;
}
