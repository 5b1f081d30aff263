//! Requests what does not exist: no response may look like a healthy tenant.

use std::time::Duration;

use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{Bench, SOURCES, run};
use crate::support::exporter::{Exporter, SOURCE, eager};
use crate::support::vendor::Vendor;

#[test]
fn unknown_tenants_and_names_are_answered_with_the_reason() {
    run(async {
        let bench = Bench::shared().await;
        let exposition = bench.exporter.scrape().await;
        let (first, _) = exposition.all("saasbackup_tenant_info", &[("source", SOURCES[1])]).swap_remove(0);
        let id = first.label("tenant_id");
        for (query, status, words) in [
            (&[("tenant", "no-such-tenant")][..], 404, "no tenant has the id or name \"no-such-tenant\""),
            (&[("tenant", "")], 404, "no tenant has the id or name \"\""),
            (&[("tenant", id), ("tenant", "no-such-tenant")], 404, "\"no-such-tenant\""),
            (&[("tenant", id), ("source", SOURCES[0])], 404, "no tenant has the id or name"),
            (
                &[("source", "no-such-source")],
                404,
                "no source has the name \"no-such-source\" (configured: dropsuite-demo",
            ),
            (&[("collect[]", "mail")], 400, "unknown group \"mail\" (accepted: exporter, source, listing"),
            (&[("tenants", id)], 400, "unknown parameter \"tenants\" (accepted: tenant, source, collect[]"),
        ] {
            let (found, text) = bench.ask(query).await;
            assert_eq!(found, status, "{query:?}: {text}");
            assert!(text.contains(words), "{query:?}: {text}");
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_of_a_source_that_was_never_listed_may_exist() {
    let vendor = Vendor::start(2).await;
    vendor.server.inject(Injection::new(Fault::Unauthorized).on("/users"));
    let id = vendor.server.organizations()[0].login_id.clone();
    let exporter = Exporter::start(&eager(&vendor.server, "", Duration::from_millis(200))).await;
    exporter.until("the listing failed", |scrape| scrape.get("saasbackup_up", &[]) == Some(0.0)).await;
    let query = format!("/metrics?tenant={id}");
    let (status, text) = exporter.get(&query).await;
    assert_eq!(status, 503, "{text}");
    assert!(text.contains(&format!("the tenants of {SOURCE} have not been listed yet")), "{text}");

    vendor.server.clear_faults();
    exporter.until("the listing worked", |scrape| scrape.get("saasbackup_up", &[]) == Some(1.0)).await;
    let (status, text) = exporter.get(&query).await;
    assert_eq!(status, 200, "{text}");
    let (status, _) = exporter.get("/metrics?tenant=no-such-tenant").await;
    assert_eq!(status, 404, "now that is known");
}
