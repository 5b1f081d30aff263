//! Computes with promtool what is not in use of a commitment: a number only where the seats of every tenant are known.

use std::fmt::Write as _;

use super::generated::{documents, panels, targets, text};
use crate::alerts::promtool::promtool;
use crate::support::generation::Generation;

/// An exporter, and what it says of the account.
#[derive(Clone, Copy)]
struct Exporter {
    shard: (usize, usize),
    is_complete: bool,
    excluded: u64,
    /// Seats in use by tenant.
    seats: &'static [(&'static str, Option<u64>)],
}

const WHOLE: Exporter =
    Exporter { shard: (0, 1), is_complete: true, excluded: 0, seats: &[("x", Some(30)), ("y", Some(20))] };
const FIRST: Exporter = Exporter { shard: (0, 2), seats: &[("x", Some(30))], ..WHOLE };
const SECOND: Exporter = Exporter { shard: (1, 2), seats: &[("y", Some(20))], ..WHOLE };

impl Exporter {
    fn series(self, instance: usize) -> String {
        let Self { shard: (shard, shards), is_complete, excluded, seats } = self;
        let target = format!("job=\"j\", instance=\"{instance}\"");
        let account = format!("{target}, provider=\"dropsuite\", source=\"us\"");
        let mut all = vec![
            (format!("saasbackup_committed_seats{{{account}}}"), 100),
            (format!("saasbackup_listing_complete{{{account}}}"), u64::from(is_complete)),
            (format!("saasbackup_exporter_tenants{{{account}, state=\"excluded\"}}"), excluded),
            (format!("saasbackup_exporter_shard_info{{{target}, shard=\"{shard}\", total_shards=\"{shards}\"}}"), 1),
        ];
        for (tenant, used) in seats {
            let tenant = format!("{account}, tenant_id=\"{tenant}\", tenant=\"{tenant}\"");
            all.push((format!("saasbackup_tenant_info{{{tenant}}}"), 1));
            all.extend(used.map(|used| (format!("saasbackup_seats_used{{{tenant}}}"), used)));
        }
        all.into_iter()
            .map(|(series, value)| format!("      - {{series: '{series}', values: '{value}x5'}}\n"))
            .collect()
    }
}

/// The expression of the panel for every account.
fn not_in_use() -> String {
    let dashboards = documents();
    let panel = dashboards.iter().flat_map(panels).find(|panel| text(&panel["title"]) == "Commitment of each account");
    let expressions = targets(panel.unwrap()).map(|target| text(&target["expr"]));
    let mut differences = expressions.filter(|expression| expression.starts_with("clamp_min(max by"));
    differences.next().unwrap().replace("$provider", ".+").replace("$source", ".+")
}

#[test]
#[ignore = "needs promtool"]
fn what_is_not_in_use_is_known_only_with_the_seats_of_every_tenant() {
    let expression = not_in_use();
    let mut tests = "evaluation_interval: 1m\ntests:\n".to_owned();
    for (name, exporters, expected) in [
        ("one", vec![WHOLE], Some(50)),
        ("replicas", vec![WHOLE, WHOLE], Some(50)),
        ("shards", vec![FIRST, SECOND], Some(50)),
        ("shards with replicas", vec![FIRST, SECOND, FIRST, SECOND], Some(50)),
        ("more seats than paid for", vec![Exporter { seats: &[("x", Some(130))], ..WHOLE }], Some(0)),
        ("unknown seats", vec![Exporter { seats: &[("x", Some(30)), ("y", None)], ..WHOLE }], None),
        ("no seats known", vec![Exporter { seats: &[("x", None)], ..WHOLE }], None),
        ("an excluded tenant", vec![Exporter { excluded: 1, ..WHOLE }], None),
        ("a tenant excluded from a shard", vec![FIRST, Exporter { excluded: 1, ..SECOND }], None),
        ("a shard down", vec![FIRST], None),
        ("a shard without a listing", vec![FIRST, Exporter { is_complete: false, ..SECOND }], None),
        ("an incomplete listing", vec![Exporter { is_complete: false, ..WHOLE }], None),
    ] {
        let series: String =
            exporters.iter().enumerate().map(|(instance, exporter)| exporter.series(instance)).collect();
        let expected =
            expected.map(|value| format!("{{labels: '{{provider=\"dropsuite\", source=\"us\"}}', value: {value}}}"));
        write!(
            tests,
            "  - name: {name}\n    interval: 1m\n    input_series:\n{series}    promql_expr_test:\n      - expr: '{expression}'\n        \
             eval_time: 3m\n        exp_samples: [{}]\n",
            expected.unwrap_or_default(),
        )
        .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("commitments.test.yml");
    std::fs::write(&path, tests).unwrap();
    for generation in Generation::ALL {
        promtool(generation, &["test", "rules"], &[&path]).unwrap_or_else(|problem| panic!("{problem}"));
    }
}
