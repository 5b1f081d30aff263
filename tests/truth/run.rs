//! Runs many changes and breaks in parallel: each cold, warm, and followed by the correct response.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use saasbackup_exporter::domain::{Part, Provider, Timestamp};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::change::{Change, Named, UNCHANGED, endpoint};
use super::exporter::Scope;
use super::judge::{Finding, Mode, Wrong, always, restored, wrong_answer};
use super::plausible;
use super::proxy::Changed;
use super::said::Said;
use super::walk::Break;
use super::world::{NOW, World};

/// Changes under way at once: enough that a repeated request's pause delays no other.
const AT_ONCE: usize = 48;

/// What came of one change.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) vendor: &'static str,
    pub(crate) endpoint: String,
    pub(crate) field: String,
    pub(crate) word: &'static str,
    /// Why the change may be true; it is then judged by what holds in any case.
    pub(crate) plausible: Option<&'static str>,
    /// What is wrong, with the line that reruns it.
    pub(crate) found: Vec<(String, Finding)>,
}

/// One thing that is done to a world.
#[derive(Clone, Debug)]
pub(crate) enum Trial {
    Change(Change),
    Break(Break),
}

impl Trial {
    /// The lines by which it is found again, one for each mode.
    pub(crate) fn lines(&self, world: &World) -> Vec<String> {
        Mode::ALL.map(|mode| self.line(world, mode)).to_vec()
    }

    fn line(&self, world: &World, mode: Mode) -> String {
        let what = match self {
            Self::Change(change) => Named(world, change).to_string(),
            Self::Break(broken) => broken.to_string(),
        };
        format!("{} {} {} {what}", world.provider.as_str(), world.name, mode.as_str())
    }

    fn plausible(&self, world: &World, mode: Mode) -> Option<&'static str> {
        match self {
            Self::Change(change) => plausible::reason(world, change, mode),
            Self::Break(_) => None,
        }
    }

    /// Whether larger pages have to be learned before.
    fn is_learned(&self, world: &World) -> bool {
        matches!(self, Self::Change(change) if change.word != UNCHANGED && world.exchanges[change.exchange].is_learned)
    }

    fn outcome(&self, world: &World, found: Vec<(Mode, Finding)>) -> Outcome {
        let (endpoint, field, word) = match self {
            Self::Change(change) => {
                let endpoint = endpoint(&world.exchanges[change.exchange]);
                (endpoint, change.inner_field().to_owned(), change.word)
            }
            Self::Break(broken) => ("walk".to_owned(), format!("lasts: {}", broken.lasts), broken.word),
        };
        Outcome {
            vendor: world.provider.as_str(),
            endpoint,
            field,
            word,
            plausible: self.plausible(world, Mode::Cold),
            found: found.into_iter().map(|(mode, finding)| (self.line(world, mode), finding)).collect(),
        }
    }
}

/// Runs what `trials` names of every world; what is wrong without any change is reported for that alone.
pub(crate) async fn all(worlds: Vec<World>, mut trials: impl FnMut(&World) -> Vec<Trial>) -> Vec<Outcome> {
    let (turns, runs) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)));
    let (mut outcomes, mut running) = (Vec::new(), JoinSet::new());
    for world in worlds {
        let world = Arc::new(world);
        let nothing = Trial::Change(Change::nothing(0));
        let unchanged = attempt(&world, &nothing, "unchanged").await;
        let baseline: Arc<BTreeSet<_>> =
            Arc::new(unchanged.iter().map(|(mode, finding)| (*mode, finding.clone())).collect());
        outcomes.push(nothing.outcome(&world, unchanged));
        for trial in trials(&world) {
            let (world, turns, runs, baseline) =
                (Arc::clone(&world), Arc::clone(&turns), Arc::clone(&runs), Arc::clone(&baseline));
            running.spawn(async move {
                let _turn = turns.acquire_owned().await.unwrap();
                let account = format!("canary-run-{}", runs.fetch_add(1, Ordering::Relaxed));
                let attempt = {
                    let (world, trial) = (Arc::clone(&world), trial.clone());
                    tokio::spawn(async move { attempt(&world, &trial, &account).await })
                };
                let found = match attempt.await {
                    Ok(found) => found,
                    Err(panic) => vec![(Mode::Cold, Finding { wrong: Wrong::Broken, detail: panic.to_string() })],
                };
                let found = found.into_iter().filter(|found| !baseline.contains(found)).collect();
                trial.outcome(&world, found)
            });
        }
    }
    while let Some(ended) = running.join_next().await {
        outcomes.push(ended.unwrap());
    }
    outcomes
}

