//! Discovers the demo's tenants with a real Prometheus.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::demo::{Exporter, TENANTS};
use crate::support::generation::with_both;
use crate::support::prometheus::Prometheus;
use crate::support::wait::eventually;

/// Names of the demo that break whatever does not quote them.
const HOSTILE_NAMES: [&str; 4] = [
    "quo\"ted \\ Söhne",
    "Line Break <script>alert(1)</script>",
    "Zoë's \"Best\" \\ Pâtisserie",
    "Tab and Newline <img src=x>",
];

#[tokio::test]
#[ignore = "needs prometheus"]
async fn prometheus_discovers_every_tenant_and_the_exporter_without_relabelling() {
    let exporter = Exporter::demo().await;
    let config = format!(
        "\
global: {{ scrape_interval: 5s }}
scrape_configs:
  - job_name: saasbackup
    http_sd_configs:
      - {{ url: \"http://{}/sd\", refresh_interval: 1s }}
",
        exporter.address
    );
    with_both(async |generation| {
        let prometheus = Prometheus::configured(&config, generation).await;
        discovers_everything(&exporter, &prometheus).await;
    })
    .await;
}

async fn discovers_everything(exporter: &Exporter, prometheus: &Prometheus) {
    let targets = eventually(async || all_targets(prometheus).await).await;
    let unique = |label: &str| -> BTreeSet<String> {
        let values = targets.iter().filter_map(|target| target["labels"][label].as_str());
        values.map(ToOwned::to_owned).collect()
    };
    assert_eq!(unique("instance").len(), targets.len(), "targets would write the same series");
    assert!(unique("instance").contains(&exporter.address), "the exporter itself is among them");
    let names: BTreeSet<&str> =
        targets.iter().filter_map(|target| target["discoveredLabels"]["__meta_saasbackup_tenant"].as_str()).collect();
    for name in HOSTILE_NAMES {
        assert!(names.contains(name), "{name:?} in {names:?}");
    }
    for target in &targets {
        let address = target["scrapeUrl"].as_str().unwrap();
        let labels = &target["discoveredLabels"];
        match labels["__param_tenant"].as_str() {
            Some(tenant) => assert!(
                address.contains(&format!("tenant={tenant}")) && address.contains("source="),
                "{address} of {labels}"
            ),
            None => assert!(address.ends_with("/metrics?collect=exporter%2Csource"), "{address} of {labels}"),
        }
    }
    eventually(async || every_target_is_up(prometheus).await).await;
    let log = prometheus.log().to_ascii_lowercase();
    let complaints: Vec<_> = log.lines().filter(|line| line.contains("level=error")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

async fn all_targets(prometheus: &Prometheus) -> Result<Vec<Value>, String> {
    let targets = prometheus.api("targets", &[("state", "any")]).await;
    let dropped = targets["droppedTargets"].as_array().unwrap();
    assert!(dropped.is_empty(), "{dropped:?}");
    let active = targets["activeTargets"].as_array().unwrap().clone();
    if active.len() == TENANTS + 1 {
        Ok(active)
    } else {
        Err(format!("{} targets: {}", active.len(), prometheus.log()))
    }
}

/// A misspelt filter would be rejected, and a wrong one would find no tenant.
async fn every_target_is_up(prometheus: &Prometheus) -> Result<(), String> {
    let targets = all_targets(prometheus).await?;
    let down: Vec<_> = targets
        .iter()
        .filter(|target| target["health"] != "up")
        .map(|target| format!("{}: {} {}", target["scrapeUrl"], target["health"], target["lastError"]))
        .collect();
    if down.is_empty() { Ok(()) } else { Err(down.join("\n")) }
}
