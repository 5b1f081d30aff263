//! Runs every query of every panel on a real Prometheus, which scrapes the demo and a replica of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::generated::{documents, panels, queried_variables, targets, text};
use super::substitution::{Values, escaped, of_range, substituted};
use crate::support::demo::Exporter;
use crate::support::generation::with_both;
use crate::support::prometheus::Prometheus;
use crate::support::wait::eventually;

/// A tenant of the demo whose name needs every kind of escaping.
const HOSTILE_NAME: &str = r#"quo"ted \ Söhne"#;
/// How far back is asked, in seconds.
const RANGE: u32 = 300;

/// Panels whose queries may bring nothing, with the reason; a column is named behind its panel.
const MAY_BE_EMPTY: &[(&str, &str)] = &[("saasbackup-seats [Seats per tenant] Change", "the demo has no history yet")];
/// The same where a single tenant is chosen, a customer of Dropsuite.
const MAY_BE_EMPTY_AT_DROPSUITE: &[(&str, &str)] = &[
    ("[Billed seats]", "only Datto reports it"),
    ("[Billed]", "only Datto reports it"),
    ("[Billed seats, by source]", "only Datto reports it"),
    ("[Datto seats by type]", "only Datto reports it"),
    ("[Paused]", "Dropsuite has no word for it"),
    ("[Paused seats]", "Dropsuite has no word for it"),
    ("[Archived]", "Dropsuite has no word for it"),
    ("[Seats per tenant]", "some columns are of one vendor alone"),
    ("[Unhealthy workloads]", "this tenant is healthy"),
    ("[Shared mailboxes]", "this tenant has none"),
    ("[Restore tests by workload] Last failed test", "no test of this tenant has failed"),
];

/// What is chosen in the variables of a dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Everything,
    HostileTenant,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn every_query_brings_what_its_panel_shows_and_a_replica_doubles_nothing() {
    let exporter = Exporter::demo().await;
    with_both(async |generation| {
        let prometheus = Prometheus::scraping(&exporter, generation).await;
        every_query_brings_what_its_panel_shows(&prometheus).await;
        a_replica_doubles_nothing_and_every_workload_is_counted_once(&prometheus).await;
    })
    .await;
}

async fn every_query_brings_what_its_panel_shows(prometheus: &Prometheus) {
    for choice in [Choice::Everything, Choice::HostileTenant] {
        // A rate needs several scrapes; what was answered once is not asked again.
        let mut answered = BTreeSet::new();
        eventually(async || {
            let mut empty = Vec::new();
            for document in documents() {
                empty.extend(without_answer(prometheus, &document, choice, &mut answered).await);
            }
            if empty.is_empty() { Ok(()) } else { Err(format!("{choice:?}: nothing for\n{}", empty.join("\n"))) }
        })
        .await;
    }
}

async fn a_replica_doubles_nothing_and_every_workload_is_counted_once(prometheus: &Prometheus) {
    let overview = &documents()[0];
    let values = chosen(prometheus, overview, Choice::Everything).await;
    let ask = async |title: &str| {
        let panel = panels(overview).find(|panel| panel["title"] == title).unwrap();
        let query = substituted(text(&targets(panel).next().unwrap()["expr"]), &values);
        prometheus.query(&query).await.into_iter().map(|(_, value)| value).sum::<f64>()
    };
    // Half of the fleet is collected again every minute, and each job sees that at its own time.
    eventually(async || {
        let of_one_job = async |states: &str| {
            let query = format!("sum(saasbackup_workload_state{{job=\"saasbackup\",state=~\"{states}\"}})");
            prometheus.value(&query).await
        };
        let mut differences = Vec::new();
        for (title, states) in
            [("Failing", "failing"), ("Never", "never"), ("Late", "late"), ("Unknown", "unknown"), ("Healthy", "ok")]
        {
            let (shown, told) = (ask(title).await, of_one_job(states).await);
            if shown != told || told == 0.0 {
                differences.push(format!("{title} is {shown}, and one replica has {told}"));
            }
        }
        if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
    })
    .await;
}

/// The queries to which there is no answer, though there should be one.
async fn without_answer(
    prometheus: &Prometheus,
    document: &Value,
    choice: Choice,
    answered: &mut BTreeSet<String>,
) -> Vec<String> {
    let values = chosen(prometheus, document, choice).await;
    let mut empty = Vec::new();
    for panel in panels(document) {
        for target in targets(panel) {
            // A subquery looks at full hours, and the demo is younger.
            let query = substituted(text(&target["expr"]), &values).replace(":1h]", ":5s]");
            if answered.contains(&query) {
                continue;
            }
            // One that may bring nothing is asked all the same: Prometheus must not refuse it.
            let found = answers(prometheus, &query, target["instant"] == true).await;
            if found > 0 || may_be_empty(document, panel, target, choice) {
                answered.insert(query);
            } else {
                empty.push(format!("{} [{}]: {query}", text(&document["uid"]), text(&panel["title"])));
            }
        }
    }
    empty
}

/// How many series a query brings; one that Prometheus refuses fails the test.
async fn answers(prometheus: &Prometheus, query: &str, is_instant: bool) -> usize {
    let data = if is_instant {
        prometheus.api("query", &[("query", query)]).await
    } else {
        let now = prometheus.value("vector(time())").await;
        let (start, end) = ((now - f64::from(RANGE)).to_string(), now.to_string());
        prometheus.api("query_range", &[("query", query), ("start", &start), ("end", &end), ("step", "15")]).await
    };
    data["result"].as_array().unwrap().len()
}

/// What Grafana would put in the place of the variables.
async fn chosen(prometheus: &Prometheus, document: &Value, choice: Choice) -> Values {
    let mut values = of_range(RANGE);
    for (name, query) in queried_variables(document) {
        let (series, label) =
            query.strip_prefix("label_values(").unwrap().strip_suffix(')').unwrap().rsplit_once(", ").unwrap();
        let series = substituted(series, &values);
        let found = prometheus.api(&format!("label/{label}/values"), &[("match[]", &series)]).await;
        let found: Vec<_> = found.as_array().unwrap().iter().map(text).collect();
        assert!(!found.is_empty(), "{query}: nothing to choose from");
        let value = match (name, choice) {
            ("tenant", Choice::HostileTenant) => {
                assert!(found.contains(&HOSTILE_NAME), "{found:?}");
                escaped(HOSTILE_NAME)
            }
            // A customer of Dropsuite, of which most is known.
            ("tenant_id", _) => escaped(found.iter().find(|id| id.contains('-')).unwrap()),
            _ => ".+".to_owned(),
        };
        values.insert(name.to_owned(), value);
    }
    values
}

fn may_be_empty(document: &Value, panel: &Value, target: &Value, choice: Choice) -> bool {
    let titles = &panel["transformations"][1]["options"]["renameByName"];
    let column = titles[format!("Value #{}", text(&target["refId"]))].as_str().unwrap_or_default();
    let place = format!("{} [{}] {column}", text(&document["uid"]), text(&panel["title"]));
    let is_listed = |list: &[(&str, &str)]| list.iter().any(|(listed, _)| place.contains(listed));
    let is_of_one_tenant = document["uid"] == "saasbackup-tenant" || choice == Choice::HostileTenant;
    is_listed(MAY_BE_EMPTY) || is_of_one_tenant && is_listed(MAY_BE_EMPTY_AT_DROPSUITE)
}
