//! Checks what a real Prometheus stores of the demo, scraped in either format.

use std::collections::BTreeMap;

use super::documentation;
use crate::support::demo::{Exporter, TENANTS, Wish};
use crate::support::generation::with_both;
use crate::support::prometheus::{JOBS, Prometheus};
use crate::support::wait::eventually;

/// A tenant of the demo whose name needs every kind of escaping.
const HOSTILE_NAME: &str = r#"quo"ted \ Söhne"#;

#[tokio::test]
#[ignore = "needs prometheus"]
async fn prometheus_keeps_every_sample_and_shows_every_tenant_and_the_help() {
    let exporter = Exporter::demo().await;
    with_both(async |generation| {
        let prometheus = Prometheus::scraping(&exporter, generation).await;
        keeps_every_sample_without_a_complaint(&exporter, &prometheus).await;
        selects_every_tenant_and_each_workload_in_one_state(&prometheus).await;
        shows_the_help_of_the_reference(&prometheus).await;
    })
    .await;
}

async fn keeps_every_sample_without_a_complaint(exporter: &Exporter, prometheus: &Prometheus) {
    // A collection may end between the scrape and the question, and a busy machine may miss a scrape.
    eventually(async || is_healthy(prometheus).await).await;
    for job in JOBS {
        eventually(async || keeps_every_sample(exporter, prometheus, job).await).await;
    }
    let log = prometheus.log().to_ascii_lowercase();
    assert!(log.contains("level=info"), "not the log that is meant:\n{log}");
    let complaints: Vec<_> =
        log.lines().filter(|line| line.contains("level=warn") || line.contains("level=error")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

async fn selects_every_tenant_and_each_workload_in_one_state(prometheus: &Prometheus) {
    for job in JOBS {
        let state = format!("saasbackup_workload_state{{job=\"{job}\"}}");
        let tenants = prometheus.value(&format!("count(count by (source, tenant_id) ({state}))")).await;
        assert!(same(tenants, as_value(TENANTS)), "{tenants} tenants");
        let workloads = prometheus.query(&format!("sum by (source, tenant_id, workload) ({state})")).await;
        assert!(workloads.len() > TENANTS, "{} workloads", workloads.len());
        for (workload, states) in workloads {
            assert!(same(states, 1.0), "{workload} is in {states} states");
        }
        let sources = prometheus.query(&format!("saasbackup_up{{job=\"{job}\"}}")).await;
        assert!(!sources.is_empty());
        assert!(sources.iter().all(|(_, up)| same(*up, 1.0)), "{sources:?}");
        let escaped = HOSTILE_NAME.replace('\\', "\\\\").replace('"', "\\\"");
        let hostile = format!("saasbackup_workload_state{{job=\"{job}\", tenant=\"{escaped}\"}}");
        let found = prometheus.query(&format!("count by (tenant) ({hostile})")).await;
        assert_eq!(found.len(), 1, "{hostile}: {found:?}");
        assert_eq!(found[0].0["tenant"], HOSTILE_NAME);
    }
}

async fn shows_the_help_of_the_reference(prometheus: &Prometheus) {
    for (job, is_open_metrics) in JOBS.into_iter().zip([true, false]) {
        let selector = format!("{{job=\"{job}\"}}");
        let metadata = prometheus.api("targets/metadata", &[("match_target", &selector)]).await;
        let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
        let shown: BTreeMap<_, _> = metadata
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (word(one, "metric"), [word(one, "type"), word(one, "unit"), word(one, "help")]))
            .collect();
        let documented: BTreeMap<_, _> = documentation::entries()
            .iter()
            .map(|entry| {
                let (name, kind, unit) = if is_open_metrics {
                    // The family is named without the suffix of its samples.
                    let name = match entry.kind {
                        "counter" => entry.name.strip_suffix("_total").unwrap(),
                        "info" => entry.name.strip_suffix("_info").unwrap(),
                        _ => entry.name,
                    };
                    (name, entry.kind, entry.unit)
                } else {
                    // The text format knows neither units nor the type of facts.
                    (entry.name, if entry.kind == "info" { "gauge" } else { entry.kind }, "")
                };
                (name.to_owned(), [kind, unit, entry.help].map(str::to_owned))
            })
            .collect();
        assert_eq!(shown, documented, "{job}");
    }
}

async fn is_healthy(prometheus: &Prometheus) -> Result<(), String> {
    let targets = prometheus.api("targets", &[]).await;
    let active = targets["activeTargets"].as_array().unwrap();
    let healthy = active.iter().filter(|target| target["health"] == "up" && target["lastError"] == "").count();
    if (active.len(), healthy) == (JOBS.len(), JOBS.len()) { Ok(()) } else { Err(targets.to_string()) }
}

async fn keeps_every_sample(exporter: &Exporter, prometheus: &Prometheus, job: &str) -> Result<(), String> {
    let answer = exporter.get(Wish::TEXT).await;
    let lines = answer.text().lines().filter(|line| !line.starts_with('#')).count();
    let scraped = prometheus.value(&format!("scrape_samples_scraped{{job=\"{job}\"}}")).await;
    // A sample that comes twice is scraped twice and kept once.
    let kept = prometheus.value(&format!("count({{job=\"{job}\", __name__!~\"up|scrape_.+\"}})")).await;
    let expected = as_value(lines);
    if same(scraped, expected) && same(kept, expected) {
        Ok(())
    } else {
        Err(format!("{job}: {lines} samples, of which {scraped} were scraped and {kept} kept"))
    }
}

/// A count as Prometheus holds it.
fn as_value(count: usize) -> f64 {
    u32::try_from(count).unwrap().into()
}

/// Whether two counts are equal; they are whole and small, so that nothing is lost.
fn same(left: f64, right: f64) -> bool {
    left.to_bits() == right.to_bits()
}
