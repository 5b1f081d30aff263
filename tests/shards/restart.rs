//! Restarts a shard with the state file of another number of shards.

use std::path::Path;

use saasbackup_simulator::faults::Fault;

use super::*;

/// The sum of a stage over both sources; `None` if unknown.
fn stage(scrape: &Exposition, state: &str) -> Option<f64> {
    SOURCES.iter().map(|source| at_stage(scrape, source, state)).sum()
}

/// Collects everything as this shard, and stops so that the file holds it.
async fn collect(config: &Config) -> Exposition {
    let exporter = Exporter::start(config).await;
    let scrape = collected(&exporter).await;
    exporter.stop().await;
    scrape
}

fn config(vendors: &Vendors, state: &Path, shard: Shard) -> Config {
    parse(&vendors.config_file(&format!("state: {{ path: {state:?} }}"))).for_shard(shard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_of_another_division_shows_its_own_tenants_of_before_and_removes_none() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let vendors = Vendors::start(24).await;
    let before = collect(&config(&vendors, &state, shard(0, 2))).await;
    let (expected_before, narrower) = (tenants(&before), shard(0, 6));
    let kept: BTreeSet<_> = expected_before.iter().filter(|(source, id)| narrower.owns(source, id)).cloned().collect();
    assert!(!kept.is_empty() && kept.len() < expected_before.len());

    let alone = collect(&config(&vendors, &folder.path().join("other"), narrower)).await;

    // While no vendor answers, all that is shown comes from the file.
    vendors.dropsuite.inject(Fault::ServerError(500));
    vendors.datto.inject(Fault::ServerError(500));
    let elsewhere = config(&vendors, &state, narrower);
    let exporter = Exporter::start(&elsewhere).await;
    let scrape = exporter.until("the listings failed", |scrape| scrape.all("saasbackup_up", &[]).len() == 2).await;
    exporter.stop().await;
    assert_eq!(tenants(&scrape), kept);
    assert_eq!(scrape.sum("saasbackup_up", &[]), 0.0);
    assert_eq!(stage(&scrape, "excluded"), None, "how many are left out is not known");
    let observed = scrape.all("saasbackup_observed_timestamp_seconds", &[]);
    assert!(observed.len() > kept.len() && observed.iter().all(|(series, _)| series.label("part") != "listing"));
    for (series, at) in observed {
        let labels = ["source", "tenant_id", "part"].map(|name| (name, series.label(name)));
        assert_eq!(before.get(&series.name, &labels), Some(at), "{series} is as old as it was");
    }

    vendors.dropsuite.clear_faults();
    vendors.datto.clear_faults();
    // Once they answer, it is as if it had never been divided otherwise; the file is by now its own.
    let after = collect(&elsewhere).await;
    assert_eq!(tenants(&after), tenants(&alone));
    assert_eq!(stage(&after, "excluded"), stage(&alone, "excluded"));
    assert_eq!(after.sum("saasbackup_tenants_removed_total", &[]), 0.0);
}
