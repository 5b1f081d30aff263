//! Writes the history of the demo's fleet, as Prometheus would have scraped it if the demo had run for days.
//!
//! At each time of the past, the mock APIs are collected through the same clients, states and encoder as when serving,
//! so the file contains what the exporter would have exposed.

mod changes;
mod columns;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use self::changes::Changes;
use self::columns::Columns;
use super::Demo;
use crate::app::{self, SourceError};
use crate::config::Config;
use crate::domain::{Event, Listing, Part, SourceState, TenantId, Timestamp};
use crate::exposition::{Format, render};
use crate::instrumentation::{Instrumentation, SourceInstrumentation};
use crate::provider::{self, Client, Collection, Found, Listed};
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::Shape;

/// Time between two samples: five minutes would make the file three times as large, and backups change in hours.
const STEP: Duration = Duration::from_mins(15);
/// The mock APIs are collected at every fourth sample, once an hour.
const COLLECT_EVERY: u32 = 4;
/// Parts that change slowly are collected four times a day.
const SLOW_PARTS_EVERY: u32 = 24;
/// Tenants collected in parallel: the requests of one tenant are sequential.
const CONCURRENCY: usize = 128;

/// The history to write.
#[derive(Clone, Debug)]
pub struct History {
    /// Number of tenants; seed and shape must be those of the demo that continues this history.
    pub tenants: usize,
    /// Seed of the fleet.
    pub seed: u64,
    /// Response format of the mock Datto API.
    pub shape: Shape,
    /// Number of days.
    pub days: u32,
    /// Labels that Prometheus would have added, such as the job and the instance.
    pub labels: Vec<(String, String)>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Series.
    pub series: usize,
    /// Samples of all of them.
    pub samples: usize,
}

/// Why the history cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mock APIs cannot be started, or the file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A client cannot be made.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A bug in the collection of one tenant.
    #[error("collection failed: {0}")]
    Collecting(#[from] JoinError),
}

impl History {
    /// Writes the days before `end` as OpenMetrics with timestamps, for `promtool tsdb create-blocks-from openmetrics`.
    ///
    /// # Errors
    ///
    /// When the mock APIs cannot be started or the file cannot be written.
    pub async fn write(&self, path: &Path, end: Timestamp) -> Result<Written, Error> {
        // Created first, so that a bad path fails at once and not after a minute.
        let file = std::fs::File::create(path)?;
        // What stopped long ago must have stopped before the present, not before the history begins.
        let clock = Clock::fixed(end.as_millis());
        let demo = Demo::at(self.tenants, self.seed, self.shape, clock.clone(), 0.0).await?;
        let config = demo.config().unwrap_or_else(|problems| unreachable!("the demo's own configuration: {problems}"));
        let changes = Changes::of(demo.datto());
        let moments = self.moments(end);
        let first = moments.first().copied().unwrap_or(end);
        let instrumentation = Arc::new(Instrumentation::new(first));
        let mut accounts = accounts(&config, &instrumentation)?;
        let mut columns = Columns::default();
        for (number, &now) in (0..).zip(&moments) {
            clock.set(now.as_millis());
            changes.apply(demo.datto(), now.since(first).as_secs_f64() / end.since(first).as_secs_f64());
            for account in &mut accounts {
                if number % COLLECT_EVERY == 0 {
                    account.collect(number % SLOW_PARTS_EVERY == 0, now).await?;
                } else {
                    account.advance(Event::Elapsed, now);
                }
            }
            let states: Vec<_> = accounts.iter().map(|account| Arc::new(account.state.clone())).collect();
            columns.add(now, &render(&states, instrumentation.gather(), Format::OpenMetrics));
        }
        let mut file = BufWriter::new(file);
        columns.write(&self.labels, &mut file)?;
        file.flush()?;
        Ok(columns.written())
    }

    /// The times of the samples in ascending order, each a multiple of the step since the epoch, the last before `end`.
    fn moments(&self, end: Timestamp) -> Vec<Timestamp> {
        let step = i64::try_from(STEP.as_millis()).unwrap_or(i64::MAX);
        let last = end.as_millis().div_euclid(step) * step;
        let count = i64::from(self.days) * 86_400_000 / step;
        (0..count).rev().map(|back| Timestamp::from_millis(last - back * step)).collect()
    }
}

/// One account of the demo, with its current state.
struct Account {
    client: Arc<Client>,
    instrumentation: SourceInstrumentation,
    state: SourceState,
    /// Parts whose last attempt failed, which are skipped for a while: their requests are retried, which takes long.
    failed: BTreeSet<(TenantId, Part)>,
}

