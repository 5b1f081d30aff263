//! Starts the schedule of a source of which something is known already.

use super::*;
use crate::domain::{
    Event, Listing, Objectives, PartResult, Policy, Provider, SeatReport, SourceIdentity, SourceState, WorkloadReport,
    Workloads,
};
use crate::poller::memory;

const HOUR: Duration = Duration::from_secs(60 * 60);
const SITES: Part = Part::Workload(Workload::Sharepoint);

const fn wall(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + minutes * 60_000)
}

fn source(tenants: &[Listed]) -> SourceState {
    let workloads = vec![Workload::Mail, Workload::Sharepoint];
    let policy = Policy { stale_after: 24 * HOUR, workloads, objectives: Objectives::default() };
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "us".into() };
    let tenants = tenants.iter().map(|listed| Arc::clone(&listed.tenant)).collect();
    let listing = Event::Listed(Ok(Listing { tenants, ..Listing::default() }));
    SourceState::new(identity, Arc::new(policy)).advance(listing, wall(0))
}

fn collected(state: SourceState, id: &str, result: PartResult, minute: i64) -> SourceState {
    state.advance(Event::Collected { tenant: id.into(), parts: vec![result] }, wall(minute))
}

/// The schedule after a restart at this minute and a listing that has these tenants.
fn restarted(state: &SourceState, parts: &[(Part, Duration)], minute: i64, rows: Vec<Listed>) -> (Schedule, Instant) {
    let cadence = Cadence { listing: 10_000 * HOUR, parts: parts.to_vec() };
    let start = Instant::now();
    let memories = memory::of(state, &cadence, wall(minute), start);
    let mut schedule = continuous(cadence).expiring_after(state.policy.stale_after).remembering(memories);
    started(&mut schedule, start, 1);
    schedule.listing_ended(Some(rows), start);
    (schedule, start)
}

/// The minutes after the start at which this part is asked for first.
fn first_asked((mut schedule, start): (Schedule, Instant), part: Part) -> u32 {
    let minutes = 0..48 * 60;
    let mut asks = minutes.filter(|minute| {
        let now = start + *minute * MINUTE;
        let mut is_asked = false;
        while let Some(Job::Collect { listed, parts, .. }) = schedule.start(now, 0, |_| true) {
            is_asked |= parts.contains(&part);
            schedule.ended(listed.id(), &parts, &[], now);
        }
        is_asked
    });
    asks.next().expect("it is asked for some time")
}

#[tokio::test(start_paused = true)]
async fn what_worked_before_a_restart_is_due_in_its_turn_and_everything_else_at_once() {
    let seats = |outcome| PartResult::Seats(outcome);
    let ok = || seats(Ok(SeatReport::default()));
    for (result, restarted_at, due) in [
        (Some(ok()), 110, 50),
        (Some(ok()), 100, 60),
        (Some(ok()), 160, 0),
        (Some(ok()), 600, 0),
        (Some(ok()), 100 + 25 * 60, 0),
        // The clock was set meanwhile.
        (Some(ok()), 90, 0),
        (Some(ok()), -1_000_000, 0),
        (Some(ok()), 100_000_000, 0),
        (Some(seats(Err(Outcome::Timeout))), 101, 0),
        (None, 101, 0),
    ] {
        let rows = || listed(&["a"]).unwrap_or_default();
        let state = source(&rows());
        let state = match result.clone() {
            Some(result) => collected(state, "a", result, 100),
            None => state,
        };
        let parts = [(Part::Seats, HOUR)];
        let first = first_asked(restarted(&state, &parts, restarted_at, rows()), Part::Seats);
        // Early by a tenth of the interval at most.
        assert!((due.max(6) - 6..=due).contains(&first), "{result:?}, restarted at {restarted_at}: {first}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_those_never_collected_come_first_and_then_the_oldest() {
    let rows = || listed(&["a", "b", "c", "d", "e"]).unwrap_or_default();
    let ages = [("b", 90), ("e", 80), ("a", 70), ("d", 5)];
    let state = ages.iter().fold(source(&rows()), |state, (id, age)| {
        collected(state, id, PartResult::Seats(Ok(SeatReport::default())), 100 - age)
    });
    let (mut schedule, start) = restarted(&state, &[(Part::Seats, HOUR)], 100, rows());
    assert_eq!(started(&mut schedule, start, 9), ["c: seats", "b: seats", "e: seats", "a: seats"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_licensed_is_asked_for_rarely_after_a_restart_too() {
    let rows = |plan| vec![licensed("a", plan, "token")];
    let parts = [(MAIL, 15 * MINUTE), (SITES, 2 * HOUR)];
    let not_licensed = PartResult::Workload(Workload::Sharepoint, Ok(WorkloadReport::NotLicensed));
    let state = collected(source(&rows("backup")), "a", not_licensed, 100);
    for (restarted_at, plan, earliest, latest) in [
        (100 + 5 * 60, "backup", 11 * 60, 13 * 60),
        (100 + 19 * 60, "backup", 0, 0),
        // Another plan may include it.
        (100 + 5 * 60, "backup plus", 0, 0),
        // It was refused once, or twice: the next time tells.
        (130, "backup", 60, 90),
    ] {
        let first = first_asked(restarted(&state, &parts, restarted_at, rows(plan)), SITES);
        assert!((earliest..=latest).contains(&first), "{plan}, restarted at {restarted_at}: {first}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_organization_under_the_same_id_is_a_new_tenant() {
    let row = |organization: &str| {
        let organization_id = Some(organization.to_owned());
        let tenant = Tenant { id: "a".into(), organization_id, parts: &[Part::Seats], ..Tenant::default() };
        vec![Listed { tenant: Arc::new(tenant), target: Target::test("a") }]
    };
    let state = collected(source(&row("1")), "a", PartResult::Seats(Ok(SeatReport::default())), 100);
    let first =
        |organization| first_asked(restarted(&state, &[(Part::Seats, HOUR)], 101, row(organization)), Part::Seats);
    assert!(first("1") > 50);
    assert_eq!(first("2"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_workload_that_a_whole_report_left_out_is_as_fresh_as_the_report() {
    let rows = || vec![licensed("a", "backup", "token")];
    let reports = [(Workload::Mail, WorkloadReport::NotLicensed)].into();
    let report = Workloads { is_complete: true, reports, customer_storage_bytes: None };
    let state = collected(source(&rows()), "a", PartResult::Workloads(Ok(report)), 100);
    let parts = [(MAIL, 15 * MINUTE), (SITES, 15 * MINUTE)];
    let first = first_asked(restarted(&state, &parts, 105, rows()), SITES);
    assert!((8..=10).contains(&first), "{first}");
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_after_a_complete_listing_without_it_is_new() {
    let rows = |ids: &[&str]| listed(ids).unwrap_or_default();
    let state = ["a", "b"].iter().fold(source(&rows(&["a", "b"])), |state, id| {
        collected(state, id, PartResult::Seats(Ok(SeatReport::default())), 100)
    });
    let (mut schedule, start) = restarted(&state, &[(Part::Seats, HOUR)], 101, rows(&["a"]));
    assert_eq!(started(&mut schedule, start, 9), [""; 0]);
    schedule.listing_ended(listed(&["a", "b"]), start);
    assert_eq!(started(&mut schedule, start, 9), ["b: seats"]);
}
