//! Combines the parts: their sum is the whole, and nothing is in two of them.

use std::collections::BTreeSet;

use super::bench::{Bench, PRESENT, SOURCES, Values, add, run};
use crate::support::exposition::{Series, differences};

const GROUPS: [&str; 7] = ["exporter", "source", "listing", "seats", "coverage", "lifecycle", "workloads"];

fn is_the_same(whole: &Values, parts: &Values) {
    assert!(whole.len() > 10_000, "{} series", whole.len());
    let differences = differences(whole, parts);
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences[..differences.len().min(20)].join("\n")
    );
}

/// The source and id of every tenant.
fn tenants(whole: &Values) -> BTreeSet<(String, String)> {
    let all = whole.keys().filter(|series| series.name != PRESENT);
    let all = all.map(|series| (series.label("source").to_owned(), series.label("tenant_id").to_owned()));
    all.filter(|(_, id)| !id.is_empty()).collect()
}

#[test]
fn the_scrapes_of_all_tenants_and_of_the_rest_are_the_full_scrape() {
    run(async {
        let bench = Bench::shared().await;
        let whole = bench.everything().await;
        let tenants = tenants(&whole);
        assert_eq!(tenants.len(), 150, "50 of Datto, and 50 of Dropsuite in two sources");

        // As one target for each tenant of each source.
        let rest = bench.scrape(&[("collect", "exporter,source")]).await;
        let missing = rest.all(PRESENT, &[]).into_iter().filter(|(_, value)| *value == 0.0).count();
        assert_eq!(missing, 1, "who is missing has no scrape, and stands in the rest");
        let mut parts = Values::new();
        add(&mut parts, &rest);
        for (source, id) in &tenants {
            let scrape = bench.scrape(&[("source", source), ("tenant", id)]).await;
            assert!(
                scrape.series().all(|(series, _)| series.label("tenant_id") == id && series.label("source") == source)
            );
            add(&mut parts, &scrape);
        }
        is_the_same(&whole, &parts);

        // As one target for each id, which may stand in several sources.
        let mut parts = Values::new();
        add(&mut parts, &rest);
        let ids: BTreeSet<_> = tenants.iter().map(|(_, id)| id).collect();
        for id in &ids {
            add(&mut parts, &bench.scrape(&[("tenant", id)]).await);
        }
        is_the_same(&whole, &parts);

        // As one scrape that names them all.
        let query: Vec<_> = ids.iter().map(|id| ("tenant", id.as_str())).collect();
        let mut parts = Values::new();
        add(&mut parts, &rest);
        add(&mut parts, &bench.scrape(&query).await);
        is_the_same(&whole, &parts);
    });
}

#[test]
fn the_scrapes_of_all_groups_or_of_all_sources_are_the_full_scrape() {
    run(async {
        let bench = Bench::shared().await;
        let whole = bench.everything().await;
        let mut parts = Values::new();
        for group in GROUPS {
            let scrape = bench.scrape(&[("collect[]", group)]).await;
            assert!(scrape.len() > 0, "{group}");
            add(&mut parts, &scrape);
        }
        is_the_same(&whole, &parts);

        let mut parts = Values::new();
        add(&mut parts, &bench.scrape(&[("collect[]", "exporter")]).await);
        for source in SOURCES {
            add(&mut parts, &bench.scrape(&[("source", source)]).await);
        }
        is_the_same(&whole, &parts);

        let query = GROUPS.map(|group| ("collect[]", group));
        let mut parts = Values::new();
        add(&mut parts, &bench.scrape(&query).await);
        is_the_same(&whole, &parts);
    });
}

#[test]
fn a_name_means_every_tenant_that_bears_it() {
    run(async {
        let bench = Bench::shared().await;
        let whole = bench.everything().await;
        let named = |name: &str| -> Values {
            let is_named = |(series, _): &(&Series, &f64)| series.label("tenant") == name && series.name != PRESENT;
            whole.iter().filter(is_named).map(|(series, value)| (series.clone(), *value)).collect()
        };
        let names: BTreeSet<_> = whole
            .keys()
            .filter(|series| series.name != PRESENT)
            .map(|series| series.label("tenant"))
            .filter(|name| !name.is_empty())
            .collect();
        assert!(
            names.iter().any(|name| name.contains('"')) && names.iter().any(|name| name.contains('\\')),
            "{names:?}"
        );
        let mut twins = 0;
        for name in names {
            let mut found = Values::new();
            add(&mut found, &bench.scrape(&[("tenant", name)]).await);
            let differences = differences(&named(name), &found);
            assert!(differences.is_empty(), "{name:?}: {differences:?}");
            let of_one_source = tenants(&found).into_iter().filter(|(source, _)| source == SOURCES[0]);
            twins += usize::from(of_one_source.count() > 1);
        }
        assert!(twins > 0, "two tenants of one source share a name");
    });
}

#[test]
fn a_groups_values_come_with_the_time_of_their_observation() {
    run(async {
        let bench = Bench::shared().await;
        let scrape = bench.scrape(&[("collect[]", "seats"), ("source", SOURCES[0])]).await;
        assert!(!scrape.all("saasbackup_seats_used", &[]).is_empty());
        for family in ["saasbackup_observed_timestamp_seconds", "saasbackup_collection_success"] {
            let all = scrape.all(family, &[]);
            assert!(!all.is_empty() && all.iter().all(|(series, _)| series.label("part") == "seats"), "{all:?}");
        }
        assert!(scrape.all("saasbackup_workload_state", &[]).is_empty() && scrape.all("saasbackup_up", &[]).is_empty());
    });
}

#[test]
fn the_exporter_of_one_source_counts_the_requests_of_that_source() {
    run(async {
        let bench = Bench::shared().await;
        for source in SOURCES {
            let scrape = bench.scrape(&[("collect[]", "exporter"), ("source", source)]).await;
            assert!(scrape.sum("saasbackup_exporter_api_requests_total", &[("source", source)]) > 0.0, "{source}");
            assert!(scrape.series().all(|(series, _)| ["", source].contains(&series.label("source"))), "{source}");
            assert_eq!(scrape.all("saasbackup_exporter_build_info", &[]).len(), 1);
        }
    });
}
