//! Lets fleets of unlike tenants share the request rate of a vendor: each request waits for its turn and its response.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);
const SLOTS: usize = 8;
const REQUESTS_PER_SECOND: f64 = 5.0;
const LATENCY: Duration = Duration::from_millis(300);

/// A collection under way: the requests that are left of it.
struct Running {
    job: Job,
    left: u32,
}

/// A source at a vendor; what its parts take, and how an attempt at one ends that does so long after the start.
struct Paced<Takes, Fails> {
    schedule: Schedule,
    ids: Vec<String>,
    takes: Takes,
    fails: Fails,
    start: Instant,
    now: Duration,
    /// When the last request was sent.
    sent: Duration,
    running: BTreeMap<u64, Running>,
    answers: BinaryHeap<Reverse<(Duration, u64)>>,
    started: u64,
    /// When each part was obtained.
    obtained: BTreeMap<(String, Part), Vec<Duration>>,
    /// When each part was attempted in vain.
    failed: BTreeMap<Part, Vec<Duration>>,
    most_running: usize,
}

impl<Takes: Fn(&str, Part) -> u32, Fails: Fn(Duration, Part) -> Option<Outcome>> Paced<Takes, Fails> {
    fn new(tenants: usize, parts: &[(Part, Duration)], takes: Takes, fails: Fails) -> Self {
        let cadence = Cadence { listing: 15 * MINUTE, parts: parts.to_vec() };
        Self {
            schedule: Schedule::new(cadence, Mode::Continuous, SLOTS).expiring_after(24 * HOUR),
            ids: (0..tenants).map(|index| format!("{index:04}")).collect(),
            takes,
            fails,
            start: Instant::now(),
            now: Duration::ZERO,
            sent: Duration::ZERO,
            running: BTreeMap::new(),
            answers: BinaryHeap::new(),
            started: 0,
            obtained: BTreeMap::new(),
            failed: BTreeMap::new(),
            most_running: 0,
        }
    }

    /// Goes on until so long after the start.
    fn until(&mut self, end: Duration) -> &mut Self {
        while self.now < end {
            let now = self.start + self.now;
            while let Some(job) = self.schedule.start(now, self.running.len(), |_| true) {
                let left = match &job {
                    Job::List => 1,
                    Job::Collect { listed, parts, .. } => {
                        parts.iter().map(|part| (self.takes)(listed.id().as_str(), *part)).sum()
                    }
                };
                self.running.insert(self.started, Running { job, left });
                self.answers.push(Reverse((self.now, self.started)));
                self.started += 1;
            }
            self.most_running = self.most_running.max(self.running.len());
            let next = self.schedule.next_start(now, self.running.len()).map(|at| at - self.start);
            let answer = self.answers.peek().map(|Reverse((at, _))| *at);
            self.now = next.into_iter().chain(answer).fold(end, Duration::min).max(self.now);
            while let Some(Reverse((at, number))) =
                self.answers.peek().copied().filter(|Reverse((at, _))| *at <= self.now)
            {
                self.answers.pop();
                let running = self.running.get_mut(&number).expect("it is running");
                if running.left > 0 {
                    running.left -= 1;
                    self.sent = at.max(self.sent + Duration::from_secs_f64(1.0 / REQUESTS_PER_SECOND));
                    self.answers.push(Reverse((self.sent + LATENCY, number)));
                } else if let Some(Running { job, .. }) = self.running.remove(&number) {
                    self.end(job);
                }
            }
        }
        self
    }

    fn end(&mut self, job: Job) {
        let now = self.start + self.now;
        let Job::Collect { listed: tenant, parts, .. } = job else {
            let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
            return self.schedule.listing_ended(listed(&ids), now);
        };
        let failed: Vec<_> = parts.iter().filter_map(|part| Some((*part, (self.fails)(self.now, *part)?))).collect();
        for part in &parts {
            if failed.iter().any(|(own, _)| own == part) {
                self.failed.entry(*part).or_default().push(self.now);
            } else {
                self.obtained.entry((tenant.id().to_string(), *part)).or_default().push(self.now);
            }
        }
        self.schedule.ended(tenant.id(), &parts, &failed, now);
    }
}

