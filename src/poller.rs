//! Collects one source for ever: who is next, how many at once, and what is published when.
//!
//! Every tenant is collected by a task of its own, so a slow or failing one
//! holds nobody else. The loop never waits for a vendor: it starts what is
//! due, takes in what has ended, and lets time pass for what grows stale.

mod backoff;
mod cadence;
mod demand;
pub mod estimate;
mod outage;
mod report;
mod rotation;
mod schedule;
mod secrets;
#[doc(hidden)]
pub mod simulation;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use cadence::{Cadence, refused_interval};
pub use rotation::Rotation;

use self::demand::Demand;
use self::report::{Ended, Report};
use self::schedule::{Job, Schedule};
use self::secrets::Secrets;
use crate::config::Selection;
use crate::domain::shard::Shard;
use crate::domain::{Event, Policy, SourceState, Timestamp};
use crate::instrumentation::SourceInstrumentation;
use crate::process::clock;
use crate::provider::Client;
use crate::store::{PollerStatus, Publisher};

/// What is observed in between becomes visible after this long at the least: publishing each tenant by itself would cost
/// the square of their number.
const PUBLISH_DELAY: Duration = Duration::from_millis(100);
/// A publication copies a pointer for each tenant. Large fleets wait so much longer for one that it takes no more of the
/// time than in a small one, and costs each collected tenant the same.
const PUBLISH_DELAY_OF_A_TENANT: Duration = Duration::from_micros(50);
/// How often stale values and rotated secrets are looked for.
const CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// A single collection does not wait for the end of a longer pause.
const MAX_PAUSE_OF_ONCE: Duration = Duration::from_secs(60);

/// The collection of one source.
#[derive(Debug)]
pub struct Poller {
    /// Who is asked.
    pub client: Client,
    /// Where the client's credentials come from.
    pub rotation: Rotation,
    /// Has the secrets read again at once.
    pub reread: Arc<Notify>,
    /// Which share of the tenants is collected.
    pub shard: Shard,
    /// Which of these the operator selects.
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

/// How long a poller runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Until it is stopped.
    Continuous,
    /// Until everything was asked for once.
    Once,
}

/// A task of the poller panicked: a bug, which must end the process rather than let a source grow old unseen.
#[derive(Debug, thiserror::Error)]
#[error("collecting source \"{source_name}\": {cause}")]
pub struct Panicked {
    source_name: String,
    cause: JoinError,
}

impl Poller {
    /// Collects as long as `mode` says, or until `stopping` is cancelled.
    ///
    /// # Errors
    ///
    /// Only when a task panicked.
    pub async fn run(self, mode: Mode, stopping: CancellationToken) -> Result<(), Panicked> {
        let state = SourceState::clone(&self.publisher.latest());
        let cadence = if mode == Mode::Once { self.cadence.never_again() } else { self.cadence };
        let demand = Demand::new(self.instrumentation.requests_sent());
        let schedule = Schedule::new(cadence, mode, self.concurrency)
            .asking_for_refused_every(refused_interval(state.policy.stale_after));
        let mut collecting = Collecting {
            schedule: schedule.with_credentials(self.client.credentials_refused()),
            client: Arc::new(self.client),
            secrets: Secrets::new(&state.identity.name, self.rotation),
            report: Report::new(&state.identity, self.shard, self.selection, self.instrumentation),
            demand,
            concurrency: self.concurrency,
            effective_interval: None,
            started_at: clock::now(),
            state,
        };
        let mut running: JoinSet<Ended> = JoinSet::new();
        let mut check_at = Instant::now() + CHECK_INTERVAL;
        let mut publish_at: Option<Instant> = None;
        loop {
            // While the vendor asks for a pause nothing is started, rather than started to fail.
            let pause = collecting.client.pause();
            while pause.is_none()
                && let Some(job) = collecting.start(running.len())
            {
                let client = Arc::clone(&collecting.client);
                running.spawn(execute(client, Arc::clone(&collecting.state.policy), job));
                publish_at.get_or_insert(Instant::now() + publish_delay(collecting.state.tenants.len()));
            }
            if mode == Mode::Once && running.is_empty() && pause.is_none_or(|pause| pause > MAX_PAUSE_OF_ONCE) {
                break;
            }
            let start_at = match pause {
                Some(pause) => Some(Instant::now() + pause),
                None => collecting.schedule.next_start(Instant::now(), running.len()),
            };
            let wake_at = [publish_at, start_at].into_iter().flatten().fold(check_at, Instant::min);
            tokio::select! {
                () = stopping.cancelled() => break,
                Some(ended) = running.join_next() => {
                    let source_name = || collecting.state.identity.name.to_string();
                    let ended = ended.map_err(|cause| Panicked { source_name: source_name(), cause })?;
                    collecting = collecting.take_in(ended);
                    if collecting.schedule.is_refused() && !running.is_empty() {
                        // Every further request with refused credentials may lock the account.
                        running.shutdown().await;
                        collecting.schedule.abandon_running(Instant::now());
                    }
                    publish_at.get_or_insert(Instant::now() + publish_delay(collecting.state.tenants.len()));
                }
                renewed = collecting.secrets.renewed() => {
                    if let Some(rotation) = renewed {
                        collecting = collecting.use_credentials(&rotation);
                    }
                }
                () = self.reread.notified() => collecting.secrets.read(),
                () = sleep_until(wake_at) => {}
            }
            let now = Instant::now();
            if now >= check_at {
                check_at = now + CHECK_INTERVAL;
                collecting.secrets.read();
                collecting.state = collecting.state.advance(Event::Elapsed, clock::now());
                publish_at.get_or_insert(now);
            }
            if publish_at.is_some_and(|at| now >= at) {
                publish_at = None;
                self.publisher.publish_with(collecting.state.clone(), collecting.status());
            }
        }
        // Nothing is counted or sent for this source after its end.
        running.shutdown().await;
        let status = collecting.status();
        self.publisher.publish_with(collecting.state, status);
        Ok(())
    }
}

