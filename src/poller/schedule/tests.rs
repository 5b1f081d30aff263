//! Runs the schedule through invented time.

mod faults;
mod paced;
mod restart;

use std::time::Duration;

use super::*;
use crate::domain::{Tenant, Timestamp, Workload};
use crate::provider::Target;
use crate::store::Backoff;

const MINUTE: Duration = Duration::from_secs(60);
const MAIL: Part = Part::Workload(Workload::Mail);

fn schedule() -> Schedule {
    let parts = vec![(MAIL, 15 * MINUTE), (Part::Coverage, 60 * MINUTE), (Part::Lifecycle, MINUTE)];
    continuous(Cadence { listing: 15 * MINUTE, parts })
}

fn continuous(cadence: Cadence) -> Schedule {
    Schedule::new(cadence, Mode::Continuous, 1)
}

fn listed(ids: &[&str]) -> Option<Vec<Listed>> {
    let listed = |id: &&str| Listed {
        tenant: Arc::new(Tenant { id: (*id).into(), parts: &[Part::Seats, MAIL, Part::Coverage], ..Tenant::default() }),
        target: Target::test(id),
    };
    Some(ids.iter().map(listed).collect())
}

/// What is started at `now` with this many slots: `list`, or the tenant and its parts.
fn started(schedule: &mut Schedule, now: Instant, slots: usize) -> Vec<String> {
    let mut jobs = Vec::new();
    schedule.slots = slots;
    while let Some(job) = schedule.start(now, jobs.len(), |_| true) {
        jobs.push(match job {
            Job::List => "list".to_owned(),
            Job::Collect { listed, parts, .. } => {
                let parts: Vec<_> = parts.iter().map(|part| part.as_str()).collect();
                format!("{}: {}", listed.id(), parts.join(" "))
            }
        });
    }
    jobs
}

fn end(schedule: &mut Schedule, ids: &[&str], now: Instant) {
    ids.iter().for_each(|id| schedule.ended(&TenantId::from(*id), &[MAIL, Part::Coverage], &[], now));
}

#[tokio::test]
async fn the_listing_comes_first_and_again_after_its_interval() {
    let (mut schedule, start) = (schedule(), Instant::now());
    assert_eq!(started(&mut schedule, start, 1), ["list"]);
    assert_eq!(started(&mut schedule, start + 60 * MINUTE, 1), [""; 0], "one listing at a time");
    schedule.listing_ended(None, start);
    assert_eq!(schedule.next_start(start, 0), Some(start + 15 * MINUTE), "an empty listing is repeated in its turn");
    assert_eq!(started(&mut schedule, start + 15 * MINUTE, 1), ["list"]);
}

#[tokio::test]
async fn a_tenant_is_asked_for_each_part_in_its_own_time() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]), start);
    assert_eq!(started(&mut schedule, start, 2), ["a: mail coverage"]);
    assert_eq!(started(&mut schedule, start + 13 * MINUTE, 2), [""; 0], "it is being collected");
    end(&mut schedule, &["a"], start);
    assert_eq!(started(&mut schedule, start + 13 * MINUTE, 2), [""; 0], "early by a tenth of the interval at most");
    assert_eq!(started(&mut schedule, start + 15 * MINUTE, 2), ["list", "a: mail"]);
    end(&mut schedule, &["a"], start);
    let next = schedule.next_start(start + 15 * MINUTE, 0).unwrap() - start;
    assert!(next > 28 * MINUTE && next <= 30 * MINUTE, "{next:?}");
    assert_eq!(started(&mut schedule, start + 60 * MINUTE, 2), ["a: mail coverage"]);
}

#[tokio::test]
async fn whoever_has_waited_longest_comes_first() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b", "c"]), start);
    assert_eq!(started(&mut schedule, start, 1), ["a: mail coverage"]);
    assert_eq!(schedule.next_start(start, 1), Some(start + 15 * MINUTE), "without a place only the listing can start");
    end(&mut schedule, &["a"], start);
    assert_eq!(started(&mut schedule, start + MINUTE, 1), ["b: mail coverage"]);
    end(&mut schedule, &["b"], start);
    schedule.listing_ended(listed(&["a", "b", "c", "aa"]), start);
    let jobs = started(&mut schedule, start + 15 * MINUTE, 9);
    assert_eq!(jobs[..4], ["list", "aa: mail coverage", "c: mail coverage", "a: mail"]);
}