#[tokio::test(start_paused = true)]
async fn large_tenants_do_not_starve_small_ones() {
    // The first 16 by their ids.
    let is_large = |id: &str| id < "0016";
    let takes = |id: &str, _| if is_large(id) { 1_000 } else { 3 };
    let mut run = Paced::new(216, &[(MAIL, 15 * MINUTE)], takes, |_, _| None);
    run.until(8 * HOUR);
    let oldest = |ages: &dyn Fn(&str) -> bool| {
        let own = run.obtained.iter().filter(|((id, _), _)| ages(id));
        let gaps = own.flat_map(|(_, at)| at.windows(2).map(|pair| (pair[1], pair[1] - pair[0])).collect::<Vec<_>>());
        // Who is large is learnt in the first two rounds.
        gaps.filter(|(at, _)| *at > 3 * HOUR).map(|(_, gap)| gap).max().expect("they are collected")
    };
    let (small, large) = (oldest(&|id| !is_large(id)), oldest(&is_large));
    assert!(small < 30 * MINUTE, "{small:?}");
    // Sixteen thousand requests take 53 minutes of the whole pace, and the small ones need an eighth of it.
    assert!(large < 75 * MINUTE, "{large:?}");
    assert!(run.most_running <= SLOTS + SLOTS / 2, "{}", run.most_running);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_failed_for_an_hour_is_fresh_for_all_tenants_within_minutes() {
    let parts = [(MAIL, 15 * MINUTE), (Part::Coverage, 6 * HOUR)];
    for (tenants, part, outcome) in [
        (200, Part::Coverage, Outcome::ServerError),
        (200, Part::Coverage, Outcome::Decode),
        (20, Part::Coverage, Outcome::Timeout),
        (3, Part::Coverage, Outcome::ServerError),
        (200, MAIL, Outcome::ServerError),
    ] {
        // It begins before anybody is asked for the part the second time.
        let (begin, end) = (5 * HOUR, 6 * HOUR + 30 * MINUTE);
        let fails = |now, own| (own == part && (begin..end).contains(&now)).then_some(outcome);
        let mut run = Paced::new(tenants, &parts, |_, part| if part == MAIL { 2 } else { 4 }, fails);
        run.until(end);
        let failed = run.failed[&part].len();
        // A turn each while it lasts, one trial a minute, and what it takes to notice.
        let turns = if part == MAIL { 7 * tenants } else { tenants };
        assert!(failed <= turns + 90 + 4 * SLOTS, "{tenants} {part:?} {outcome:?}: {failed}");
        // A trial a minute, a page or two of all within the rate limit, and the ordinary turns beside.
        let requests = u32::try_from(tenants * 4 * 2).unwrap();
        run.until(end + 2 * MINUTE + Duration::from_secs_f64(f64::from(requests) / REQUESTS_PER_SECOND));
        let affected = run.ids.iter().filter(|id| {
            let at = run.obtained.get(&((*id).clone(), part)).and_then(|at| at.last().copied());
            at.is_none_or(|at| at < end)
        });
        let affected: Vec<_> = affected.collect();
        assert!(affected.is_empty(), "{tenants} {part:?} {outcome:?}: {affected:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn large_tenants_use_every_slot_that_no_other_waits_for() {
    let parts = vec![(MAIL, 15 * MINUTE)];
    let mut schedule = continuous(Cadence { listing: 1_000 * HOUR, parts });
    let start = Instant::now();
    let large: Vec<String> = (0..16).map(|index| format!("large-{index:02}")).collect();
    let small: Vec<String> = (0..40).map(|index| format!("small-{index:02}")).collect();
    let ids: Vec<&str> = large.iter().chain(&small).map(String::as_str).collect();
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&ids), start);
    started(&mut schedule, start, 100);
    let end = |schedule: &mut Schedule, ids: &[String], after: Duration| {
        ids.iter().for_each(|id| schedule.ended(&id.as_str().into(), &[MAIL], &[], start + after));
    };
    end(&mut schedule, &small, Duration::from_secs(1));
    end(&mut schedule, &large, 10 * MINUTE);
    schedule.listing_ended(listed(&ids), start + 10 * MINUTE);
    let count = |jobs: &[String], kind: &str| jobs.iter().filter(|job| job.starts_with(kind)).count();

    // All tenants are due.
    let now = start + 20 * MINUTE;
    let all = started(&mut schedule, now, 8);
    assert_eq!((count(&all, "large"), count(&all, "small")), (4, 4), "{all:?}");
    // The small ones are soon done, and no other waits.
    end(&mut schedule, &small, 20 * MINUTE);
    let mut running = 4;
    while let Some(Job::Collect { listed, parts, .. }) = schedule.start(now, running, |_| true) {
        if listed.id().as_str().starts_with("small") {
            assert_eq!(running, 4, "small ones wait");
            schedule.ended(listed.id(), &parts, &[], now);
        } else {
            running += 1;
        }
    }
    assert_eq!(running, 8, "all slots");
    // They are due again, while the large ones go on: half of the slots are theirs.
    while schedule.start(start + 40 * MINUTE, running, |_| true).is_some() {
        running += 1;
    }
    assert_eq!(running, 12);
}
