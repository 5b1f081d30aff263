//! Runs one poller per source, and replaces those that a new configuration changes.
//!
//! The state of a source outlives its poller: the next one continues with it, as far as the new configuration still
//! collects it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::Error;
use super::source::{self, PolledSource, Prepared, SourceError};
use crate::config::{self, Config};
use crate::domain::{Policy, SourceState};
use crate::exposition::Exposed;
use crate::instrumentation::Instrumentation;
use crate::poller::{Mode, Panicked, Poller, Rotation};
use crate::process::clock;
use crate::provider::Accounts;
use crate::server::AppState;
use crate::store::{Entry, Shared, Store};

/// The collected sources, in the order of the configuration.
#[derive(Debug)]
pub(super) struct Supervisor {
    sources: Vec<Supervised>,
    running: JoinSet<Result<(), Panicked>>,
    accounts: Accounts,
    store: Arc<Store>,
    instrumentation: Arc<Instrumentation>,
    exposed: Shared<Exposed>,
    mode: Mode,
    stopping: CancellationToken,
}

/// A source, its policy, and the task that collects it.
#[derive(Debug)]
struct Supervised {
    source: config::Source,
    policy: Arc<Policy>,
    task: Task,
}

#[derive(Debug)]
struct Task {
    id: Id,
    stop: CancellationToken,
    reread: Arc<Notify>,
}

/// What happens to a source of the new configuration; the number is its position in the old one.
enum Plan {
    /// Unchanged: its poller continues.
    Keep(usize),
    /// Collected differently, starting from its current state.
    Continue(usize, Prepared),
    /// Without a state: the source is new, or its name referred to another account.
    Begin(Prepared),
}

/// What happens to every source of the new configuration, in order.
pub(super) struct Plans(Vec<Plan>);

impl Supervisor {
    /// Starts collecting.
    pub(super) fn start(
        pollers: Vec<PolledSource>,
        accounts: Accounts,
        state: &AppState,
        mode: Mode,
        stopping: CancellationToken,
    ) -> Self {
        let AppState { store, instrumentation, exposed, .. } = state.clone();
        let (sources, running) = (Vec::new(), JoinSet::new());
        let mut supervisor = Self { sources, running, accounts, store, instrumentation, exposed, mode, stopping };
        for PolledSource { source, policy, poller } in pollers {
            supervisor.collect(source, policy, poller);
        }
        supervisor
    }

    fn collect(&mut self, source: config::Source, policy: Arc<Policy>, poller: Poller) {
        let stop = self.stopping.child_token();
        let reread = Arc::clone(&poller.reread);
        let id = self.running.spawn(poller.run(self.mode, stop.clone())).id();
        self.sources.push(Supervised { source, policy, task: Task { id, stop, reread } });
    }

    /// Waits until a poller ends; `None` once all have.
    ///
    /// # Errors
    ///
    /// If it ended because of a bug.
    pub(super) async fn ended(&mut self) -> Option<Result<(), Error>> {
        let ended = self.running.join_next().await?;
        Some(ended.map_err(Error::from).and_then(|ended| Ok(ended?)))
    }

    /// Cancelled to stop everything.
    pub(super) const fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Prepares another configuration without changing anything. Files are read outside the async workers.
    ///
    /// # Errors
    ///
    /// The inner result contains every source that cannot be set up.
    pub(super) async fn plan(&self, config: &Config) -> Result<Result<Plans, Vec<Error>>, Error> {
        let mut problems = Vec::new();
        let mut plans = Vec::new();
        for source in &config.sources {
            match self.plan_source(source, config).await? {
                Ok(plan) => plans.push(plan),
                Err(cause) => problems.push(Error::Source { name: source.name.clone(), cause }),
            }
        }
        Ok(if problems.is_empty() { Ok(Plans(plans)) } else { Err(problems) })
    }

    async fn plan_source(
        &self,
        source: &config::Source,
        config: &Config,
    ) -> Result<Result<Plan, SourceError>, JoinError> {
        let Config { objectives, shard, .. } = config;
        let old = self.sources.iter().position(|old| is_same_account(&old.source, source));
        let is_unchanged = |old: &Supervised| {
            is_collected_alike(&old.source, source) && old.policy == source::policy(source, objectives)
        };
        if let Some(position) = old.filter(|position| is_unchanged(&self.sources[*position])) {
            return Ok(Ok(Plan::Keep(position)));
        }
        let (source, shard) = (source.clone(), *shard);
        let (accounts, instrumentation) = (self.accounts.clone(), Arc::clone(&self.instrumentation));
        let prepared = spawn_blocking(move || Prepared::new(&source, shard, &accounts, &instrumentation)).await?;
        Ok(prepared.map(|prepared| match old {
            Some(position) => Plan::Continue(position, prepared),
            None => Plan::Begin(prepared),
        }))
    }

