//! Runs the schedule through invented time.

use std::time::Duration;

use super::*;
use crate::domain::{DattoServices, SeatCounts, Tenant, Timestamp, Workload};
use crate::provider::Target;
use crate::store::plan::{TenantPlan, Turn};

const MINUTE: Duration = Duration::from_secs(60);
const MAIL: Part = Part::Workload(Workload::Mail);

fn schedule() -> Schedule {
    let parts = vec![(MAIL, 15 * MINUTE), (Part::Coverage, 60 * MINUTE), (Part::Lifecycle, MINUTE)];
    Schedule::new(Cadence { listing: 15 * MINUTE, parts })
}

fn listed(ids: &[&str]) -> Option<Vec<Listed>> {
    let listed = |id: &&str| Listed {
        tenant: Arc::new(Tenant {
            id: (*id).into(),
            name: None,
            organization_id: None,
            plan: None,
            product: None,
            status: None,
            seats: SeatCounts::default(),
            services: DattoServices::default(),
            parts: &[Part::Seats, MAIL, Part::Coverage],
        }),
        target: Target::test(id),
    };
    Some(ids.iter().map(listed).collect())
}

/// What is started at `now` with this many places: `list`, or the tenant and its parts.
fn started(schedule: &mut Schedule, now: Instant, places: usize) -> Vec<String> {
    let mut jobs = Vec::new();
    while let Some(job) = schedule.start(now, jobs.len(), places) {
        jobs.push(match job {
            Job::List => "list".to_owned(),
            Job::Collect { listed, parts } => {
                let parts: Vec<_> = parts.iter().map(|part| part.as_str()).collect();
                format!("{}: {}", listed.id(), parts.join(" "))
            }
        });
    }
    jobs
}

fn end(schedule: &mut Schedule, ids: &[&str]) {
    ids.iter().for_each(|id| schedule.ended(&TenantId::from(*id), &[MAIL, Part::Coverage], &[]));
}

#[tokio::test]
async fn the_listing_comes_first_and_again_after_its_interval() {
    let (mut schedule, start) = (schedule(), Instant::now());
    assert_eq!(started(&mut schedule, start, 1), ["list"]);
    assert_eq!(started(&mut schedule, start + 60 * MINUTE, 1), [""; 0], "one listing at a time");
    schedule.listing_ended(None);
    assert_eq!(schedule.next_start(0, 1), Some(start + 15 * MINUTE), "a failed listing is repeated in its turn");
    assert_eq!(started(&mut schedule, start + 15 * MINUTE, 1), ["list"]);
}

#[tokio::test]
async fn a_tenant_is_asked_for_each_part_in_its_own_time() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]));
    assert_eq!(started(&mut schedule, start, 2), ["a: mail coverage"]);
    assert_eq!(started(&mut schedule, start + 13 * MINUTE, 2), [""; 0], "it is being collected");
    end(&mut schedule, &["a"]);
    assert_eq!(started(&mut schedule, start + 13 * MINUTE, 2), [""; 0], "early by a tenth of the interval at most");
    assert_eq!(started(&mut schedule, start + 15 * MINUTE, 2), ["list", "a: mail"]);
    end(&mut schedule, &["a"]);
    let next = schedule.next_start(0, 2).unwrap() - start;
    assert!(next > 28 * MINUTE && next <= 30 * MINUTE, "{next:?}");
    assert_eq!(started(&mut schedule, start + 60 * MINUTE, 2), ["a: mail coverage"]);
}

#[tokio::test]
async fn whoever_has_waited_longest_comes_first() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b", "c"]));
    assert_eq!(started(&mut schedule, start, 1), ["a: mail coverage"]);
    assert_eq!(schedule.next_start(1, 1), Some(start + 15 * MINUTE), "without a place only the listing can start");
    end(&mut schedule, &["a"]);
    assert_eq!(started(&mut schedule, start + MINUTE, 1), ["b: mail coverage"]);
    end(&mut schedule, &["b"]);
    schedule.listing_ended(listed(&["a", "b", "c", "aa"]));
    let jobs = started(&mut schedule, start + 15 * MINUTE, 9);
    assert_eq!(jobs[..4], ["list", "aa: mail coverage", "c: mail coverage", "a: mail"]);
}

#[tokio::test]
async fn a_tenant_that_left_is_not_asked_again_even_if_it_was_being_collected() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b"]));
    assert_eq!(started(&mut schedule, start, 1), ["a: mail coverage"]);
    schedule.listing_ended(listed(&["b"]));
    end(&mut schedule, &["a"]);
    assert_eq!(started(&mut schedule, start, 5), ["b: mail coverage"]);
}

