//! Simulates the schedule of a source for two days: each request waits for the rate limit and then for its response.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use saasbackup_exporter::domain::{Outcome as Ending, Part, TenantId};
use saasbackup_exporter::poller::Cadence;
use saasbackup_exporter::poller::simulation::{SimulatedSchedule, Started};
use saasbackup_exporter::provider::Listed;
use tokio::time::Instant;

use crate::fleet::{Cost, Measured};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The first round is over by then; what comes after is counted.
const COUNTED_FROM: Duration = DAY;
const LENGTH: Duration = Duration::from_secs(2 * 24 * 60 * 60);
const SAMPLED_EACH: Duration = Duration::from_secs(10 * 60);
/// As configured by default: the times of `refused_interval` follow.
const STALE_AFTER: Duration = DAY;

/// What a vendor bears.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vendor {
    pub(crate) requests_per_second: f64,
    pub(crate) concurrency: usize,
}

/// Two days of one fleet.
#[derive(Debug)]
pub(crate) struct Days<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) tenants: usize,
    pub(crate) cadence: Cadence,
    pub(crate) measured: &'a Measured,
    /// Whether the schedule learns what is not licensed.
    pub(crate) learns_refusals: bool,
}

/// What came of them.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Requests of the counted day by endpoint.
    pub(crate) requests: BTreeMap<&'static str, u64>,
    pub(crate) tenants: usize,
    /// Requests for a tenant and day that the cadence asks for, were there no limit.
    pub(crate) needed_per_tenant_and_day: f64,
    /// The ages of a part's data, in minutes, with how often each was seen.
    ages: BTreeMap<Part, BTreeMap<u64, u64>>,
    /// The longest time from the beginning of one collection of a part to the end of the next: what changes in between is
    /// noticed after so long at the latest.
    noticed: BTreeMap<Part, Duration>,
}

impl Outcome {
    /// The age that this share of the tenants does not exceed.
    pub(crate) fn age(&self, part: Part, share: f64) -> Duration {
        let ages = &self.ages[&part];
        let all: u64 = ages.values().sum();
        let mut seen = 0;
        for (minutes, count) in ages {
            seen += count;
            if seen as f64 >= all as f64 * share {
                return Duration::from_secs(minutes * 60);
            }
        }
        Duration::MAX
    }

    pub(crate) fn is_observed(&self, part: Part) -> bool {
        self.ages.contains_key(&part)
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> {
        self.ages.keys().copied()
    }

    /// After how long a change is noticed at the latest.
    pub(crate) fn noticed_after(&self, part: Part) -> Duration {
        self.noticed.get(&part).copied().unwrap_or(Duration::MAX)
    }
}

struct Tenant<'a> {
    costs: &'a BTreeMap<Part, Cost>,
    /// When the last collection of each part began and ended.
    observed: BTreeMap<Part, (Duration, Duration)>,
}

/// Something that is being asked for: the requests that are left, last first.
struct Running {
    tenant: Option<(TenantId, Vec<Part>)>,
    started: Duration,
    left: Vec<(&'static str, Duration)>,
}

impl Days<'_> {
    fn listed(&self) -> Vec<Listed> {
        let own = self.measured.tenants.iter().cycle().take(self.tenants).enumerate();
        own.map(|(index, (listed, _))| listed.clone().known_as(&id(index))).collect()
    }

    /// The requests for some parts of a tenant, last first.
    fn requests(&self, costs: &BTreeMap<Part, Cost>, parts: &[Part]) -> Vec<(&'static str, Duration)> {
        let mut left = Vec::new();
        let mut has_workloads = false;
        for part in parts {
            let is_workload = matches!(part, Part::Workload(_));
            if self.measured.reports_together && is_workload && std::mem::replace(&mut has_workloads, is_workload) {
                continue;
            }
            let Some(cost) = costs.get(part) else { continue };
            for (endpoint, count) in &cost.requests {
                left.extend((0..*count).map(|_| (*endpoint, cost.latency)));
            }
        }
        left.reverse();
        left
    }

