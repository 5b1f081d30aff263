//! Gives two sources of one account different tenants and workloads.

use std::collections::BTreeSet;

use crate::support::exporter::{Exporter, config_file, parse};
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

/// The values of a label in a family of one source.
fn values(scrape: &Exposition, family: &str, source: &str, label: &str) -> BTreeSet<String> {
    let all = scrape.all(family, &[("source", source)]);
    all.iter().map(|(series, _)| series.label(label).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_source_has_its_own_tenants_and_workloads_and_no_others_are_asked_for() {
    let vendor = Vendor::start(4).await;
    let organizations = vendor.server.organizations();
    let (first, second) = (&organizations[0], &organizations[1]);
    let file = config_file(&vendor.server, "");
    let (_, source) = file.split_once("sources:\n").unwrap();
    let one = source.replace("dropsuite-test", "one") + "    workloads: [mail]\n    parts: [seats]\n";
    let other = source.replace("dropsuite-test", "other") + "    workloads: [mail, tasks]\n    parts: []\n";
    // By its id, and by a part of its name.
    let one = format!("{one}    tenants: {{ include: [\"^{}$\"] }}\n", first.login_id);
    let other = format!("{other}    tenants: {{ exclude: [\"^{}$\", {:?}] }}\n", first.login_id, second.name);
    let config = parse(&format!("collection: {{ requests_per_second: 1000 }}\nsources:\n{one}{other}"));
    let exporter = Exporter::start(&config).await;
    let scrape = exporter
        .until("three tenants were collected", |scrape| {
            scrape.sum("saasbackup_exporter_tenants", &[("state", "collected")]) == 3.0
        })
        .await;

    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(values(&scrape, "saasbackup_workload_state", "one", "workload"), set(&["mail"]));
    assert_eq!(values(&scrape, "saasbackup_workload_state", "other", "workload"), set(&["mail", "tasks"]));
    assert_eq!(values(&scrape, "saasbackup_tenant_info", "one", "tenant_id"), set(&[&first.login_id]));
    let others = [&*organizations[2].login_id, &organizations[3].login_id];
    assert_eq!(values(&scrape, "saasbackup_tenant_info", "other", "tenant_id"), set(&others));
    for (source, excluded) in [("one", 3.0), ("other", 2.0)] {
        assert_eq!(scrape.value("saasbackup_exporter_tenants", &[("source", source), ("state", "excluded")]), excluded);
        for endpoint in ["/calendars", "/onedrives", "/accounts/deleted_accounts"] {
            let labels = [("source", source), ("endpoint", endpoint)];
            assert_eq!(scrape.sum("saasbackup_exporter_api_requests_total", &labels), 0.0, "{source} {endpoint}");
        }
    }
    assert!(scrape.sum("saasbackup_exporter_api_requests_total", &[("source", "other"), ("endpoint", "/tasks")]) > 0.0);
    assert_eq!(scrape.sum("saasbackup_exporter_api_requests_total", &[("source", "one"), ("endpoint", "/tasks")]), 0.0);
}