    /// Applies a planned configuration; unchanged sources are not interrupted.
    ///
    /// # Errors
    ///
    /// If a poller ended because of a bug, which must end the exporter.
    pub(super) async fn apply(&mut self, config: &Config, Plans(plans): Plans) -> Result<(), Error> {
        let kept: Vec<usize> = plans.iter().filter_map(Plan::kept).collect();
        self.stop_all_but(&kept).await?;
        self.replace(config, plans);
        Ok(())
    }

    /// Stops the other pollers, and waits until they have ended and publish nothing more.
    async fn stop_all_but(&mut self, kept: &[usize]) -> Result<(), Error> {
        let mut ending = BTreeSet::new();
        for (_, old) in self.sources.iter().enumerate().filter(|(position, _)| !kept.contains(position)) {
            old.task.stop.cancel();
            ending.insert(old.task.id);
        }
        while !ending.is_empty() {
            let Some(ended) = self.running.join_next_with_id().await else { break };
            let (id, ended) = ended?;
            ended?;
            ending.remove(&id);
        }
        Ok(())
    }

    fn replace(&mut self, config: &Config, plans: Vec<Plan>) {
        let (now, known) = (clock::now(), self.store.latest());
        let mut old: Vec<Option<Supervised>> = std::mem::take(&mut self.sources).into_iter().map(Some).collect();
        let mut entries = Vec::new();
        for (source, plan) in config.sources.iter().zip(&plans) {
            let policy = source::policy(source, &config.objectives);
            entries.push(match plan {
                Plan::Keep(position) => Entry::Kept(*position),
                Plan::Continue(position, _) => {
                    let state = SourceState::clone(&known[*position]);
                    Entry::New(Box::new(state.under(policy, &source::selects(source), now)))
                }
                Plan::Begin(_) => Entry::New(Box::new(source::initial_state(source, &config.objectives))),
            });
        }
        let mut publishers = self.store.replace(entries).into_iter();
        for (source, plan) in config.sources.iter().zip(plans) {
            let prepared = match plan {
                Plan::Keep(position) => {
                    let kept = old[position].take();
                    kept.iter().for_each(|kept| kept.task.reread.notify_one());
                    self.sources.extend(kept);
                    continue;
                }
                Plan::Continue(_, prepared) | Plan::Begin(prepared) => prepared,
            };
            let publisher = publishers.next().expect("the store answers a publisher for each new source");
            let policy = source::policy(source, &config.objectives);
            self.collect(source.clone(), policy, prepared.poller(publisher, Arc::clone(&self.exposed)));
        }
        self.forget_all_but(config, &known);
    }

    /// Removes the metrics of removed sources.
    fn forget_all_but(&self, config: &Config, known: &[Arc<SourceState>]) {
        let identities: Vec<_> = config.sources.iter().map(source::identity).collect();
        for gone in known.iter().map(|state| &state.identity).filter(|identity| !identities.contains(identity)) {
            self.instrumentation.forget(gone);
        }
    }
}

impl Plan {
    const fn kept(&self) -> Option<usize> {
        match self {
            Self::Keep(position) => Some(*position),
            Self::Continue(..) | Self::Begin(_) => None,
        }
    }
}

/// Whether the state of one source is valid for the other: secrets may be rotated, but another URL is another account.
fn is_same_account(old: &config::Source, new: &config::Source) -> bool {
    let account = |source: &config::Source| (source.provider.vendor(), source.provider.base_url().to_owned());
    old.name == new.name && account(old) == account(new)
}

/// Whether the poller of one source also collects the other: secrets that were rotated in their files make no
/// difference.
fn is_collected_alike(old: &config::Source, new: &config::Source) -> bool {
    let rotated = config::Source { provider: new.provider.clone(), ..old.clone() };
    Rotation::covers(&old.provider, &new.provider) && rotated == *new
}
