//! Runs both vendors in one exporter: one schema serves both.

use std::collections::{BTreeMap, BTreeSet};

use saasbackup_exporter::exposition::FAMILIES;
use saasbackup_simulator::datto::Options;
use saasbackup_simulator::datto::fleet::Fleet;

use super::reckoning;
use super::vendor::{Vendor, options};
use crate::scrape::expectation;
use crate::support::exporter::{Exporter, config_file, parse};
use crate::support::exposition::{Exposition, Series, differences};
use crate::support::vendor::Vendor as Dropsuite;

const SOURCE: &str = "datto-test";

/// Families that a vendor's answers cannot fill, with the vendor whose they are.
const ONE_VENDORS_OWN: &[(&str, &str)] = &[
    ("saasbackup_newest_backup_timestamp_seconds", "dropsuite"),
    ("saasbackup_items", "dropsuite"),
    ("saasbackup_dropsuite_resources", "dropsuite"),
    ("saasbackup_datto_uningested_services", "datto"),
    ("saasbackup_datto_perfect_backups", "datto"),
    ("saasbackup_datto_backup_status", "datto"),
    ("saasbackup_datto_protection_gap_seconds", "datto"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_vendors_fill_the_same_families_and_can_be_summed_up() {
    let dropsuite = Dropsuite::start(24).await;
    let fleet = Fleet::demo(40, 7);
    let datto = Vendor::serving(Options { fleet, ..options() }).await;
    let (public_key, secret_key) = (datto.server.public_key(), datto.server.secret_key());
    let own = format!(
        "  - {{ name: {SOURCE}, provider: datto, base_url: \"{}\", public_key: \"{public_key}\", secret_key: \"{secret_key}\" }}\n",
        datto.server.base_url()
    );
    let exporter = Exporter::start(&parse(&(config_file(&dropsuite.server, "") + &own))).await;
    let is_collected = |scrape: &Exposition| {
        let pending = scrape.all("saasbackup_exporter_tenants", &[("state", "pending")]);
        pending.len() == 2 && pending.iter().all(|(_, tenants)| *tenants == 0.0)
    };
    let scrape = exporter.until("every tenant of both was asked for", is_collected).await;

    labels_are_the_same(&scrape);
    let expected = resources_of_both(&dropsuite, &datto).await;
    let wrong = differences(&expected, &summed(&scrape));
    assert!(wrong.is_empty(), "the sums differ:\n{}", wrong.join("\n"));
    for name in ["saasbackup_up", "saasbackup_listing_complete"] {
        assert_eq!(scrape.sum(name, &[]), 2.0, "{name}");
    }
    assert!(dropsuite.server.requests().log.iter().all(|request| !request.path.contains("/v1/saas")));
    assert!(datto.server.requests().log.iter().all(|request| request.path.starts_with("/v1/saas/")));
    exporter.stop().await;
}

/// Of each family of workloads both vendors have series, with the same labels.
fn labels_are_the_same(scrape: &Exposition) {
    // There is no list of expected tenants or of restore tests here.
    let is_observed = |name: &str| !name.contains("_expected") && !name.contains("_restore_test");
    let of_workloads =
        FAMILIES.iter().filter(|family| family.labels().contains(&"workload") && is_observed(family.descriptor.name));
    let mut compared = 0;
    for family in of_workloads {
        let name = family.descriptor.name;
        let labels = |provider: &str| -> BTreeSet<Vec<String>> {
            let all = scrape.all(name, &[("provider", provider)]);
            all.into_iter().map(|(series, _)| series.labels.into_keys().collect()).collect()
        };
        let (dropsuite, datto) = (labels("dropsuite"), labels("datto"));
        match ONE_VENDORS_OWN.iter().find(|(own, _)| *own == name) {
            Some((_, "datto")) => assert!(dropsuite.is_empty() && datto.len() == 1, "{name}"),
            Some(_) => assert!(datto.is_empty() && dropsuite.len() == 1, "{name}"),
            None => {
                assert_eq!((dropsuite.len(), &dropsuite), (1, &datto), "{name}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 5, "state, resources, protected until, objective and storage");
}

/// `sum by (provider, state) (saasbackup_resources)`.
fn summed(scrape: &Exposition) -> BTreeMap<Series, f64> {
    by_provider_and_state(scrape.all("saasbackup_resources", &[]).into_iter())
}

fn by_provider_and_state(resources: impl Iterator<Item = (Series, f64)>) -> BTreeMap<Series, f64> {
    let mut sums = BTreeMap::new();
    for (series, value) in resources {
        let labels = ["provider", "state"].map(|label| (label, series.label(label)));
        *sums.entry(Series::new("sum", &labels)).or_default() += value;
    }
    sums
}

/// The same from the raw answers of both.
async fn resources_of_both(dropsuite: &Dropsuite, datto: &Vendor) -> BTreeMap<Series, f64> {
    let mut all = Vec::new();
    for organization in dropsuite.server.organizations() {
        all.extend(expectation::of(dropsuite, &organization).await);
    }
    all.extend(reckoning::of(datto).await);
    let sums = by_provider_and_state(all.into_iter().filter(|(series, _)| series.name == "saasbackup_resources"));
    assert_eq!(sums.len(), 12, "six states of each vendor");
    for (provider, state) in [("dropsuite", "ok"), ("dropsuite", "late"), ("datto", "ok"), ("datto", "late")] {
        assert!(sums[&Series::new("sum", &[("provider", provider), ("state", state)])] > 0.0, "{provider} {state}");
    }
    sums
}
