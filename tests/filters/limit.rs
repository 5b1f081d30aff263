//! Limits a source's series, and hides families.

use std::collections::BTreeSet;

use super::bench::{Bench, PRESENT, SOURCES, run};
use crate::support::exposition::Exposition;

/// The series of the tenants of a source, and the ids of those who have any.
fn of_tenants(scrape: &Exposition, source: &str) -> (usize, BTreeSet<String>) {
    let all = scrape.series().map(|(series, _)| series);
    let of_tenants: Vec<_> =
        all.filter(|series| series.label("source") == source && series.labels.contains_key("tenant_id")).collect();
    let shown = of_tenants.iter().filter(|series| series.name != PRESENT);
    (of_tenants.len(), shown.map(|series| series.label("tenant_id").to_owned()).collect())
}

#[test]
fn tenants_past_the_limit_are_dropped_in_the_order_of_their_ids_and_not_asked_about() {
    run(async {
        let bench = Bench::start(30, None, "").await;
        let (_, all) = of_tenants(&bench.exporter.scrape().await, SOURCES[0]);
        for limit in [1, 4_000] {
            let limited = Bench::start(30, Some(limit), "").await;
            let scrape = limited.exporter.scrape().await;
            for source in SOURCES {
                let (series, shown) = of_tenants(&scrape, source);
                let refused = scrape.value("saasbackup_tenants_dropped", &[("source", source)]);
                assert!(series as u64 <= limit, "{source}: {series} series of {limit}");
                assert_eq!(shown.len() + refused as usize, 15, "{source}");
                let left_out = [("source", source), ("state", "excluded")];
                let left_out = scrape.value("saasbackup_exporter_tenants", &left_out);
                assert!(left_out <= refused && (limit > 1 || left_out == 15.0), "{source}: {left_out} of {refused}");
            }
            let (_, shown) = of_tenants(&scrape, SOURCES[0]);
            assert!(all.iter().take(shown.len()).eq(&shown), "{shown:?}");
            let asked: BTreeSet<_> = all.iter().filter(|id| limited.has_asked(id)).cloned().collect();
            assert!(
                shown.is_subset(&asked) && asked.len() < all.len(),
                "{shown:?} are shown, {asked:?} were asked for"
            );
            assert!(limit > 1 || asked.is_empty(), "nothing is asked about those that are dropped: {asked:?}");
            let refused = all.iter().nth(shown.len()).unwrap();
            let (status, text) = limited.ask(&[("tenant", refused), ("source", SOURCES[0])]).await;
            assert_eq!(status, 503, "{text}");
            assert!(text.contains("is dropped: the source's series_limit would be exceeded"), "{text}");
            for id in shown.iter().take(1) {
                assert_eq!(limited.ask(&[("tenant", id), ("source", SOURCES[0])]).await.0, 200);
            }
        }
    });
}

#[test]
fn families_that_are_denied_or_not_allowed_are_in_no_scrape() {
    run(async {
        let section = "metrics: { allow: [\"saasbackup_.*\", process_start_time_seconds], deny: [\"saasbackup_seats(_.+)?\", \".*_duration_seconds\"] }\n";
        let bench = Bench::start(10, None, section).await;
        let scrape = bench.exporter.scrape().await;
        let is_hidden = |name: &str| {
            name.starts_with("saasbackup_seats") || name.ends_with("_duration_seconds") || name.starts_with("process_")
        };
        let mut hidden = scrape.kinds.keys().filter(|name| is_hidden(name));
        assert_eq!((hidden.next().map(String::as_str), hidden.next()), (Some("process_start_time_seconds"), None));
        for family in ["saasbackup_workload_state", "saasbackup_up", "saasbackup_exporter_api_requests_total"] {
            assert!(scrape.kinds.contains_key(family), "{family}");
        }
        let own = scrape.kinds.keys().filter(|name| {
            name.starts_with("process_")
                || name.starts_with("saasbackup_exporter_") && {
                    let of_states = ["saasbackup_exporter_tenants", "saasbackup_exporter_expired_total"];
                    !of_states.contains(&name.as_str())
                }
        });
        let own: BTreeSet<_> = own.cloned().collect();
        let counted =
            scrape.series().filter(|(series, _)| !own.iter().any(|name| series.name.starts_with(name.as_str())));
        assert_eq!(scrape.value("saasbackup_exporter_series", &[]), counted.count() as f64);
    });
}
