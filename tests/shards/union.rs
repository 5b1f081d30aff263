//! Compares all shards together with a single exporter: nothing is missing or duplicated.

use std::collections::BTreeMap;

use saasbackup_simulator::faults::Fault;

use super::*;
use crate::support::exposition::{Exposition, Series, differences};
use crate::support::http;

const SHARDS: u16 = 3;

/// All that is said of tenants, but for when it was observed.
fn said(scrape: &Exposition) -> BTreeMap<Series, f64> {
    let of_tenants = scrape.series().filter(|(series, _)| series.labels.contains_key("tenant_id"));
    of_tenants.filter(|(series, _)| series.name != "saasbackup_observed_timestamp_seconds").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_shards_together_say_what_one_exporter_says_and_nothing_twice() {
    let vendors = Vendors::start(24).await;
    let alone = Exporter::start(&vendors.config()).await;
    let whole = collected(&alone).await;
    alone.stop().await;
    assert_eq!(whole.value("saasbackup_exporter_shard_info", &[("shard", "0"), ("total_shards", "1")]), 1.0);

    let mut together = BTreeMap::new();
    let mut counts: BTreeMap<(String, String), f64> = BTreeMap::new();
    for index in 0..SHARDS {
        let exporter = Exporter::start(&vendors.config().for_shard(shard(index, SHARDS))).await;
        let scrape = collected(&exporter).await;
        exporter.stop().await;
        assert!(!tenants(&scrape).is_empty(), "shard {index} has its share");
        for (series, value) in said(&scrape) {
            let twin = together.insert(series.clone(), value);
            assert_eq!(twin, None, "{series} of shard {index} stands in another one too");
        }
        for (series, value) in scrape.all(TENANTS, &[]) {
            let key = (series.label("source").to_owned(), series.label("state").to_owned());
            *counts.entry(key).or_default() += value;
        }
        let labels = [("shard", &*index.to_string()), ("total_shards", "3")];
        assert_eq!(scrape.value("saasbackup_exporter_shard_info", &labels), 1.0);
    }
    let differences = differences(&said(&whole), &together);
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences[..20.min(differences.len())].join("\n")
    );
    for ((source, state), sum) in counts {
        assert_eq!(at_stage(&whole, &source, &state), Some(sum), "{source} {state}");
    }
    for source in SOURCES {
        assert!(at_stage(&whole, source, "excluded") > Some(0.0), "some of {source} are left out");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_without_tenants_lists_and_is_healthy_until_it_cannot() {
    let vendors = Vendors::start(2).await;
    let ids: Vec<_> = vendors.dropsuite.organizations().into_iter().map(|organization| organization.login_id).collect();
    let customers: Vec<_> = vendors.datto.customers().into_iter().map(|customer| customer.id.to_string()).collect();
    let is_idle = |shard: &Shard| {
        !ids.iter().any(|id| shard.owns("dropsuite", id)) && !customers.iter().any(|id| shard.owns("datto", id))
    };
    let idle = (0..16).map(|index| shard(index, 16)).find(is_idle).expect("four tenants leave twelve shards idle");
    let mut config = vendors.config().for_shard(idle);
    config.sources.iter_mut().for_each(|source| source.collection.interval = std::time::Duration::from_secs(1));
    let exporter = Exporter::start(&config).await;
    let scrape = listed(&exporter).await;
    assert!(tenants(&scrape).is_empty());
    for source in SOURCES {
        assert_eq!(scrape.value("saasbackup_up", &[("source", source)]), 1.0);
        for state in ["pending", "collected", "failing", "excluded"] {
            assert_eq!(at_stage(&scrape, source, state), Some(0.0), "{source} {state}");
        }
    }
    assert_eq!(exporter.get("/-/ready").await.0, 200);

    vendors.dropsuite.inject(Fault::ServerError(500));
    exporter
        .until("the listing fails", |scrape| scrape.get("saasbackup_up", &[("source", "dropsuite")]) == Some(0.0))
        .await;
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_sends_its_part_of_the_request_rate() {
    let vendors = Vendors::start(4).await;
    let exporter = Exporter::start(&vendors.config().for_shard(shard(1, 4))).await;
    listed(&exporter).await;
    let http = http::client();
    let request = http.get(format!("http://{}/status", exporter.address())).header("accept", "application/json");
    let status: serde_json::Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    let rates: Vec<_> =
        status["sources"].as_array().unwrap().iter().map(|source| &source["requests_per_second"]).collect();
    assert_eq!(rates, [250.0, 250.0], "of a thousand for all four");
    assert_eq!(status["shard"], serde_json::json!({ "index": 1, "total": 4 }));
    exporter.stop().await;
}
