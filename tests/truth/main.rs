//! Changes one thing of one response at a time, and compares the metrics with the truth.
//!
//! No wrong response may make a verdict better. Each failing change prints the command that reruns it:
//! `TRUTH_CHANGE='...' cargo test --test truth one_change -- --nocapture`. Here some thousand changes are tried, the same
//! each time; `TRUTH_ROWS=all` tries every change of every row, and `scripts/truth` does that.

#![expect(clippy::unwrap_used, reason = "a test helper has no caller to return an error to")]
#![expect(clippy::cast_precision_loss, reason = "counts of a test stay below 2^53")]

mod change;
mod clock;
mod exporter;
mod judge;
mod plausible;
mod proxy;
mod report;
mod run;
mod said;
mod sample;
mod truth;
mod walk;
mod world;

use std::collections::BTreeSet;

use self::change::{Rows, changes_of};
use self::report::Report;
use self::run::Trial;
use self::sample::Sample;
use self::walk::breaks_of;
use self::world::worlds;

/// Fewer changes than this would mean that the machine has stopped looking.
const AT_LEAST: usize = 5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wrong_answer_makes_a_verdict_better() {
    let rows = if std::env::var_os("TRUTH_ROWS").is_some_and(|rows| rows == "all") { Rows::All } else { Rows::Kinds };
    let mut sample = Sample::default();
    // One vendor or one fleet, during development: `TRUTH_WORLD=datto` or `TRUTH_WORLD='dropsuite bare'`.
    let only = std::env::var("TRUTH_WORLD").unwrap_or_default();
    let outcomes = run::all(worlds().await, |world| {
        if !format!("{} {} ", world.provider.as_str(), world.name).starts_with(&only) {
            return Vec::new();
        }
        let all = (0..world.exchanges.len()).flat_map(|exchange| changes_of(world, exchange, rows));
        let chosen = all.filter(|change| rows == Rows::All || sample.chooses(world, change)).map(Trial::Change);
        let chosen: Vec<_> = chosen.chain(breaks_of(world, rows).into_iter().map(Trial::Break)).collect();
        println!("{} {}: {} changes", world.provider.as_str(), world.name, chosen.len());
        chosen
    })
    .await;
    let report = Report::new(outcomes);
    println!("{}", report.summary());
    assert!(report.is_clean(), "{}", report.complaint());
    assert!(report.changes() >= AT_LEAST || !only.is_empty(), "only {} changes", report.changes());
}

/// Reruns the changes that a line names, and says all that is wrong with each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_change() {
    let Ok(wanted) = std::env::var("TRUTH_CHANGE") else { return };
    let worlds = worlds().await;
    let outcomes = run::all(worlds, |world| {
        let changes = (0..world.exchanges.len()).flat_map(|exchange| changes_of(world, exchange, Rows::All));
        let all = changes.map(Trial::Change).chain(breaks_of(world, Rows::All).into_iter().map(Trial::Break));
        all.filter(|trial| trial.lines(world).iter().any(|line| line.contains(&wanted))).collect()
    })
    .await;
    let report = Report::new(outcomes);
    let found = report.of(&wanted);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The unchanged conversation shows every truth: else nothing else that is tested here means anything.
#[tokio::test]
async fn the_unchanged_answers_show_what_is_true() {
    let mut wrong = BTreeSet::new();
    for world in worlds().await {
        for (id, truth) in &world.truth {
            let facts = &world.said.tenants[id];
            for (workload, truth) in &truth.workloads {
                let shown = said::state_of(facts, workload).unwrap_or("not shown");
                if shown != truth.state {
                    wrong.insert((world.provider.as_str(), shown.to_owned(), truth.state));
                }
            }
            for (key, truth) in &truth.seats {
                assert_eq!(facts.get(key), Some(truth), "{id} {key}");
            }
            // Where they were counted, all others are zero.
            for family in [judge::SEATS, judge::ACCOUNTS] {
                let is_counted = truth.seats.keys().any(|key| key.starts_with(family));
                let others = facts.iter().filter(|(key, _)| key.starts_with(family) && !truth.seats.contains_key(*key));
                for (key, shown) in others.filter(|_| is_counted) {
                    assert_eq!(*shown, 0.0, "{id} {key}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "vendor, what is shown, what is true: {wrong:?}");
}
