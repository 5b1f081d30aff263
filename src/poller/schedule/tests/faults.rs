//! Lets an invented vendor fail in part, once and for an hour, and counts what it is asked for meanwhile.

use std::collections::BTreeSet;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const STALE_AFTER: Duration = Duration::from_secs(24 * 3_600);
const SLOTS: usize = 8;

/// What was asked for: the listing, or a part of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    Listing,
    Part(&'a str, Part),
}

/// A fleet whose jobs take a second, at a vendor that may fail.
struct Run<Fails> {
    schedule: Schedule,
    tenants: Vec<String>,
    /// How the request ends that is made so long after the start.
    fails: Fails,
    now: Duration,
    start: Instant,
    running: Vec<(Duration, Job)>,
    /// What repeats are taken from, as the rate limiter of an account keeps it.
    tokens: f64,
    requests: Vec<Duration>,
    listed: Vec<Duration>,
    /// When each part was last obtained.
    obtained: BTreeMap<(String, Part), Duration>,
    expired: BTreeSet<(String, Part)>,
}

impl<Fails: FnMut(Duration, Asked<'_>) -> Option<Outcome>> Run<Fails> {
    fn new(tenants: usize, parts: &[(Part, Duration)], fails: Fails) -> Self {
        let cadence = Cadence { listing: 15 * MINUTE, parts: parts.to_vec() };
        Self {
            schedule: Schedule::new(cadence, Mode::Continuous, SLOTS).expiring_after(STALE_AFTER),
            tenants: (0..tenants).map(|index| format!("{index:04}")).collect(),
            fails,
            now: Duration::ZERO,
            start: Instant::now(),
            running: Vec::new(),
            tokens: 20.0,
            requests: Vec::new(),
            listed: Vec::new(),
            obtained: BTreeMap::new(),
            expired: BTreeSet::new(),
        }
    }

    /// Goes on until so long after the start.
    fn until(&mut self, end: Duration) -> &mut Self {
        while self.now < end {
            let (ended, running) = std::mem::take(&mut self.running).into_iter().partition(|(at, _)| *at <= self.now);
            self.running = running;
            let ended: Vec<(Duration, Job)> = ended;
            ended.into_iter().for_each(|(_, job)| self.end(job));
            let now = self.start + self.now;
            let tokens = &mut self.tokens;
            let mut grant = |requests: usize| {
                let cost = requests as f64;
                let is_granted = *tokens >= cost;
                *tokens -= if is_granted { cost } else { 0.0 };
                is_granted
            };
            while let Some(job) = self.schedule.start(now, self.running.len(), &mut grant) {
                self.running.push((self.now + SECOND, job));
            }
            let stale = self.obtained.iter().filter(|(_, at)| self.now - **at > STALE_AFTER);
            self.expired.extend(stale.map(|(key, _)| key.clone()));
            let next = self.schedule.next_start(now, self.running.len()).map(|at| at - self.start);
            assert!(next.is_none_or(|next| next > self.now), "it would not be awake for nothing");
            let ends = self.running.iter().map(|(at, _)| *at).min();
            // A poller wakes up this often whatever happens.
            let idle = self.now + 15 * SECOND;
            self.now = [next, ends].into_iter().flatten().fold(idle, Duration::min);
        }
        self
    }

    fn end(&mut self, job: Job) {
        let now = self.start + self.now;
        match job {
            Job::List => {
                self.requests.push(self.now);
                match (self.fails)(self.now, Asked::Listing) {
                    Some(outcome) => self.schedule.listing_failed(outcome, now),
                    None => {
                        self.listed.push(self.now);
                        let ids: Vec<&str> = self.tenants.iter().map(String::as_str).collect();
                        self.schedule.listing_ended(listed(&ids), now);
                    }
                }
            }
            Job::Collect { listed, parts, .. } => {
                let id = listed.id().as_str();
                let mut failed = Vec::new();
                for part in &parts {
                    self.requests.push(self.now);
                    match (self.fails)(self.now, Asked::Part(id, *part)) {
                        Some(outcome) => failed.push((*part, outcome)),
                        None => {
                            self.tokens = (self.tokens + 0.125).min(20.0);
                            self.obtained.insert((id.to_owned(), *part), self.now);
                        }
                    }
                }
                self.schedule.ended(listed.id(), &parts, &failed, now);
            }
        }
    }

    fn requests_between(&self, begin: Duration, end: Duration) -> usize {
        self.requests.iter().filter(|at| (begin..end).contains(*at)).count()
    }
}

