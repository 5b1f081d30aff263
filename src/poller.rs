//! Collects one source continuously: schedules requests, limits concurrency and publishes results.
//!
//! Each tenant is collected by its own task, so a slow or failing tenant delays no other. The loop never waits for a
//! vendor: it starts due jobs, processes finished ones, and lets time pass so that values become stale.

mod backoff;
mod cadence;
mod demand;
pub mod estimate;
mod memory;
mod outage;
mod report;
mod rotation;
mod schedule;
mod secrets;
#[doc(hidden)]
pub mod simulation;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use cadence::{Cadence, refused_interval};
pub use rotation::Rotation;

use self::demand::Demand;
use self::memory::Memories;
use self::report::{Ended, Report};
use self::schedule::{Job, Schedule};
use self::secrets::Secrets;
use crate::config::Selection;
use crate::domain::shard::Shard;
use crate::domain::{Event, Policy, SourceState, TenantId, Timestamp};
use crate::instrumentation::SourceInstrumentation;
use crate::process::clock;
use crate::provider::Client;
use crate::store::{PollerStatus, Publisher};

/// Minimum delay before collected data is published: publishing after every tenant would cost O(n²) for n tenants.
const PUBLISH_DELAY: Duration = Duration::from_millis(100);
/// A publication copies one pointer per tenant, so the delay grows with the fleet: publishing takes the same share of
/// time in large and small fleets.
const PUBLISH_DELAY_OF_A_TENANT: Duration = Duration::from_micros(50);
/// How often to check for stale values and rotated secrets.
const CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// A one-shot collection does not wait out a longer pause.
const MAX_PAUSE_OF_ONCE: Duration = Duration::from_secs(60);

/// The collection of one source.
#[derive(Debug)]
pub struct Poller {
    /// The vendor's API client.
    pub client: Client,
    /// Where the client's credentials come from.
    pub rotation: Rotation,
    /// Triggers an immediate re-read of the secrets.
    pub reread: Arc<Notify>,
    /// The share of the tenants that this exporter collects.
    pub shard: Shard,
    /// Which of these the operator selects.
    pub selection: Selection,
    /// Which of these are dropped.
    pub dropping: Dropping,
    /// Which parts to collect, and how often.
    pub cadence: Cadence,
    /// Tenants collected at once; beside large ones more are, whose requests share what is under way at once.
    pub concurrency: usize,
    /// Receives the collected state.
    pub publisher: Publisher,
    /// The source's own metrics.
    pub instrumentation: SourceInstrumentation,
}

/// Determines the tenants of a state that are not collected, because their series are dropped.
#[derive(Clone)]
pub struct Dropping(Arc<Dropped>);

type Dropped = dyn Fn(&SourceState) -> BTreeSet<TenantId> + Send + Sync;

impl Dropping {
    /// The tenants that `dropped` returns; it is called after each listing.
    pub fn new(dropped: impl Fn(&SourceState) -> BTreeSet<TenantId> + Send + Sync + 'static) -> Self {
        Self(Arc::new(dropped))
    }
}

impl fmt::Debug for Dropping {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Dropping").finish_non_exhaustive()
    }
}

/// How long a poller runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Until it is stopped.
    Continuous,
    /// Until everything has been requested once.
    Once,
}

/// A poller task panicked. This is a bug and must end the process: otherwise the source would go stale unnoticed.
#[derive(Debug, thiserror::Error)]
#[error("collection of source \"{source_name}\" failed: {cause}")]
pub struct Panicked {
    source_name: String,
    cause: JoinError,
}