#[test]
fn an_incomplete_listing_adds_tenants_and_forgets_nobody() {
    let mut schedule = schedule();
    schedule.listing_ended(listed(&["a", "b"]));
    schedule.incomplete_listing_ended(listed(&["b", "c"]).unwrap());
    assert_eq!(schedule.tenants(), 3);
    schedule.incomplete_listing_ended(Vec::new());
    assert_eq!(schedule.tenants(), 3);
    schedule.listing_ended(listed(&["b"]));
    assert_eq!(schedule.tenants(), 1);
}

#[tokio::test]
async fn a_listing_while_a_tenant_is_collected_does_not_start_it_twice() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]));
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]));
    assert_eq!(started(&mut schedule, start + 13 * MINUTE, 5), [""; 0]);
}

#[tokio::test]
async fn seats_that_a_vendor_cannot_list_are_asked_for_less_and_less_often() {
    let cadence = Cadence { listing: 24 * 60 * MINUTE, parts: vec![(Part::Seats, 15 * MINUTE), (MAIL, 15 * MINUTE)] };
    let (mut schedule, start) = (Schedule::new(cadence), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]));
    let mut asked_at = Vec::new();
    for minute in 0..3 * 24 * 60 {
        let jobs = started(&mut schedule, start + minute * MINUTE, 1);
        if jobs.iter().any(|job| job.contains("seats")) {
            asked_at.push(minute);
        }
        let failed = [(Part::Seats, Outcome::ServerError)];
        let parts = if jobs.iter().any(|job| job.contains("seats")) { vec![Part::Seats, MAIL] } else { vec![MAIL] };
        schedule.ended(&TenantId::from("a"), &parts, &failed);
    }
    let gaps: Vec<u32> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, most) in gaps.iter().zip([30, 60, 120, 240, 480, 960, 1440]) {
        assert!(*gap <= most && *gap >= most * 9 / 10, "{gaps:?}");
    }
    assert_eq!(gaps.len(), 7, "{gaps:?}");
}

