//! Steps the exporter's clock forward and back between rounds over sockets, with the vendor's clock standing still.
//!
//! Time is a parameter of everything that collects, so a step needs no clock of the machine: `now` is simply another.

use std::collections::BTreeMap;

use saasbackup_exporter::domain::{Provider, Timestamp};

use super::exporter::{Round, Scope};
use super::judge::{Mode, wrong_answer};
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
    let mut wrong = Vec::new();
    for world in fleets().await {
        for step in STEPS {
            let stepped = world.exporter.round(world.good.clone(), &everything(&world), at(step)).await;
            let back = world.exporter.round(stepped, &everything(&world), at(HOUR / 4)).await;
            let said = Said::parse(back.exposition());
            for finding in wrong_answer(&world, &said, Mode::Warm, &|_| true) {
                wrong.push(format!("{} {}h: {finding}", world.provider.as_str(), step / HOUR));
            }
            for (id, facts) in &said.tenants {
                for (key, value) in facts.iter().filter(|(key, _)| key.contains("_timestamp_seconds{")) {
                    if *value > at(HOUR / 4).as_seconds() {
                        wrong.push(format!(
                            "{} {}h: {id} {key} is ahead of the clock",
                            world.provider.as_str(),
                            step / HOUR
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_dies_around_a_step_of_the_clock_expires_all_the_same() {
    let mut wrong = Vec::new();
    for world in fleets().await {
        let dead = world.exporter_as("dead");
        world.proxy.refuse("dead");
        for step in STEPS {
            let stepped = world.exporter.round(world.good.clone(), &everything(&world), at(step)).await;
            // One attempt that fails, so that it is known to be tried; then time alone decides.
            let scope = Scope { lists: world.provider == Provider::Datto, parts: BTreeMap::new() };
            let failed = dead.round(stepped, &scope, at(HOUR / 4)).await;
            let expired = pass(&world, failed, step.max(0).min(HOUR) + EXPIRED).await;
            let said = Said::parse(expired.exposition());
            for (id, truth) in &world.truth {
                let Some(facts) = said.tenants.get(id) else { continue };
                for workload in truth.workloads.keys() {
                    let state = state_of(facts, workload);
                    if !matches!(state, None | Some("unknown")) {
                        wrong.push(format!(
                            "{} {}h: {workload} of {id} is still {state:?} a day after the last answer",
                            world.provider.as_str(),
                            step / HOUR
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