#[tokio::test]
async fn a_tenant_that_left_is_not_asked_again_even_if_it_was_being_collected() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b"]), start);
    assert_eq!(started(&mut schedule, start, 1), ["a: mail coverage"]);
    schedule.listing_ended(listed(&["b"]), start);
    end(&mut schedule, &["a"], start);
    assert_eq!(started(&mut schedule, start, 5), ["b: mail coverage"]);
}

#[test]
fn an_incomplete_listing_adds_tenants_and_removes_none() {
    let (mut schedule, start) = (schedule(), Instant::now());
    schedule.listing_ended(listed(&["a", "b"]), start);
    schedule.incomplete_listing_ended(listed(&["b", "c"]).unwrap(), start);
    assert_eq!(schedule.tenants(), 3);
    schedule.incomplete_listing_ended(Vec::new(), start);
    assert_eq!(schedule.tenants(), 3);
    schedule.listing_ended(listed(&["b"]), start);
    assert_eq!(schedule.tenants(), 1);
}

#[tokio::test]
async fn a_listing_while_a_tenant_is_collected_does_not_start_it_twice() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]), start);
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]), start);
    assert_eq!(started(&mut schedule, start + 13 * MINUTE, 5), [""; 0]);
}

#[tokio::test]
async fn seats_that_a_vendor_cannot_list_are_asked_for_less_and_less_often() {
    let cadence = Cadence { listing: 24 * 60 * MINUTE, parts: vec![(Part::Seats, 15 * MINUTE), (MAIL, 15 * MINUTE)] };
    let (mut schedule, start) = (continuous(cadence), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]), start);
    let mut asked_at = Vec::new();
    for minute in 0..3 * 24 * 60 {
        let jobs = started(&mut schedule, start + minute * MINUTE, 1);
        if jobs.iter().any(|job| job.contains("seats")) {
            asked_at.push(minute);
        }
        let failed = [(Part::Seats, Outcome::ServerError)];
        let parts = if jobs.iter().any(|job| job.contains("seats")) { vec![Part::Seats, MAIL] } else { vec![MAIL] };
        schedule.ended(&TenantId::from("a"), &parts, &failed, start + minute * MINUTE);
    }
    let gaps: Vec<u32> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, most) in gaps.iter().zip([1, 30, 60, 120, 240, 480, 960, 1440]) {
        assert!(*gap <= most && *gap >= most * 9 / 10, "{gaps:?}");
    }
    assert_eq!(gaps.len(), 8, "{gaps:?}");
}

/// Asks a tenant for mail and SharePoint, of which SharePoint is refused, for so many minutes; at `changes_at` the listing
/// brings `row`. The minutes at which SharePoint was asked for.
fn asked_for_refused(minutes: u32, changes_at: u32, row: impl Fn() -> Listed) -> Vec<u32> {
    const SITES: Part = Part::Workload(Workload::Sharepoint);
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let cadence = Cadence { listing: 10_000 * HOUR, parts: vec![(MAIL, 15 * MINUTE), (SITES, 2 * HOUR)] };
    let (mut schedule, start) = (continuous(cadence).expiring_after(24 * HOUR), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(Some(vec![licensed("a", "backup", "token")]), start);
    let mut asked_at = Vec::new();
    for minute in 0..minutes {
        let now = start + minute * MINUTE;
        if minute == changes_at {
            schedule.listing_ended(Some(vec![row()]), now);
        }
        while let Some(Job::Collect { listed, parts, .. }) = schedule.start(now, 0, |_| true) {
            let refused: Vec<_> = parts.iter().copied().filter(|part| *part == SITES).collect();
            asked_at.extend(refused.iter().map(|_| minute));
            schedule.refused(listed.id(), &parts, &refused);
            schedule.ended(listed.id(), &parts, &[], now);
        }
    }
    asked_at
}

fn licensed(id: &str, plan: &str, login: &str) -> Listed {
    let parts = &[MAIL, Part::Workload(Workload::Sharepoint)];
    let tenant = Tenant { id: id.into(), plan: Some(plan.to_owned()), parts, ..Tenant::default() };
    Listed { tenant: Arc::new(tenant), target: Target::test(login) }
}

#[test]
fn what_is_not_licensed_is_asked_for_rarely_and_at_once_when_the_listing_changes() {
    let unchanged = asked_for_refused(40 * 60, 600, || licensed("a", "backup", "token"));
    let gaps: Vec<u32> = unchanged.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() == 2 && gaps.iter().all(|gap| (16 * 60..=18 * 60).contains(gap)), "{unchanged:?}");
    let new_plan = asked_for_refused(20 * 60, 600, || licensed("a", "backup plus", "token"));
    assert_eq!(new_plan, [0, 600], "another plan");
    let new_login = asked_for_refused(20 * 60, 600, || licensed("a", "backup", "another"));
    assert_eq!(new_login, [0, 600], "another way to ask, such as a new token");
}

