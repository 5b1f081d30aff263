//! Collects one source for ever: who is next, how many at once, and what is published when.
//!
//! Every tenant is collected by a task of its own, so a slow or failing one
//! holds nobody else. The loop never waits for a vendor: it starts what is
//! due, takes in what has ended, and lets time pass for what grows stale.

mod cadence;
mod schedule;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use cadence::Cadence;

use self::schedule::{Job, Schedule};
use crate::clock;
use crate::config::Selection;
use crate::domain::{Event, Listing, Outcome, Part, Policy, SourceState, TenantId};
use crate::instrumentation::SourceInstrumentation;
use crate::provider::{Client, Collection, Error, Listed, ListingAttempt};
use crate::store::Publisher;

/// What is observed in between becomes visible after this long: publishing each tenant by itself would cost the
/// square of their number.
const PUBLISH_DELAY: Duration = Duration::from_millis(100);
/// How often stale values are looked for.
const STALE_CHECK: Duration = Duration::from_secs(15);

/// The collection of one source.
#[derive(Debug)]
pub struct Poller {
    /// Who is asked.
    pub client: Client,
    /// Which tenants are collected.
    pub selection: Selection,
    /// Which parts, and how often.
    pub cadence: Cadence,
    /// Tenants collected at once.
    pub concurrency: usize,
    /// Where the result goes.
    pub publisher: Publisher,
    /// What is counted.
    pub instrumentation: SourceInstrumentation,
}

/// When a poller stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// When the process does.
    Stopped,
    /// When everything was asked for once.
    AskedOnce,
}

/// A task of the poller panicked: a bug, which must end the process rather than let a source grow old unseen.
#[derive(Debug, thiserror::Error)]
#[error("collecting source \"{source_name}\": {cause}")]
pub struct Panicked {
    source_name: String,
    cause: JoinError,
}

enum Ended {
    Listing(ListingAttempt),
    Tenant { id: TenantId, parts: Vec<Part>, collection: Collection, took: Duration },
}

impl Poller {
    /// Collects until `until` or until `stopping` is cancelled.
    ///
    /// # Errors
    ///
    /// Only when a task panicked.
    pub async fn run(self, until: Until, stopping: CancellationToken) -> Result<(), Panicked> {
        let client = Arc::new(self.client);
        let mut state = SourceState::clone(&self.publisher.latest());
        let source = Arc::clone(&state.identity.name);
        let context = Context { source: &source, selection: &self.selection, instrumentation: &self.instrumentation };
        let mut schedule = Schedule::new(self.cadence);
        let mut running: JoinSet<Ended> = JoinSet::new();
        let mut stale_check = Instant::now() + STALE_CHECK;
        let mut publish_at: Option<Instant> = None;
        loop {
            while let Some(job) = schedule.start(Instant::now(), running.len(), self.concurrency) {
                running.spawn(execute(Arc::clone(&client), Arc::clone(&state.policy), job));
            }
            if until == Until::AskedOnce && running.is_empty() {
                break;
            }
            let wake_at = [Some(stale_check), publish_at, schedule.next_start(running.len() < self.concurrency)];
            let wake_at = wake_at.into_iter().flatten().min().unwrap_or(stale_check);
            tokio::select! {
                () = stopping.cancelled() => break,
                Some(ended) = running.join_next() => {
                    let ended = ended.map_err(|cause| Panicked { source_name: source.to_string(), cause })?;
                    let now = clock::now();
                    for event in context.events(ended, &mut schedule) {
                        state = state.advance(event, now);
                    }
                    publish_at.get_or_insert(Instant::now() + PUBLISH_DELAY);
                }
                () = sleep_until(wake_at) => {}
            }
            let now = Instant::now();
            if now >= stale_check {
                stale_check = now + STALE_CHECK;
                state = state.advance(Event::Elapsed, clock::now());
                publish_at.get_or_insert(now);
            }
            if publish_at.is_some_and(|at| now >= at) {
                publish_at = None;
                self.publisher.publish(state.clone());
            }
        }
        self.publisher.publish(state);
        Ok(())
    }
}

async fn execute(client: Arc<Client>, policy: Arc<Policy>, job: Job) -> Ended {
    match job {
        Job::List => Ended::Listing(client.list_tenants().await),
        Job::Collect { listed, parts } => {
            let started = Instant::now();
            let rpo = policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
            let collection = client.collect_tenant(&listed.target, &parts, &rpo, clock::now()).await;
            Ended::Tenant { id: listed.id().clone(), parts, collection, took: started.elapsed() }
        }
    }
}

struct Context<'a> {
    source: &'a str,
    selection: &'a Selection,
    instrumentation: &'a SourceInstrumentation,
}

impl Context<'_> {
    /// What the end of a task means for the state; logs failures, here and nowhere else.
    fn events(&self, ended: Ended, schedule: &mut Schedule) -> Vec<Event> {
        match ended {
            Ended::Listing(attempt) => {
                let drift = Event::Drifted(attempt.drift);
                vec![drift, Event::Listed(self.listed(attempt.result, schedule))]
            }
            Ended::Tenant { id, parts, collection, took } => {
                self.instrumentation.collection_ended(took);
                let failed: Vec<_> = collection.failures.iter().map(|(part, error)| (*part, error.outcome())).collect();
                schedule.ended(&id, &parts, &failed);
                self.log_failures(&id, &collection.failures);
                vec![Event::Drifted(collection.drift), Event::Collected { tenant: id, parts: collection.parts }]
            }
        }
    }

    /// One line for each way in which parts failed: a dead token fails all of them alike.
    fn log_failures(&self, id: &TenantId, failures: &[(Part, Error)]) {
        let mut by_outcome: BTreeMap<Outcome, (&Error, Vec<&str>)> = BTreeMap::new();
        for (part, error) in failures {
            by_outcome.entry(error.outcome()).or_insert((error, Vec::new())).1.push(part.as_str());
        }
        for (outcome, (error, parts)) in by_outcome {
            let parts = parts.join(",");
            tracing::warn!(
                source = self.source,
                tenant.id = id.as_str(),
                parts,
                endpoint = error.endpoint,
                outcome = outcome.as_str(),
                "collecting {parts} of tenant {id}: {error}",
            );
        }
    }

    fn listed(&self, result: Result<Vec<Listed>, Error>, schedule: &mut Schedule) -> Result<Listing, Outcome> {
        let all = result.inspect_err(|error| {
            tracing::warn!(
                source = self.source,
                endpoint = error.endpoint,
                outcome = error.outcome().as_str(),
                "listing the tenants of source {}: {error}",
                self.source,
            );
        });
        let all = match all {
            Ok(all) => all,
            Err(error) => {
                schedule.listing_ended(None);
                return Err(error.outcome());
            }
        };
        self.instrumentation.credential_worked(clock::now());
        // An empty listing is not believed where there were tenants, and these are still asked for.
        let names_somebody = !all.is_empty();
        let (selected, excluded): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|listed| self.selection.selects(listed.id().as_str(), listed.tenant.name_or_id()));
        let tenants = selected.iter().map(|listed| listed.tenant.clone()).collect();
        let excluded = excluded.len() as u64;
        tracing::debug!(source = self.source, tenants = selected.len(), excluded, "listed the tenants");
        schedule.listing_ended(names_somebody.then_some(selected));
        Ok(Listing { tenants, excluded })
    }
}