fn accounts(config: &Config, instrumentation: &Arc<Instrumentation>) -> Result<Vec<Account>, SourceError> {
    let sources = config.sources.iter().map(|source| {
        // The mock APIs are local, so no rate limit is needed.
        let mut source = source.clone();
        source.collection.requests_per_second = 1_000_000.0;
        source.collection.concurrency = CONCURRENCY;
        let endpoints = provider::endpoints(source.provider.vendor());
        let instrumentation = instrumentation.source(&app::identity(&source), endpoints);
        Ok(Account {
            client: Arc::new(app::client(&source, &provider::Accounts::default(), instrumentation.clone())?),
            instrumentation,
            state: app::initial_state(&source, &config.objectives),
            failed: BTreeSet::new(),
        })
    });
    sources.collect()
}

impl Account {
    /// Lists the tenants and collects all of them, as of `now`.
    async fn collect(&mut self, with_slow_parts: bool, now: Timestamp) -> Result<(), JoinError> {
        let listing = self.client.list_tenants().await;
        let listed = listing.result.as_ref().map_or_else(|_| Vec::new(), |found| found.tenants.clone());
        let tenants = listed.iter().map(|listed| Arc::clone(&listed.tenant)).collect();
        let listing_of = |found: Found| {
            let shortfall = found.shortfall.map(|error| error.outcome());
            Listing { tenants, shortfall, ..Listing::default() }
        };
        let result = listing.result.map(listing_of).map_err(|error| error.outcome());
        if !listed.is_empty() {
            self.instrumentation.credential_worked(now);
        }
        self.instrumentation.effective_interval(STEP * COLLECT_EVERY);
        self.advance(Event::Drifted(listing.drift), now);
        self.advance(Event::Listed(result), now);
        if with_slow_parts {
            self.failed.clear();
        }
        let mut running = JoinSet::new();
        let mut waiting = listed.into_iter();
        loop {
            while running.len() < CONCURRENCY
                && let Some(listed) = waiting.next()
            {
                running.spawn(self.collection_of(listed, with_slow_parts, now));
            }
            let Some(ended) = running.join_next().await else { return Ok(()) };
            let (tenant, collection, took) = ended?;
            self.instrumentation.collection_ended(took);
            self.failed.extend(collection.failures.iter().map(|(part, _)| (tenant.clone(), *part)));
            self.advance(Event::Drifted(collection.drift), now);
            self.advance(Event::Collected { tenant, parts: collection.parts }, now);
        }
    }

    fn collection_of(
        &self,
        listed: Listed,
        with_slow_parts: bool,
        now: Timestamp,
    ) -> impl Future<Output = (TenantId, Collection, Duration)> + use<> {
        let client = Arc::clone(&self.client);
        let rpo = self.state.policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
        let waits = |part: &Part| {
            matches!(part, Part::Coverage | Part::Lifecycle) || self.failed.contains(&(listed.id().clone(), *part))
        };
        let parts = listed.tenant.parts.iter().copied().filter(|part| with_slow_parts || !waits(part));
        let parts: Vec<_> = parts.collect();
        async move {
            let started = tokio::time::Instant::now();
            let collection = client.collect_tenant(&listed.target, &parts, &rpo, now).await;
            (listed.id().clone(), collection, started.elapsed())
        }
    }

    fn advance(&mut self, event: Event, now: Timestamp) {
        self.state = self.state.clone().advance(event, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_history_is_written_family_by_family_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.om");
        let labels = vec![("job".to_owned(), "saasbackup".to_owned())];
        let history = History { tenants: 4, seed: 1, shape: Shape::Live, days: 1, labels };
        let end = Timestamp::from_millis(1_790_000_123_456);
        let written = history.write(&path, end).await.unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.ends_with("# EOF\n"));
        let mut series: Vec<&str> = Vec::new();
        let mut last = 0;
        let mut samples = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (rest, time) = line.rsplit_once(' ').unwrap();
            let (name, _) = rest.rsplit_once(' ').unwrap();
            assert!(name.contains("{job=\"saasbackup\""), "{line}");
            let time: i64 = time.parse().unwrap();
            if series.last() == Some(&name) {
                assert_eq!(time % 900, 0, "{line}");
                assert!(time > last, "{line}");
            } else {
                series.push(name);
            }
            assert!(time <= end.as_millis() / 1_000 && time > end.as_millis() / 1_000 - 86_400 - 900, "{line}");
            (last, samples) = (time, samples + 1);
        }
        let all = series.len();
        series.sort_unstable();
        series.dedup();
        assert_eq!((series.len(), samples), (all, written.samples), "a series stands in one place");
        assert!(all > 500 && samples > 40 * all, "{written:?}");
        let headers: Vec<_> = text.lines().filter(|line| line.starts_with("# TYPE ")).collect();
        let mut once = headers.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), headers.len(), "each family is described once");
    }
}