    pub(crate) fn run(&self) -> Outcome {
        let start = Instant::now();
        let listed = self.listed();
        let mut tenants: BTreeMap<TenantId, Tenant<'_>> = self
            .measured
            .tenants
            .iter()
            .cycle()
            .take(self.tenants)
            .enumerate()
            .map(|(index, (_, costs))| (id(index), Tenant { costs, observed: BTreeMap::new() }))
            .collect();
        let mut schedule = SimulatedSchedule::new(self.cadence.clone(), STALE_AFTER, self.vendor.concurrency);
        let mut outcome = Outcome { tenants: self.tenants, ..Outcome::default() };
        outcome.needed_per_tenant_and_day = self.needed();
        let step = Duration::from_secs_f64(1.0 / self.vendor.requests_per_second);
        let (mut running, mut number): (BTreeMap<u64, Running>, u64) = (BTreeMap::new(), 0);
        let mut answers: BinaryHeap<Reverse<(Duration, u64)>> = BinaryHeap::new();
        let (mut now, mut turn, mut sample_at) = (Duration::ZERO, Duration::ZERO, COUNTED_FROM);
        while now < LENGTH {
            while let Some(started) = schedule.start(start + now, running.len()) {
                let job = match started {
                    Started::Listing => {
                        let pages = self.measured.listing.iter().flat_map(|(endpoint, count)| {
                            // Datto's listing has no pages.
                            let more = if self.measured.reports_together { 1 } else { self.tenants as u64 };
                            let pages = (count * more).div_ceil(self.measured.tenants.len() as u64);
                            (0..pages.max(1)).map(|_| (*endpoint, self.measured.listing_latency))
                        });
                        Running { tenant: None, started: now, left: pages.collect() }
                    }
                    Started::Tenant(id, parts) => {
                        let left = self.requests(tenants[&id].costs, &parts);
                        Running { tenant: Some((id, parts)), started: now, left }
                    }
                };
                running.insert(number, job);
                answers.push(Reverse((now, number)));
                number += 1;
            }
            let next_answer = answers.peek().map(|Reverse((at, _))| *at);
            let next_start = schedule.next_start(start + now, running.len());
            let next_start = next_start.map(|at| at.saturating_duration_since(start));
            now = next_answer.into_iter().chain(next_start).min().unwrap_or(LENGTH).max(now);
            while sample_at <= now && sample_at < LENGTH {
                sample(&mut outcome, &tenants, sample_at);
                sample_at += SAMPLED_EACH;
            }
            while let Some(Reverse((at, job))) = answers.peek().copied().filter(|Reverse((at, _))| *at <= now) {
                answers.pop();
                let own = running.get_mut(&job).unwrap();
                if let Some((endpoint, latency)) = own.left.pop() {
                    // It waits for its turn, and for the answer.
                    turn = turn.max(at) + step;
                    if turn >= COUNTED_FROM {
                        *outcome.requests.entry(endpoint).or_default() += 1;
                    }
                    answers.push(Reverse((turn + latency, job)));
                    continue;
                }
                let ended = running.remove(&job).unwrap();
                match ended.tenant {
                    None => schedule.listed(listed.clone(), start + now),
                    Some((id, parts)) => {
                        let tenant = tenants.get_mut(&id).unwrap();
                        let (refused, failed) = self.end(&mut outcome, tenant, &parts, (ended.started, now));
                        schedule.ended(&id, &parts, &refused, &failed, start + now);
                    }
                }
            }
        }
        outcome
    }

    /// Takes in a collection: which parts were rejected and which failed, as far as the schedule learns of it.
    fn end(
        &self,
        outcome: &mut Outcome,
        tenant: &mut Tenant<'_>,
        parts: &[Part],
        (started, now): (Duration, Duration),
    ) -> (Vec<Part>, Vec<(Part, Ending)>) {
        let (mut refused, mut failed) = (Vec::new(), Vec::new());
        for part in parts {
            match tenant.costs.get(part) {
                Some(Cost { is_refused: true, .. }) if self.learns_refusals => refused.push(*part),
                Some(Cost { is_refused: true, .. }) | None => {}
                Some(Cost { failure: Some(failure), .. }) => failed.push((*part, *failure)),
                Some(_) => {
                    let before = tenant.observed.insert(*part, (started, now));
                    if let Some((before, _)) = before.filter(|_| now >= COUNTED_FROM) {
                        let noticed = outcome.noticed.entry(*part).or_default();
                        *noticed = (now - before).max(*noticed);
                    }
                }
            }
        }
        (refused, failed)
    }

    /// Requests for a tenant and day where nothing waits.
    fn needed(&self) -> f64 {
        let days = |interval: Duration| DAY.as_secs_f64() / interval.as_secs_f64();
        let mut all = 0.0;
        for (listed, costs) in &self.measured.tenants {
            let mut together: BTreeMap<bool, f64> = BTreeMap::new();
            for (part, interval) in self.cadence.parts_of(&listed.tenant) {
                let Some(cost) = costs.get(&part) else { continue };
                let interval = if cost.is_refused && self.learns_refusals { interval.max(18 * HOUR) } else { interval };
                let requests: u64 = cost.requests.iter().map(|(_, count)| count).sum();
                let is_workload = matches!(part, Part::Workload(_));
                let sum = together.entry(is_workload).or_default();
                let own = requests as f64 * days(interval);
                *sum = if self.measured.reports_together && is_workload { sum.max(own) } else { *sum + own };
            }
            all += together.values().sum::<f64>();
        }
        all / self.measured.tenants.len() as f64
    }
}

fn id(index: usize) -> TenantId {
    format!("{}-6", 440_032 + index).as_str().into()
}

fn sample(outcome: &mut Outcome, tenants: &BTreeMap<TenantId, Tenant<'_>>, now: Duration) {
    for tenant in tenants.values() {
        for (part, (_, at)) in &tenant.observed {
            let minutes = now.saturating_sub(*at).as_secs() / 60;
            *outcome.ages.entry(*part).or_default().entry(minutes).or_default() += 1;
        }
    }
}
