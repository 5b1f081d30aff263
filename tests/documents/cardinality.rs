//! Counts the series of the demo, and compares with the numbers for planning.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::markdown::page;
use crate::support::demo::{Exporter, Wish};
use crate::support::exposition::{Exposition, Series};
use crate::support::wait::eventually;

/// What a series of a tenant is about, in the order of the page's columns.
const COLUMNS: [(&str, &str); 4] =
    [("", "tenant_id"), ("part", "part"), ("workload", "workload"), ("domain", "domain")];

/// The numbers of a row, by provider.
fn rows(text: &str) -> BTreeMap<String, [usize; COLUMNS.len()]> {
    let row = Regex::new(r"(?m)^\| (Dropsuite|Datto) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$").unwrap();
    let number = |found: &regex::Captures<'_>, column: usize| found[column + 2].parse().unwrap();
    let rows = row.captures_iter(text);
    rows.map(|found| (found[1].to_lowercase(), std::array::from_fn(|column| number(&found, column)))).collect()
}

/// Which column the series counts in.
fn column(series: &Series) -> usize {
    COLUMNS.iter().rposition(|(label, _)| !label.is_empty() && !series.label(label).is_empty()).unwrap_or(0)
}

/// The most series that one thing of a tenant has, by provider and column.
fn most(scrape: &Exposition) -> BTreeMap<String, [usize; COLUMNS.len()]> {
    let mut counts: BTreeMap<(String, usize, String, String), usize> = BTreeMap::new();
    for (series, _) in scrape.series().filter(|(series, _)| !series.label("tenant_id").is_empty()) {
        let column = column(&series);
        let thing = if column == 0 { "" } else { series.label(COLUMNS[column].1) };
        let key = (series.label("provider"), column, series.label("tenant_id"), thing);
        *counts.entry((key.0.to_owned(), key.1, key.2.to_owned(), key.3.to_owned())).or_default() += 1;
    }
    let mut most: BTreeMap<String, [usize; COLUMNS.len()]> = BTreeMap::new();
    for ((provider, column, ..), count) in counts {
        let entry = &mut most.entry(provider).or_default()[column];
        *entry = count.max(*entry);
    }
    most
}

fn series_of(scrape: &Exposition, provider: &str) -> usize {
    scrape.series().filter(|(series, _)| series.label("provider") == provider && !is_of_a_tenant(series)).count()
}

fn is_of_a_tenant(series: &Series) -> bool {
    !series.label("tenant_id").is_empty()
}

/// The mean over the tenants of a provider, rounded.
fn mean(scrape: &Exposition, provider: &str) -> usize {
    let is_meant = |series: &Series| series.label("provider") == provider && is_of_a_tenant(series);
    let series: Vec<_> = scrape.series().map(|(series, _)| series).filter(is_meant).collect();
    let ids: BTreeSet<_> = series.iter().map(|series| series.label("tenant_id")).collect();
    (series.len() + ids.len() / 2) / ids.len()
}

/// What the page would have to say of this scrape, as far as it does not.
fn differences(text: &str, scrape: &Exposition) -> Vec<String> {
    let flowing = text.replace('\n', " ");
    let [dropsuite, datto, process] = ["dropsuite", "datto", ""].map(|provider| series_of(scrape, provider));
    let sentences = [
        format!("{dropsuite} series for each Dropsuite source and {datto} for each Datto source"),
        format!("and {process} for the process"),
        format!("the mean is {} and {}", mean(scrape, "dropsuite"), mean(scrape, "datto")),
    ];
    let mut missing: Vec<_> = sentences.into_iter().filter(|sentence| !flowing.contains(sentence)).collect();
    if rows(text) != most(scrape) {
        missing.push(format!("{:?}, it says {:?}", most(scrape), rows(text)));
    }
    missing
}

#[tokio::test]
async fn the_numbers_for_planning_are_those_of_the_demo() {
    let text = page("docs/CARDINALITY.md").text;
    let exporter = Exporter::demo().await;
    // Every tenant was asked for something by now, and for everything soon.
    let (body, scrape) = eventually(async || {
        let body = exporter.get(Wish::TEXT).await;
        let scrape = Exposition::parse(body.text());
        let missing = differences(&text, &scrape);
        if missing.is_empty() { Ok((body, scrape)) } else { Err(format!("the page does not say: {missing:?}")) }
    })
    .await;
    let bytes = body.body.len() / scrape.len();
    let told: usize = Regex::new(r"about (\d+) bytes").unwrap().captures(&text).unwrap()[1].parse().unwrap();
    assert!(told.abs_diff(bytes) <= 5, "{bytes} bytes a series, and the page says {told}");
    let packed = exporter.get(Wish::TEXT.encoded("gzip")).await.body.len();
    assert!(packed * 10 < body.body.len(), "{packed} of {} bytes", body.body.len());
}