#[tokio::test]
async fn tenants_that_do_not_answer_cannot_hold_up_the_others() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    let ids: Vec<String> = (0..40).map(|index| format!("{index:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    schedule.listing_ended(listed(&ids));
    let (slow, others) = ids.split_at(20);
    started(&mut schedule, start, 40);
    slow.iter().for_each(|id| schedule.ended(&(*id).into(), &[MAIL], &[(MAIL, Outcome::Timeout)]));
    others.iter().for_each(|id| schedule.ended(&(*id).into(), &[MAIL], &[]));

    let round = start + 60 * MINUTE;
    schedule.listing = ListingTurn::DueAt(round + 60 * MINUTE);
    let jobs = started(&mut schedule, round, 8);
    let suspects = jobs.iter().filter(|job| slow.contains(&&job[..2])).count();
    assert_eq!((jobs.len(), suspects), (8, 2), "a quarter of the places: {jobs:?}");
    slow.iter().for_each(|id| schedule.ended(&(*id).into(), &[MAIL], &[]));
    assert!(started(&mut schedule, round, 40).len() >= 18, "whoever answers again is treated like everybody");
}

/// Five thousand tenants at half the budget that they need: everybody waits, and nobody starves.
#[tokio::test]
async fn at_half_the_needed_budget_the_oldest_data_is_at_most_twice_the_median() {
    const TENANTS: usize = 5_000;
    let cadence = Cadence { listing: 1_000_000 * MINUTE, parts: vec![(MAIL, 15 * MINUTE)] };
    let (mut schedule, start) = (Schedule::new(cadence), Instant::now());
    started(&mut schedule, start, 1);
    let ids: Vec<String> = (0..TENANTS).map(|index| format!("{index:04}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    schedule.listing_ended(listed(&ids));
    // One collection takes so long that a round takes twice the interval.
    let step = 30 * MINUTE / u32::try_from(TENANTS).unwrap();
    let mut collected: BTreeMap<TenantId, Instant> = BTreeMap::new();
    let mut now = start;
    for _ in 0..5 * TENANTS {
        let Some(Job::Collect { listed, parts }) = schedule.start(now, 0, 1) else { panic!("somebody is always due") };
        now += step;
        schedule.ended(listed.id(), &parts, &[]);
        collected.insert(listed.id().clone(), now);
    }
    assert_eq!(collected.len(), TENANTS, "nobody is skipped");
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
    schedule.listing_ended(None);
    schedule.list_now(start + MINUTE);
    assert_eq!(started(&mut schedule, start + MINUTE, 1), ["list"]);
}

/// A moment, as wall time counted from `start`.
fn at(start: Instant, instant: Instant) -> Now {
    Now { instant, wall: Timestamp::from_millis(i64::try_from((instant - start).as_millis()).unwrap()) }
}

fn plans(schedule: &mut Schedule, now: Now) -> Vec<String> {
    let told = |turn| match turn {
        Turn::First => "first".to_owned(),
        Turn::Running => "running".to_owned(),
        Turn::At(at) => format!("{}s", at.as_millis() / 1000),
    };
    let plan = |(id, plan): (&TenantId, &Arc<TenantPlan>)| {
        let parts: Vec<_> =
            plan.parts.iter().map(|plan| format!("{} {}", plan.part.as_str(), told(plan.turn))).collect();
        format!("{id}: {}", parts.join(", "))
    };
    schedule.plans(now).iter().map(plan).collect()
}

#[tokio::test]
async fn the_plan_says_when_each_part_is_asked_for_next() {
    let (mut schedule, start) = (schedule(), Instant::now());
    assert_eq!(schedule.listing_turn(at(start, start)), Turn::First);
    started(&mut schedule, start, 1);
    assert_eq!(schedule.listing_turn(at(start, start)), Turn::Running);
    schedule.listing_ended(listed(&["a", "b"]));
    assert_eq!(schedule.listing_turn(at(start, start)), Turn::At(Timestamp::from_millis(900_000)));
    assert_eq!(
        plans(&mut schedule, at(start, start)),
        ["a: mail first, coverage first", "b: mail first, coverage first"]
    );
    started(&mut schedule, start, 1);
    assert_eq!(plans(&mut schedule, at(start, start))[0], "a: mail running, coverage running");
    end(&mut schedule, &["a"]);
    let later = start + 5 * MINUTE;
    let plan = plans(&mut schedule, at(start, later));
    assert_eq!(plan[1], "b: mail first, coverage first");
    let seconds = |word: &str| -> u64 {
        let (_, rest) = plan[0].split_once(word).unwrap();
        rest.split('s').next().unwrap().parse().unwrap()
    };
    let (mail, coverage) = (start + Duration::from_secs(seconds("mail ")), seconds("coverage "));
    assert!(started(&mut schedule, later, 9)[0].starts_with("b:"));
    assert_eq!(started(&mut schedule, mail - Duration::from_secs(1), 9), [""; 0], "not before it was said: {plan:?}");
    assert_eq!(started(&mut schedule, mail + Duration::from_secs(1), 9)[0], "a: mail", "{plan:?}");
    assert!((54 * 60..=60 * 60).contains(&coverage), "{plan:?}");
}

#[tokio::test]
async fn a_part_is_not_planned_before_its_tenant_has_a_turn() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a"]));
    for minute in (0..60).step_by(15) {
        started(&mut schedule, start + minute * MINUTE, 2);
        schedule.ended(&"a".into(), &[MAIL], &[]);
    }
    // Coverage may come up to six minutes early, but nobody looks at the tenant between two turns of its mail.
    let now = start + 46 * MINUTE;
    let plan = schedule.plans(at(start, now))[&"a".into()].clone();
    let Turn::At(coverage) = plan.of(Part::Coverage).unwrap().turn else { panic!("{plan:?}") };
    let Turn::At(mail) = plan.of(MAIL).unwrap().turn else { panic!("{plan:?}") };
    assert_eq!(mail, coverage);
}

#[tokio::test]
async fn a_plan_that_was_read_does_not_change() {
    let (mut schedule, start) = (schedule(), Instant::now());
    started(&mut schedule, start, 1);
    schedule.listing_ended(listed(&["a", "b"]));
    let before = schedule.plans(at(start, start));
    assert!(Arc::ptr_eq(&before, &schedule.plans(at(start, start))), "nothing changed");
    started(&mut schedule, start, 1);
    let after = schedule.plans(at(start, start));
    assert_eq!(before[&"a".into()].parts[0].turn, Turn::First);
    assert_eq!(after[&"a".into()].parts[0].turn, Turn::Running);
    assert!(Arc::ptr_eq(&before[&"b".into()], &after[&"b".into()]), "who did not change is shared");
    schedule.listing_ended(listed(&["b"]));
    assert_eq!(schedule.plans(at(start, start)).len(), 1, "who left is not planned for");
}
