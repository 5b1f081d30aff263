//! Divides the tenants among three exporters: each expected tenant is reported by exactly one.

use std::collections::BTreeMap;

use saasbackup_exporter::domain::shard::Shard;
use saasbackup_simulator::dropsuite::fleet::Quirk;

use super::*;
use crate::support::exporter::Exporter;
use crate::support::exporter::parse;
use crate::support::exposition::{Exposition, Series, differences};
use crate::support::vendor::Vendor;

/// The series about expected tenants.
fn said(scrape: &Exposition) -> BTreeMap<Series, f64> {
    let is_meant = |series: &Series| {
        let name = series.name.as_str();
        name.contains("_expected") && name != TENANTS && !name.starts_with("saasbackup_exporter_")
    };
    scrape.series().filter(|(series, _)| is_meant(series)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_shards_together_say_what_one_exporter_says_and_nothing_twice() {
    let vendor = Vendor::start(24).await;
    let unsold = vendor.id(Quirk::LateMailboxes);
    let lines: String = vendor
        .server
        .organizations()
        .iter()
        .filter(|organization| organization.login_id != unsold && organization.quirk != Quirk::TwinName)
        .enumerate()
        .map(|(number, organization)| match (number % 3, organization.name.contains(['"', '\n'])) {
            (0, false) => line("", &format!("\"{}\"", organization.name.replace(" [e9fd]", "")), "mail", "9"),
            _ => line(&organization.login_id, "", "mail onedrive", "7"),
        })
        .collect();
    let twin = line("", "Lighthouse Charity", "mail", "");
    let gone: String = (0..9).map(|number| line(&format!("9-{number}"), "", "mail", "")).collect();
    let sold = Sold::new(&(lines + &twin + &gone + &line("", "No such tenant", "mail", "")));
    let config = || parse(&sold.config_file(&vendor.server, ""));

    let mut together: BTreeMap<Series, f64> = BTreeMap::new();
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    let mut whole = None;
    for shard in [Shard::WHOLE].into_iter().chain((0..3).map(|index| Shard::new(index, 3).unwrap())) {
        let exporter = Exporter::start(&config().for_shard(shard)).await;
        let is_known = |scrape: &Exposition| {
            let pending = scrape.get("saasbackup_exporter_tenants", &[("state", "pending")]);
            pending == Some(0.0) && scrape.get("saasbackup_listing_complete", &[]) == Some(1.0)
        };
        let scrape = exporter.until("all tenants were collected once", is_known).await;
        exporter.stop().await;
        if shard.is_whole() {
            whole = Some(scrape);
            continue;
        }
        for (series, value) in said(&scrape) {
            let twin = together.insert(series.clone(), value);
            assert_eq!(twin, None, "{series} of shard {shard} stands in another one too");
        }
        for (series, value) in scrape.all(TENANTS, &[]) {
            *counts.entry(series.label("state").to_owned()).or_default() += value;
        }
    }
    let whole = whole.unwrap();
    let differences = differences(&said(&whole), &together);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(whole.sum(PRESENT, &[]) as usize + 10, whole.all(PRESENT, &[]).len(), "ten are missing");
    for (state, sum) in counts {
        assert_eq!(whole.value(TENANTS, &[("state", &state)]), sum, "{state}");
    }
    assert_eq!(whole.value(TENANTS, &[("state", "ambiguous")]), 1.0);
}