/// What changes while a source is collected.
struct Collecting {
    client: Arc<Client>,
    secrets: Secrets,
    report: Report,
    schedule: Schedule,
    demand: Demand,
    concurrency: usize,
    effective_interval: Option<Duration>,
    started_at: Timestamp,
    state: SourceState,
}

impl Collecting {
    /// What is to be done now, beside so many running jobs.
    fn start(&mut self, running: usize) -> Option<Job> {
        let client = &self.client;
        self.schedule.start(Instant::now(), running, |requests| client.may_retry(requests))
    }

    /// Takes in what a task brought.
    fn take_in(mut self, ended: Ended) -> Self {
        let took = match ended {
            // Retries and probes bring a part or two, and say nothing of what a whole collection takes.
            Ended::Listing(_) | Ended::Tenant { is_turn: false, .. } => None,
            Ended::Tenant { took, .. } => Some(took),
        };
        let now = clock::now();
        for event in self.report.events(ended, &self.state, &mut self.schedule, now) {
            self.state = self.state.advance(event, now);
        }
        if let Some(took) = took {
            self.measure_demand(took)
        } else {
            if self.schedule.is_refused() {
                // They may have been rotated a moment ago; then the listing is repeated at once.
                self.secrets.read();
            }
            self
        }
    }

    fn measure_demand(self, took: Duration) -> Self {
        let tenants = self.schedule.tenants();
        let demand = self.demand.collected(self.report.instrumentation.requests_sent(), took, tenants);
        let effective_interval =
            demand.effective_interval(tenants, self.client.rate(), self.concurrency, self.schedule.interval());
        if let Some(interval) = effective_interval {
            self.report.instrumentation.effective_interval(interval);
        }
        Self { demand, effective_interval, ..self }
    }

    /// What is being done, and when what follows.
    fn status(&self) -> PollerStatus {
        let now = clock::now();
        let cadence = self.schedule.cadence();
        PollerStatus {
            started_at: self.started_at,
            next_listing: self.schedule.next_listing(Instant::now(), now),
            listing_interval: cadence.listing,
            has_tenants: self.schedule.tenants() > 0,
            part_intervals: cadence.parts.clone(),
            refused_interval: self.schedule.refused_interval(),
            tenants: self.schedule.out_of_the_ordinary(),
            paused_until: self.client.pause().map(|pause| now.after(pause)),
            requests_per_second: self.client.rate(),
            effective_interval: self.effective_interval,
            requests_per_tenant_and_day: self.effective_interval.and_then(|every| self.demand.in_a_day(every)),
            requests: self.report.instrumentation.requests_by_endpoint(),
            budget_remaining: self.report.instrumentation.announced_budget(),
        }
    }

    /// Uses other secrets from now on.
    fn use_credentials(mut self, rotation: &Rotation) -> Self {
        let source = &self.state.identity.name;
        match self.client.with_credentials(&rotation.credentials()) {
            Ok(client) => {
                tracing::info!(source = &**source, "the secrets of source {source} changed and are used from now on");
                if self.schedule.is_refused() {
                    self.schedule.list_now(Instant::now());
                }
                Self { client: Arc::new(client), ..self }
            }
            Err(_) => {
                tracing::warn!(source = &**source, "a new secret of source {source} cannot stand in a header");
                self
            }
        }
    }
}

/// How long what is observed waits for others to be published with it.
fn publish_delay(tenants: usize) -> Duration {
    PUBLISH_DELAY.max(PUBLISH_DELAY_OF_A_TENANT.saturating_mul(u32::try_from(tenants).unwrap_or(u32::MAX)))
}

async fn execute(client: Arc<Client>, policy: Arc<Policy>, job: Job) -> Ended {
    match job {
        Job::List => Ended::Listing(client.list_tenants().await),
        Job::Collect { listed, parts, is_turn } => {
            let started = Instant::now();
            let rpo = policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
            let judged_at = client.judged_at(clock::now());
            let collection = client.collect_tenant(&listed.target, &parts, &rpo, judged_at).await;
            Ended::Tenant { id: listed.id().clone(), parts, collection, took: started.elapsed(), is_turn }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_fleet_is_published_less_often_and_never_so_seldom_that_people_notice() {
        assert_eq!(publish_delay(0), PUBLISH_DELAY);
        assert_eq!(publish_delay(1000), PUBLISH_DELAY);
        assert_eq!(publish_delay(10_000), Duration::from_millis(500));
        assert!(publish_delay(100_000) < CHECK_INTERVAL);
    }
}