impl Poller {
    /// Collects until `mode` is satisfied or `stopping` is cancelled.
    ///
    /// # Errors
    ///
    /// If a task panicked.
    pub async fn run(self, mode: Mode, stopping: CancellationToken) -> Result<(), Panicked> {
        let state = SourceState::clone(&self.publisher.latest());
        let cadence = if mode == Mode::Once { self.cadence.never_again() } else { self.cadence };
        let demand = Demand::new(self.instrumentation.requests_sent());
        let memories = match mode {
            Mode::Continuous => memory::of(&state, &cadence, clock::now(), Instant::now()),
            // A single collection starts at once.
            Mode::Once => Memories::new(),
        };
        let is_refused = self.client.credentials_refused();
        // A restart or reload is no reason to try rejected credentials again, which may lock the account.
        let probe = memory::next_probe(&state, cadence.listing, clock::now(), Instant::now());
        let probe = probe.filter(|_| is_refused && mode == Mode::Continuous);
        let schedule = Schedule::new(cadence, mode, self.concurrency)
            .expiring_after(state.policy.stale_after)
            .remembering(memories)
            .listing_first_at(probe)
            .with_credentials(is_refused);
        let mut collecting = Collecting {
            schedule,
            client: Arc::new(self.client),
            secrets: Secrets::new(&state.identity.name, self.rotation),
            report: Report::new(&state.identity, self.shard, self.selection, self.dropping, self.instrumentation),
            demand,
            concurrency: self.concurrency,
            effective_interval: None,
            started_at: clock::now(),
            is_listing_announced: mode == Mode::Once,
            state,
        };
        let mut running: JoinSet<(Ended, Arc<Client>)> = JoinSet::new();
        let mut check_at = Instant::now() + CHECK_INTERVAL;
        // At once: what is planned is of interest even if nothing may be requested for hours.
        let mut publish_at = Some(Instant::now());
        loop {
            // Start nothing while the vendor has asked for a pause: the requests would only fail.
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
                    let (ended, client) = ended.map_err(|cause| Panicked { source_name: source_name(), cause })?;
                    collecting = collecting.take_in(ended, &client);
                    if collecting.schedule.is_refused() && !running.is_empty() {
                        // Further requests with rejected credentials may lock the account.
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
        // After this returns, nothing is counted or sent for this source any more.
        running.shutdown().await;
        let status = collecting.status();
        self.publisher.publish_with(collecting.state, status);
        Ok(())
    }
}

/// State of a running collection.
struct Collecting {
    client: Arc<Client>,
    secrets: Secrets,
    report: Report,
    schedule: Schedule,
    demand: Demand,
    concurrency: usize,
    effective_interval: Option<Duration>,
    started_at: Timestamp,
    /// The first successful listing is logged, so that a healthy start shows what is collected.
    is_listing_announced: bool,
    state: SourceState,
}

impl Collecting {
    /// The next job to start, given the number of running jobs.
    fn start(&mut self, running: usize) -> Option<Job> {
        let client = &self.client;
        self.schedule.start(Instant::now(), running, |requests| client.may_retry(requests))
    }

    /// Processes the result of a task that used this client.
    fn take_in(mut self, ended: Ended, client: &Arc<Client>) -> Self {
        let took = match ended {
            // Retries and probes cover only one or two parts, so they are no measure of a full collection.
            Ended::Listing(_) | Ended::Tenant { is_turn: false, .. } => None,
            Ended::Tenant { took, .. } => Some(took),
        };
        let is_refusal_of_older_credentials = match &ended {
            Ended::Listing(attempt) if Arc::ptr_eq(client, &self.client) => {
                client.judge_credentials(attempt);
                false
            }
            Ended::Listing(attempt) => attempt.is_unauthorized(),
            Ended::Tenant { .. } => false,
        };
        let was_refused = self.schedule.is_refused();
        let is_listing = matches!(ended, Ended::Listing(_));
        let now = clock::now();
        for event in self.report.events(ended, &self.state, &mut self.schedule, now) {
            self.state = self.state.advance(event, now);
        }
        if is_listing && !self.is_listing_announced && self.state.listing.succeeded() == Some(true) {
            self.is_listing_announced = true;
            self.report.announce_listing(&self.state);
        }
        if is_refusal_of_older_credentials {
            // Otherwise the new credentials would be tried only after a whole interval.
            self.schedule = self.schedule.with_credentials(was_refused);
            self.schedule.list_now(Instant::now());
        }
        if let Some(took) = took {
            self.measure_demand(took)
        } else {
            if self.schedule.is_refused() {
                // The secrets may just have been rotated; if so, the listing is repeated at once.
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

    /// What is running, and when the next jobs are due.
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

    /// Switches to new credentials.
    fn use_credentials(mut self, rotation: &Rotation) -> Self {
        let source = &self.state.identity.name;
        match self.client.with_credentials(&rotation.credentials()) {
            Ok(client) => {
                tracing::info!(source = &**source, "secrets of source {source} changed, using the new ones");
                if self.schedule.is_refused() {
                    self.schedule.list_now(Instant::now());
                }
                Self { client: Arc::new(client), ..self }
            }
            Err(_) => {
                tracing::warn!(
                    source = &**source,
                    "reloading secrets of source {source} failed, keeping the previous ones: a secret contains \
                     characters not allowed in an HTTP header"
                );
                self
            }
        }
    }
}

/// How long collected data waits to be published together with more.
fn publish_delay(tenants: usize) -> Duration {
    PUBLISH_DELAY.max(PUBLISH_DELAY_OF_A_TENANT.saturating_mul(u32::try_from(tenants).unwrap_or(u32::MAX)))
}

async fn execute(client: Arc<Client>, policy: Arc<Policy>, job: Job) -> (Ended, Arc<Client>) {
    let ended = match job {
        Job::List => Ended::Listing(client.list_tenants().await),
        Job::Collect { listed, parts, is_turn } => {
            let started = Instant::now();
            let rpo = policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
            let judged_at = client.judged_at(clock::now());
            let collection = client.collect_tenant(&listed.target, &parts, &rpo, judged_at).await;
            Ended::Tenant { listed, parts, collection, took: started.elapsed(), is_turn }
        }
    };
    (ended, client)
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
