//! Compares the table of seats with the metrics, and loads it as the list of expected tenants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use saasbackup_exporter::commands::demo::Demo;
use saasbackup_exporter::config::Config;
use saasbackup_simulator::datto::Shape;
use saasbackup_simulator::faults::{Fault, Injection};

use super::*;
use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;
use crate::support::wait::eventually;

/// Few, but with named customers of both vendors.
const FLEET: usize = 40;

/// A table by its titles.
type Lines = Vec<BTreeMap<String, String>>;

fn lines(table: &str) -> Lines {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let lines = reader.deserialize().map(|line| line.unwrap()).collect();
    assert!(table.ends_with("\r\n") && table.matches('\n').count() == table.matches("\r\n").count(), "RFC 4180");
    lines
}

async fn collected(exporter: &Exporter) -> Exposition {
    exporter
        .until("every tenant was collected", |scrape| {
            let pending = scrape.all("saasbackup_exporter_tenants", &[("state", "pending")]);
            pending.len() == 2 && pending.iter().all(|(_, value)| *value == 0.0)
        })
        .await
}

/// A table and a scrape of the same states: nothing changed between them.
async fn settled(exporter: &Exporter) -> (String, Exposition) {
    eventually(async || {
        let (before, scrape, after) =
            (exporter.get("/seats.csv").await, exporter.scrape().await, exporter.get("/seats.csv").await);
        assert_eq!(before.0, 200, "{}", before.1);
        if before == after { Ok((before.1, scrape)) } else { Err("the demo never rests".to_owned()) }
    })
    .await
}

/// The counts of a scrape as a table would have them: by tenant and title, summed over the domains.
fn counts(scrape: &Exposition, titles: &BTreeSet<String>) -> BTreeMap<(String, String), f64> {
    let of_tenants = scrape.series().filter(|(series, _)| series.labels.contains_key("tenant_id"));
    let titled = of_tenants.map(|(series, value)| {
        let words = ["seat_type", "state", "billing"].map(|label| series.label(label));
        let name = series.name.trim_start_matches("saasbackup_");
        let title: Vec<_> = [name].into_iter().chain(words).filter(|word| !word.is_empty()).collect();
        ((series.label("tenant_id").to_owned(), title.join("_")), value)
    });
    let mut sums = BTreeMap::new();
    for (key, value) in titled.filter(|((_, title), _)| titles.contains(title)) {
        *sums.entry(key).or_default() += value;
    }
    sums
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_tells_what_the_metrics_tell_and_fits_itself() {
    let demo = Demo::start(FLEET, 7, Shape::Live).await.unwrap();
    let config = || Config::parse(&demo.config_file(), &|_| None, Path::new("")).unwrap();
    let exporter = Exporter::start(&config()).await;
    collected(&exporter).await;
    let (table, scrape) = settled(&exporter).await;
    let rows = lines(&table);
    assert_eq!(rows.len(), FLEET);
    let own = ["tenant_id", "tenant", "source", "provider", "workloads", "seats"];
    let titles: BTreeSet<_> = rows[0].keys().filter(|title| !own.contains(&title.as_str())).cloned().collect();
    let told = counts(&scrape, &titles);
    let cells = rows.iter().flat_map(|row| row.iter().map(|(title, cell)| (row["tenant_id"].clone(), title, cell)));
    let cells = cells.filter(|(_, title, cell)| titles.contains(*title) && !cell.is_empty());
    let found: BTreeMap<_, f64> =
        cells.filter_map(|(id, title, cell)| Some(((id, title.clone()), cell.parse().ok()?))).collect();
    // A tenant without domains has none in any state, and no series of one.
    let has_none = |title: &str, value: f64| title.starts_with("domain_") && value == 0.0;
    let compared: BTreeMap<_, _> =
        found.clone().into_iter().filter(|(key, value)| told.contains_key(key) || !has_none(&key.1, *value)).collect();
    assert_eq!(compared, told, "as many counts, and the same");
    assert!(found.iter().any(|((_, title), value)| title == "domain_users" && *value > 0.0), "{found:?}");
    assert!(found.len() > FLEET * 5, "{found:?}");
    for row in &rows {
        let is_time = |title: &str| row[title].parse::<jiff::Timestamp>().is_ok();
        assert!(is_time("listing_observed_at"), "{row:?}");
        for title in ["seats_observed_at", "coverage_observed_at"] {
            assert!(row[title].is_empty() || is_time(title), "{row:?}");
        }
        assert!(
            row["accounts_protected"].is_empty() || is_time("seats_observed_at") || is_time("coverage_observed_at")
        );
        assert_eq!(row["seats"], row["seats_used"]);
    }
    exporter.stop().await;

    let again = Exporter::start(&config().with_expected(&table, &[]).unwrap()).await;
    let scrape = collected(&again).await;
    assert_eq!(scrape.sum(TENANTS, &[("state", "present")]), FLEET as f64);
    assert_eq!(scrape.sum(TENANTS, &[]), FLEET as f64, "nobody is missing, ambiguous or unknown");
    let expected = scrape.all(EXPECTED, &[]);
    assert!(expected.len() == FLEET && expected.iter().all(|(_, value)| *value == 1.0), "{expected:?}");
    let protected = scrape.all(PROTECTED, &[]);
    assert!(protected.len() > FLEET && protected.iter().all(|(_, value)| *value == 1.0), "{protected:?}");
    for (series, seats) in scrape.all("saasbackup_expected_seats", &[]) {
        assert_eq!(scrape.value("saasbackup_seats_used", &[("tenant_id", series.label("tenant_id"))]), seats);
    }
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_never_that_of_fewer_tenants_by_mistake() {
    let vendor = Vendor::start(4).await;
    vendor.server.inject(Injection::new(Fault::Unauthorized).on("/users"));
    let sold = Sold::new(&line("1-1", "", "", "3"));
    let mut config = parse(&sold.config_file(&vendor.server, "    series_limit: 1\n"));
    config.sources[0].collection.interval = std::time::Duration::from_millis(200);
    let exporter = Exporter::start(&config).await;
    exporter.until("the listing failed", |scrape| scrape.get("saasbackup_up", &[]) == Some(0.0)).await;
    let (status, told) = exporter.get("/seats.csv").await;
    assert_eq!(status, 503, "{told}");
    assert!(told.contains("the tenants of source \"dropsuite-test\" are unknown so far"), "{told}");

    vendor.server.clear_faults();
    exporter.until("the tenants are listed", |scrape| scrape.get("saasbackup_up", &[]) == Some(1.0)).await;
    let first = vendor.server.organizations()[0].login_id.clone();
    for (query, status, tenants) in [
        // A limit of series is none of tenants.
        ("", 200, 4),
        ("?source=dropsuite-test", 200, 4),
        (&format!("?tenant={first}"), 200, 1),
        ("?tenant=9-9", 404, 0),
        ("?source=elsewhere", 404, 0),
        ("?collect=seats", 400, 0),
    ] {
        let (found, text) = exporter.get(&format!("/seats.csv{query}")).await;
        assert_eq!(found, status, "{query}: {text}");
        assert_eq!(if found == 200 { lines(&text).len() } else { 0 }, tenants, "{query}: {text}");
    }
    exporter.stop().await;
}