#[test]
fn what_is_licensed_again_is_asked_for_in_its_own_time() {
    const SITES: Part = Part::Workload(Workload::Sharepoint);
    let cadence = Cadence { listing: 10_000 * MINUTE, parts: vec![(SITES, 120 * MINUTE)] };
    let (mut schedule, start) = (continuous(cadence).expiring_after(24 * 60 * MINUTE), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(Some(vec![licensed("a", "backup", "token")]), start);
    let ask = |schedule: &mut Schedule, minute, refused: &[Part]| {
        assert_eq!(started(schedule, start + minute * MINUTE, 1), ["a: sharepoint"], "minute {minute}");
        schedule.refused(&"a".into(), &[SITES], refused);
        schedule.ended(&"a".into(), &[SITES], &[], start + minute * MINUTE);
    };
    ask(&mut schedule, 0, &[SITES]);
    assert_eq!(started(&mut schedule, start + 960 * MINUTE, 1), [""; 0], "not licensed");
    // It answers, or fails, or the refusal is in doubt.
    ask(&mut schedule, 1_080, &[]);
    ask(&mut schedule, 1_200, &[]);
}

#[tokio::test]
async fn tenants_that_do_not_answer_cannot_hold_up_the_others() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    let ids: Vec<String> = (0..40).map(|index| format!("{index:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    schedule.listing_ended(listed(&ids), start);
    let (slow, others) = ids.split_at(20);
    started(&mut schedule, start, 40);
    slow.iter().for_each(|id| schedule.ended(&(*id).into(), &[MAIL], &[(MAIL, Outcome::Timeout)], start));
    others.iter().for_each(|id| schedule.ended(&(*id).into(), &[MAIL], &[], start));

    let round = start + 60 * MINUTE;
    started(&mut schedule, round, 1);
    schedule.listing_ended(None, round);
    let jobs = started(&mut schedule, round, 8);
    let unresponsive = jobs.iter().filter(|job| slow.contains(&&job[..2])).count();
    assert_eq!((jobs.len(), unresponsive), (8, 2), "a quarter of the slots: {jobs:?}");
    slow.iter().for_each(|id| schedule.ended(&(*id).into(), &[MAIL], &[], round));
    assert!(started(&mut schedule, round, 40).len() >= 18, "a tenant that responds again is treated like all others");
}

/// Five thousand tenants at half the rate that they need: all wait, and none starves.
#[tokio::test]
async fn at_half_the_needed_rate_the_oldest_data_is_at_most_twice_the_median() {
    const TENANTS: usize = 5_000;
    let cadence = Cadence { listing: 1_000_000 * MINUTE, parts: vec![(MAIL, 15 * MINUTE)] };
    let (mut schedule, start) = (continuous(cadence), Instant::now());
    started(&mut schedule, start, 1);
    let ids: Vec<String> = (0..TENANTS).map(|index| format!("{index:04}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    schedule.listing_ended(listed(&ids), start);
    // One collection takes so long that a round takes twice the interval.
    let step = 30 * MINUTE / u32::try_from(TENANTS).unwrap();
    let mut collected: BTreeMap<TenantId, Instant> = BTreeMap::new();
    let mut now = start;
    for _ in 0..5 * TENANTS {
        let Some(Job::Collect { listed, parts, .. }) = schedule.start(now, 0, |_| true) else {
            panic!("some tenant is always due")
        };
        now += step;
        schedule.ended(listed.id(), &parts, &[], now);
        collected.insert(listed.id().clone(), now);
    }
    assert_eq!(collected.len(), TENANTS, "none is skipped");
    let mut ages: Vec<Duration> = collected.values().map(|at| now - *at).collect();
    ages.sort();
    let (median, oldest) = (ages[TENANTS / 2], ages[TENANTS - 1]);
    assert!(oldest <= 2 * median, "oldest {oldest:?}, median {median:?}");
}

#[tokio::test]
async fn a_listing_can_be_brought_forward() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.list_now(start);
    assert_eq!(started(&mut schedule, start, 1), [""; 0], "it is running");
    schedule.listing_ended(None, start);
    schedule.list_now(start + MINUTE);
    assert_eq!(started(&mut schedule, start + MINUTE, 1), ["list"]);
}

#[tokio::test]
async fn the_next_listing_is_reported_in_wall_time() {
    let (mut schedule, start) = (schedule(), Instant::now());
    let wall = Timestamp::from_millis(1_000_000);
    assert_eq!(schedule.next_listing(start, wall), NextAttempt::First);
    started(&mut schedule, start, 1);
    assert_eq!(schedule.next_listing(start, wall), NextAttempt::InProgress);
    schedule.listing_ended(None, start);
    assert_eq!(schedule.next_listing(start, wall), NextAttempt::At(wall.after(15 * MINUTE)));
    let late = schedule.next_listing(start + 20 * MINUTE, wall);
    assert_eq!(late, NextAttempt::At(wall), "it is due");
}

#[tokio::test]
async fn only_tenants_out_of_the_ordinary_are_reported() {
    let parts = vec![(MAIL, MINUTE), (Part::Seats, MINUTE)];
    let (mut schedule, start) = (continuous(Cadence { listing: MINUTE, parts }), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b"]), start);
    assert_eq!(schedule.out_of_the_ordinary(), BTreeMap::new(), "no tenant was requested");
    started(&mut schedule, start, 1);
    let running = TenantPolling { in_progress: vec![MAIL, Part::Seats], ..TenantPolling::default() };
    assert_eq!(schedule.out_of_the_ordinary(), [("a".into(), running)].into());
    let finish = |schedule: &mut Schedule, failed: &[(Part, Outcome)]| {
        schedule.ended(&"a".into(), &[MAIL, Part::Seats], failed, start);
        schedule.out_of_the_ordinary().remove(&"a".into())
    };
    let polling = finish(&mut schedule, &[(Part::Seats, Outcome::ServerError)]).unwrap();
    let [(Part::Seats, Backoff { interval, failures: 1 })] = polling.backoffs[..] else { panic!("{polling:?}") };
    assert!(!polling.is_unresponsive && interval <= Duration::from_secs(2), "{polling:?}");
    for failures in 2..=3 {
        let backoffs = vec![(Part::Seats, Backoff { interval: MINUTE * 2_u32.pow(failures - 1), failures })];
        let status = TenantPolling { backoffs, ..TenantPolling::default() };
        assert_eq!(finish(&mut schedule, &[(Part::Seats, Outcome::ServerError)]), Some(status));
    }
    let polling = finish(&mut schedule, &[(MAIL, Outcome::Timeout)]).unwrap();
    let [(MAIL, Backoff { interval, failures: 1 })] = polling.backoffs[..] else { panic!("{polling:?}") };
    assert!(polling.is_unresponsive && interval <= Duration::from_secs(2), "{polling:?}");
    assert_eq!(finish(&mut schedule, &[]), None, "it answered");
}

/// The page tells by when a part is due from the end of the last attempt; the schedule must never come later.
#[tokio::test]
async fn a_part_is_started_within_its_interval_of_the_end_of_its_last_attempt() {
    let (mut schedule, start) = (schedule(), Instant::now());
    schedule.cadence.listing = 1_000 * MINUTE;
    started(&mut schedule, start, 9);
    schedule.listing_ended(listed(&["a", "b", "c"]), start);
    let mut ended: BTreeMap<(String, Part), Instant> = BTreeMap::new();
    let mut starts = 0;
    for second in 0..4 * 60 * 60_u64 {
        let now = start + Duration::from_secs(second);
        while let Some(Job::Collect { listed, parts, .. }) = schedule.start(now, 0, |_| true) {
            starts += 1;
            for part in &parts {
                let interval = if *part == MAIL { 15 * MINUTE } else { 60 * MINUTE };
                let last = ended.insert((listed.id().to_string(), *part), now);
                assert!(last.is_none_or(|last| now <= last + interval), "{part:?} of {} at {second} s", listed.id());
            }
            schedule.ended(listed.id(), &parts, &[], now);
        }
    }
    assert!(starts > 3 * 16, "{starts}");
}
