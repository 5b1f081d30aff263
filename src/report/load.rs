//! Queries Prometheus for a period, a few requests at once and bounded in samples.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::client::{self, Prometheus, Series};
use super::gather::{Gathering, Part};
use super::model::Report;
use super::period::{Grid, Period};
use super::queries::{self, NOTHING_DUE};

/// Requests at once: Prometheus has other users.
const CONCURRENCY: usize = 2;
/// Samples of one response.
const MAX_SAMPLES: usize = 400_000;
/// Samples of one response that Prometheus has to compute, with a dozen joins for each: it must respond in time.
const MAX_COMPUTED_SAMPLES: usize = 100_000;
/// Workloads of all customers together.
const MAX_WORKLOADS: usize = 200_000;
/// Prometheus responds with at most 11,000 samples per series.
const MAX_POINTS: usize = 10_000;
/// Seconds between two times at which the workloads are counted.
const COUNTING_STEP: i64 = 6 * 3600;
const DAY: i64 = 86_400;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A query failed.
    #[error(transparent)]
    Query(#[from] client::Error),
    /// Nothing is known about anybody.
    #[error("Prometheus has no data of the exporter for this period (saasbackup_workload_state)")]
    Empty,
    /// There are too many times.
    #[error("the period has more than {MAX_POINTS} steps: choose a longer --step")]
    TooFine,
    /// There are too many workloads.
    #[error("Prometheus has more than {MAX_WORKLOADS} workloads")]
    TooMany,
    /// A bug.
    #[error("a query was not completed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What Prometheus knows about a period; `progress` is called with the number of steps that are done, and of all.
///
/// # Errors
///
/// If a query fails, or there is no data.
pub async fn load(
    prometheus: &Prometheus,
    period: &Period,
    step: i64,
    mut progress: impl FnMut(usize, usize),
) -> Result<Report, Error> {
    let grid = period.grid(step);
    if grid.count > MAX_POINTS {
        return Err(Error::TooFine);
    }
    let workloads = workloads(prometheus, period, grid).await?;
    let pieces = pieces(0..grid.count, grid.step, workloads, MAX_SAMPLES);

    let slots = Arc::new(Semaphore::new(CONCURRENCY));
    let mut running = JoinSet::new();
    for piece in pieces {
        let (prometheus, slots) = (prometheus.clone(), Arc::clone(&slots));
        running.spawn(async move {
            let _slot = slots.acquire().await;
            marks(&prometheus, grid, piece, workloads).await
        });
    }
    let (start, end) = (period.start(), period.end());
    for (is_end, at) in [(false, (start + DAY).min(end) - 1), (true, end - 1)] {
        let (prometheus, slots) = (prometheus.clone(), Arc::clone(&slots));
        running.spawn(async move {
            let _slot = slots.acquire().await;
            Ok(Part::Facts { is_end, series: prometheus.instant(queries::FACTS, at).await? })
        });
    }
    for (day, date) in period.days.iter().enumerate() {
        let (prometheus, slots, date) = (prometheus.clone(), Arc::clone(&slots), *date);
        running.spawn(async move {
            let _slot = slots.acquire().await;
            let query = queries::alerts(date.end - date.start);
            let series = prometheus.instant(&query, date.end - 1).await?;
            Ok(Part::Alerts { day, series, query })
        });
    }
    for (query, part) in [
        (queries::SEEN, (|series| Part::Seen { series }) as fn(_) -> _),
        (queries::SHARDS, |series| Part::Shards { series }),
    ] {
        let (prometheus, slots) = (prometheus.clone(), Arc::clone(&slots));
        running.spawn(async move {
            let _slot = slots.acquire().await;
            let last = grid.at(grid.count.saturating_sub(1));
            Ok(part(prometheus.range(query, grid.first, last, grid.step).await?))
        });
    }

    let all = running.len();
    let mut gathering = Gathering::new(grid);
    while let Some(part) = running.join_next().await {
        gathering.take(part??);
        progress(all - running.len(), all);
    }
    gathering.finish(period).ok_or(Error::Empty)
}

/// The largest number of workloads at one time.
async fn workloads(prometheus: &Prometheus, period: &Period, grid: Grid) -> Result<usize, Error> {
    let step = grid.step.max(COUNTING_STEP);
    let series = prometheus.range(queries::SIZE, grid.first, period.end() - 1, step).await?;
    let counts = series.iter().flat_map(|series| &series.samples).map(|(_, value)| *value);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count; casts saturate")]
    let most = counts.fold(0.0, f64::max) as usize;
    if most > MAX_WORKLOADS { Err(Error::TooMany) } else { Ok(most) }
}

/// Divides the times so that a response has neither too many samples nor more than a day.
fn pieces(whole: Range<usize>, step: i64, workloads: usize, max_samples: usize) -> Vec<Range<usize>> {
    let day = usize::try_from(DAY / step).unwrap_or(1).max(1);
    let length = (max_samples / workloads.max(1)).clamp(1, day);
    whole.clone().step_by(length).map(|first| first..(first + length).min(whole.end)).collect()
}

/// The marks of some times, from the recorded series if they are complete.
async fn marks(prometheus: &Prometheus, grid: Grid, piece: Range<usize>, workloads: usize) -> Result<Part, Error> {
    let (start, end) = (grid.at(piece.start), grid.at(piece.end.saturating_sub(1)));
    let recorded = queries::marks(true);
    let series = prometheus.range(&recorded, start, end, grid.step).await?;
    let is_missing = !is_recorded(&series, grid, piece.clone())
        && !prometheus.range(&queries::without_records(), start, end, grid.step).await?.is_empty();
    if !is_missing {
        return Ok(Part::Marks { series, is_computed: false, query: recorded });
    }
    let computed = queries::marks(false);
    let mut series = Vec::new();
    for piece in pieces(piece, grid.step, workloads, MAX_COMPUTED_SAMPLES) {
        let (start, end) = (grid.at(piece.start), grid.at(piece.end.saturating_sub(1)));
        series.extend(prometheus.range(&computed, start, end, grid.step).await?);
    }
    Ok(Part::Marks { series, is_computed: true, query: computed })
}

/// Whether some workload has a recorded value at each of these times.
fn is_recorded(series: &[Series], grid: Grid, piece: Range<usize>) -> bool {
    let recorded = series.iter().flat_map(|series| &series.samples).filter(|(_, value)| *value < NOTHING_DUE);
    let recorded: HashSet<_> = recorded.filter_map(|(at, _)| grid.position(*at)).collect();
    piece.into_iter().all(|position| recorded.contains(&position))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn only_values_that_rules_recorded_count_as_recorded() {
        let grid = Grid { first: 0, step: 900, count: 4 };
        let series = |samples: &[(i64, f64)]| vec![Series { labels: BTreeMap::new(), samples: samples.to_vec() }];
        for (samples, expected) in
            [(vec![(900, 1.0), (1800, 0.0)], true), (vec![(900, 2.0), (1800, 3.0)], false), (vec![(900, 1.0)], false)]
        {
            assert_eq!(is_recorded(&series(&samples), grid, 1..3), expected, "{samples:?}");
        }
    }

    #[test]
    fn a_fleet_of_any_size_is_asked_for_in_pieces() {
        for (workloads, requests, computed) in
            [(0, 31, 31), (1, 31, 31), (4000, 31, 120), (40_000, 298, 1488), (MAX_WORKLOADS, 1488, 2976)]
        {
            let pieces = |max_samples| super::pieces(0..2976, 900, workloads, max_samples);
            assert_eq!((pieces(MAX_SAMPLES).len(), pieces(MAX_COMPUTED_SAMPLES).len()), (requests, computed));
            let pieces = pieces(MAX_SAMPLES);
            assert_eq!(pieces.iter().flat_map(Clone::clone).collect::<Vec<_>>(), (0..2976).collect::<Vec<_>>());
            assert!(pieces.iter().all(|piece| piece.len() * workloads <= MAX_SAMPLES && piece.len() <= 96));
        }
    }
}