/// What a source is asked for by default.
fn usual() -> Vec<(Part, Duration)> {
    vec![(MAIL, 15 * MINUTE), (Part::Seats, 15 * MINUTE), (Part::Coverage, 18 * HOUR)]
}

#[tokio::test(start_paused = true)]
async fn one_failure_of_anything_costs_seconds_and_no_value() {
    use Outcome::{Connect, Decode, Dns, Forbidden, Incomplete, ServerError, Throttled, Timeout, Tls};
    for outcome in [Connect, Dns, Tls, Timeout, ServerError, Decode, Forbidden, Incomplete, Throttled] {
        for part in [MAIL, Part::Seats, Part::Coverage] {
            let mut failures = 0;
            let mut run = Run::new(3, &usual(), |now, asked| {
                // Coverage fails in its second turn, after eighteen of the twenty-four hours.
                let is_hit = now > 17 * HOUR && asked == Asked::Part("0001", part) && failures == 0;
                failures += usize::from(is_hit);
                is_hit.then_some(outcome)
            });
            run.until(19 * HOUR);
            let before = run.requests.len();
            run.until(30 * HOUR);
            assert!(run.expired.is_empty(), "{part:?} after {outcome:?}: {:?}", run.expired);
            assert!(run.requests.len() > before);
            drop(run);
            assert_eq!(failures, 1, "{part:?}: it was hit");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_that_failed_once_is_there_a_few_seconds_later() {
    for part in [MAIL, Part::Coverage, Part::Seats] {
        let mut failed_at = None;
        let mut run = Run::new(3, &usual(), |now, asked| {
            let is_hit = failed_at.is_none() && asked == Asked::Part("0001", part);
            failed_at = if is_hit { Some(now) } else { failed_at };
            is_hit.then_some(Outcome::Timeout)
        });
        run.until(MINUTE);
        let obtained = run.obtained[&("0001".to_owned(), part)];
        drop(run);
        let waited = obtained - failed_at.expect("it failed");
        assert!(waited <= 4 * SECOND, "{part:?}: {waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_comes_up_late_is_asked_again_within_seconds() {
    for outcome in [Outcome::Dns, Outcome::Tls, Outcome::Connect, Outcome::Timeout, Outcome::ServerError] {
        let mut run = Run::new(1, &usual(), |now, _| (now < 4 * SECOND).then_some(outcome));
        run.until(MINUTE);
        assert!(run.listed[0] <= 12 * SECOND, "{outcome:?}: {:?}", run.listed);
        assert_eq!(run.obtained.len(), 3, "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_outage_makes_fewer_requests_than_ordinary_rounds_and_ends_within_a_minute() {
    for tenants in [1, 3, 20, 200] {
        for outcome in [Outcome::Connect, Outcome::ServerError, Outcome::Decode, Outcome::Forbidden] {
            let (begin, end) = (HOUR + MINUTE, 2 * HOUR + MINUTE);
            let mut run = Run::new(tenants, &usual(), |now, _| (begin..end).contains(&now).then_some(outcome));
            run.until(begin);
            run.until(end);
            let during = run.requests_between(begin, end);
            // A probe a minute, and what it takes to notice.
            assert!(during <= 66 + 3 * 3 * SLOTS, "{tenants} {outcome:?}: {during}");
            let ordinary = run.requests_between(begin - HOUR, begin);
            assert!(tenants < 20 || during < ordinary, "{tenants} {outcome:?}: {during} of {ordinary}");
            let to_collect = u32::try_from(tenants.div_ceil(SLOTS)).unwrap();
            run.until(end + MINUTE + (3 * to_collect + 5) * SECOND);
            let old: Vec<_> = run.obtained.iter().filter(|((_, part), at)| *part == MAIL && **at < end).collect();
            assert!(old.is_empty(), "{tenants} {outcome:?}: {old:?}");
            assert!(run.expired.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tenants_that_all_fail_beside_a_good_listing_make_no_more_requests_than_their_turns() {
    for tenants in [1, 20, 200] {
        let (begin, end) = (HOUR + MINUTE, 3 * HOUR + MINUTE);
        let mut run = Run::new(tenants, &usual(), |now, asked| {
            ((begin..end).contains(&now) && asked != Asked::Listing).then_some(Outcome::ServerError)
        });
        run.until(end);
        let (during, ordinary) = (run.requests_between(begin, end), 2 * run.requests_between(begin - HOUR, begin));
        assert!(during <= ordinary + 160, "{tenants}: {during} of {ordinary}");
        run.until(end + 2 * MINUTE + Duration::from_secs(tenants as u64));
        let old: Vec<_> = run.obtained.iter().filter(|((_, part), at)| *part == MAIL && **at < end).collect();
        assert!(old.is_empty(), "{tenants}: {old:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_fails_alone_stops_no_collection() {
    let end = 3 * HOUR;
    let mut run = Run::new(20, &usual(), |now, asked| {
        ((HOUR..end).contains(&now) && asked == Asked::Listing).then_some(Outcome::ServerError)
    });
    run.until(end);
    let oldest = run.obtained.iter().filter(|((_, part), _)| *part == MAIL).map(|(_, at)| *at).min().unwrap();
    assert!(oldest >= end - 17 * MINUTE, "{oldest:?}");
    run.until(end + MINUTE + 5 * SECOND);
    assert!(run.listed.last().unwrap() >= &end, "it is noticed within a minute");
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_always_fails_takes_nothing_from_the_others() {
    let mut run = Run::new(5, &usual(), |_, asked| matches!(asked, Asked::Part("0003", _)).then_some(Outcome::Timeout));
    run.until(24 * HOUR);
    let others = run.obtained.iter().filter(|((_, part), _)| *part == MAIL).map(|(_, at)| *at);
    let oldest = others.min().unwrap();
    assert!(oldest >= 24 * HOUR - 17 * MINUTE, "{oldest:?}");
    assert!(run.requests.len() <= 24 * 4 * (5 * 2 + 1) + 24 * 4 * 3 + 200, "{}", run.requests.len());
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_is_not_granted_comes_with_the_next_turn() {
    let cadence = || Cadence { listing: 30 * HOUR, parts: usual() };
    let mut schedule = continuous(cadence());
    let start = Instant::now();
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]), start);
    let Some(Job::Collect { listed: tenant, parts, is_turn: true }) = schedule.start(start, 0, |_| false) else {
        panic!("it is due")
    };
    schedule.ended(tenant.id(), &parts, &[(Part::Coverage, Outcome::Timeout)], start);
    let soon = start + 5 * SECOND;
    assert!(schedule.start(soon, 0, |requests| requests != 1).is_none(), "it costs one request");
    assert!(schedule.next_start(soon, 0).is_some_and(|at| at > soon), "nothing waits for it in vain");
    let Some(Job::Collect { parts, .. }) = schedule.start(start + 15 * MINUTE, 0, |_| false) else {
        panic!("its turn")
    };
    assert_eq!(parts, [MAIL, Part::Seats, Part::Coverage]);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_stop_everything_but_one_listing_an_interval() {
    let mut run = Run::new(20, &usual(), |now, _| (now >= HOUR).then_some(Outcome::Unauthorized));
    run.until(HOUR + 16 * MINUTE);
    assert!(run.schedule.is_refused());
    run.until(5 * HOUR);
    assert_eq!(run.requests_between(2 * HOUR, 5 * HOUR), 12, "three hours of a probe every 15 minutes");
    let now = run.start + run.now;
    run.schedule.list_now(now);
    assert!(matches!(run.schedule.start(now, 0, |_| true), Some(Job::List)), "other credentials are tried at once");
    let ids: Vec<&str> = run.tenants.iter().map(String::as_str).collect();
    run.schedule.listing_ended(listed(&ids), now);
    assert!(matches!(run.schedule.start(now, 0, |_| true), Some(Job::Collect { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_was_stopped_is_due_as_before() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b"]), start);
    assert_eq!(started(&mut schedule, start, 2).len(), 2);
    schedule.abandon_running(start);
    assert_eq!(started(&mut schedule, start, 2), ["a: mail coverage", "b: mail coverage"]);
    end(&mut schedule, &["a", "b"], start);
    assert_eq!(schedule.out_of_the_ordinary(), BTreeMap::new());
}

#[tokio::test(start_paused = true)]
async fn unresponsive_tenants_use_the_slots_that_no_other_waits_for() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    let ids: Vec<String> = (0..40).map(|index| format!("{index:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    schedule.listing_ended(listed(&ids), start);
    started(&mut schedule, start, 41);
    for id in &ids {
        schedule.ended(&(*id).into(), &[MAIL], &[(MAIL, Outcome::Timeout), (Part::Coverage, Outcome::Timeout)], start);
    }
    assert_eq!(started(&mut schedule, start + 15 * MINUTE, 8).len(), 8, "all slots");
}

#[tokio::test(start_paused = true)]
async fn seats_that_fail_for_hours_are_asked_for_again_before_they_expire() {
    for hours in [1, 6, 12, 18] {
        for outcome in [Outcome::ServerError, Outcome::Timeout] {
            let parts = [(MAIL, 15 * MINUTE), (Part::Seats, hours * HOUR)];
            let mut run = Run::new(3, &parts, |now, asked| {
                let is_hit = asked == Asked::Part("0001", Part::Seats) && (MINUTE..20 * HOUR).contains(&now);
                is_hit.then_some(outcome)
            });
            run.until(48 * HOUR);
            assert!(run.expired.is_empty(), "every {hours} h, {outcome:?}: {:?}", run.expired);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn seats_that_can_be_listed_no_more_are_not_asked_for_more_often_for_that() {
    let parts = [(MAIL, 15 * MINUTE), (Part::Seats, 6 * HOUR)];
    let mut asked_for = Vec::new();
    let mut run = Run::new(1, &parts, |now, asked| {
        let is_seats = asked == Asked::Part("0000", Part::Seats);
        asked_for.extend(is_seats.then_some(now));
        (is_seats && now > MINUTE).then_some(Outcome::Timeout)
    });
    run.until(10 * 24 * HOUR);
    drop(run);
    // Twice at six hours, at 18, some more times before they expire, and then once a day.
    assert!(asked_for.len() <= 20, "{asked_for:?}");
}

#[tokio::test(start_paused = true)]
async fn seats_that_fail_because_the_vendor_is_down_are_not_taken_for_too_many() {
    let (begin, end) = (HOUR, 9 * HOUR);
    let mut run = Run::new(3, &usual(), |now, _| (begin..end).contains(&now).then_some(Outcome::ServerError));
    run.until(end + 2 * MINUTE);
    let seats = run.obtained.iter().filter(|((_, part), at)| *part == Part::Seats && **at >= end).count();
    assert_eq!(seats, 3, "an outage of eight hours leaves no seats behind");
}