/// All that is wrong after a trial.
async fn attempt(world: &World, trial: &Trial, account: &str) -> Vec<(Mode, Finding)> {
    let (scope, changed, answer, tenant) = match trial {
        Trial::Change(change) => {
            let recorded = &world.exchanges[change.exchange];
            let tenant = recorded.serves.as_ref().map(|(tenant, _)| tenant.as_str());
            let answer = change.answer(&recorded.exchange.answer);
            let tenant = tenant.filter(|_| change.word != UNCHANGED);
            (scope(world, change), Changed::Of(recorded.exchange.asked.clone()), answer, tenant)
        }
        Trial::Break(Break { tenant, parts, request, lasts, answer, .. }) => {
            let scope = Scope { lists: false, parts: BTreeMap::from([(tenant.clone(), parts.clone())]) };
            let changed = Changed::From { request: *request, lasts: *lasts };
            (scope, changed, answer.clone(), Some(tenant.as_str()))
        }
    };
    // All worlds stand still; a minute later nothing true has changed.
    let [now, later, last] =
        [0, 1, 2].map(|minutes| Timestamp::from_millis(NOW).after(Duration::from_secs(60 * minutes)));
    let in_scope = |id: &str| tenant.is_none_or(|tenant| tenant == id);

    // What a change teaches in one mode is not known in the other.
    let [for_cold, for_warm] = [(), ()].map(|()| world.exporter_as(account));
    if trial.is_learned(world) {
        for exporter in [&for_cold, &for_warm] {
            exporter.round(world.listed_only(tenant), &scope, now).await;
        }
    }
    let run = world.proxy.begin(account, changed, answer);
    let before = if scope.lists { for_cold.begin() } else { world.listed_only(tenant) };
    let cold = for_cold.round(before, &scope, now).await;
    let is_unchanged = matches!(trial, Trial::Change(change) if change.word == UNCHANGED);
    assert!(run.hits() > 0 || is_unchanged, "the changed response is never requested");
    run.restart();
    let warm = for_warm.round(world.known(tenant), &scope, later).await;
    world.proxy.end(account);

    let mut found = Vec::new();
    for (mode, round) in [(Mode::Cold, cold), (Mode::Warm, warm)] {
        let said = Said::parse(round.exposition());
        let mut wrong = always(world, &said, &round.errors);
        if trial.plausible(world, mode).is_none() {
            wrong.extend(wrong_answer(world, &said, mode, &in_scope));
        }
        found.extend(wrong.into_iter().map(|finding| (mode, finding)));
        // Where nothing else is said than before, there is nothing to restore.
        if mode == Mode::Warm && !restored(world, &said, &in_scope).is_empty() {
            let once = for_warm.round(round, &scope, last).await;
            let said = Said::parse(once.exposition());
            let mut wrong = always(world, &said, &once.errors);
            // Who left and came back is known no better than a newcomer.
            if tenant.is_some() || trial.plausible(world, Mode::Once).is_none() {
                wrong.extend(restored(world, &said, &in_scope));
            }
            found.extend(wrong.into_iter().map(|finding| (Mode::Once, finding)));
        }
    }
    found
}

/// What has to be asked for to see what a change does.
fn scope(world: &World, change: &Change) -> Scope {
    if change.word == UNCHANGED {
        let parts =
            world.good.listed.iter().map(|listed| (listed.id().as_str().to_owned(), listed.tenant.parts.to_vec()));
        return Scope { lists: true, parts: if world.collects { parts.collect() } else { BTreeMap::new() } };
    }
    if let Some((tenant, parts)) = &world.exchanges[change.exchange].serves {
        return Scope { lists: false, parts: BTreeMap::from([(tenant.clone(), parts.clone())]) };
    }
    if !world.collects {
        return Scope { lists: true, parts: BTreeMap::new() };
    }
    // A changed listing changes how tenants are asked, and what is made of their faults.
    let parts = world.good.listed.iter().map(|listed| {
        let truth = &world.truth[listed.id().as_str()];
        let is_wanted = |part: &Part| match part {
            Part::Workload(workload) => {
                world.provider == Provider::Datto || truth.faults().any(|(faulty, _)| faulty == workload.as_str())
            }
            Part::Seats => true,
            _ => false,
        };
        (listed.id().as_str().to_owned(), listed.tenant.parts.iter().copied().filter(is_wanted).collect())
    });
    Scope { lists: true, parts: parts.collect() }
}
