//! Steps the exporter's clock forward and back between collections, while the vendor's clock stands still.
//!
//! Time is a parameter of everything that collects, so a step only changes `now`.

use std::collections::BTreeMap;

use saasbackup_exporter::domain::Timestamp;

use super::exporter::{Round, Scope};
use super::judge::{Mode, always, restored, wrong_answer};
use super::said::{Said, state_of};
use super::world::{NOW, World, worlds};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;
/// How far the clock is off during one round.
const STEPS: [i64; 8] = [HOUR, 7 * HOUR, 30 * HOUR, 10 * YEAR, -HOUR, -7 * HOUR, -30 * HOUR, -10 * YEAR];
/// Longer than values live.
const EXPIRED: i64 = 25 * HOUR;

fn at(offset: i64) -> Timestamp {
    Timestamp::from_millis(NOW + offset)
}

fn everything(world: &World) -> Scope {
    let parts = world.good.listed.iter().map(|listed| (listed.id().as_str().to_owned(), listed.tenant.parts.to_vec()));
    Scope { lists: true, parts: parts.collect() }
}

/// Lets time pass without asking anybody.
async fn pass(world: &World, round: Round, offset: i64) -> Round {
    world.exporter.round(round, &Scope { lists: false, parts: BTreeMap::new() }, at(offset)).await
}

async fn fleets() -> Vec<World> {
    worlds().await.into_iter().filter(|world| world.name == "faults").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_step_of_the_clock_one_round_shows_the_truth_again() {
    let mut found = Vec::new();
    for world in fleets().await {
        for step in STEPS {
            let stepped = world.exporter.round(world.good.clone(), &everything(&world), at(step)).await;
            let back = world.exporter.round(stepped, &everything(&world), at(HOUR / 4)).await;
            let said = Said::parse(back.exposition());
            let mut wrong = wrong_answer(&world, &said, Mode::Warm, &|_| true);
            wrong.extend(always(&world, &said, &back.errors));
            wrong.extend(restored(&world, &said, &|_| true));
            let vendor = world.provider.as_str();
            found.extend(wrong.into_iter().map(|finding| format!("{vendor} {} h: {finding}", step / HOUR)));
        }
    }
    assert!(found.is_empty(), "after a step of the clock:\n{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_dies_after_a_step_of_the_clock_expires_all_the_same() {
    let mut found = Vec::new();
    for world in fleets().await {
        for step in STEPS {
            let stepped = world.exporter.round(world.good.clone(), &everything(&world), at(step)).await;
            // No vendor responds, and time alone decides: a clock that is an hour off keeps values longer.
            let back = pass(&world, stepped, HOUR / 4).await;
            let expired = pass(&world, back, step.clamp(0, HOUR) + EXPIRED).await;
            let said = Said::parse(expired.exposition());
            for (id, truth) in &world.truth {
                let Some(facts) = said.tenants.get(id) else { continue };
                let states = truth.workloads.keys().map(|workload| (workload, state_of(facts, workload)));
                if let Some((workload, state)) =
                    states.into_iter().find(|(_, state)| !matches!(state, None | Some("unknown")))
                {
                    let (vendor, hours) = (world.provider.as_str(), step / HOUR);
                    found.push(format!(
                        "{vendor} {hours} h: {workload} of {id} is {state:?} a day after the last answer"
                    ));
                }
            }
        }
    }
    assert!(found.is_empty(), "after a step of the clock:\n{}", found.join("\n"));
}
