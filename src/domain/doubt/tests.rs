//! A table of what is asked together, what was known before, and which responses are accepted then.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::{
    Measures, Objectives, Part, Policy, Resource, SeatCounts, Tally, Tenant, Timestamp, WorkloadState,
};

const NOW: Timestamp = Timestamp::from_millis(1_763_726_400_000);
const REFUSED: Outcome = Outcome::Forbidden;

fn policy() -> Policy {
    let workloads = vec![Workload::Mail, Workload::Onedrive, Workload::Teams];
    Policy { stale_after: Duration::from_secs(86_400), workloads, objectives: Objectives::default() }
}

fn tenant(seats_used: Option<u64>) -> TenantState {
    const PARTS: &[Part] =
        &[Part::Workload(Workload::Mail), Part::Workload(Workload::Onedrive), Part::Workload(Workload::Teams)];
    let seats = SeatCounts { used: seats_used, ..SeatCounts::default() };
    let tenant = Tenant { id: "1".into(), seats, parts: PARTS, ..Tenant::default() };
    TenantState::listed(Arc::new(tenant), &policy(), NOW)
}

fn report(resources: usize) -> Result<WorkloadReport, Outcome> {
    let mut tally = Tally::new(Measures { items: false, storage: false }, Duration::from_secs(1), NOW);
    (0..resources).for_each(|_| tally.add(&Resource::UNREADABLE));
    Ok(WorkloadReport::Licensed(tally.finish()))
}

const fn unless(refused: Workload) -> PartResult {
    PartResult::Refused(refused, REFUSED)
}

fn some(workload: Workload) -> PartResult {
    PartResult::Workload(workload, report(3))
}

fn none(workload: Workload) -> PartResult {
    PartResult::Workload(workload, report(0))
}

fn advanced(tenant: TenantState, results: Vec<PartResult>) -> TenantState {
    let doubts = tenant.doubts(&results);
    let decided = results.into_iter().map(|result| result.decided(&doubts));
    decided.fold(tenant, |tenant, result| tenant.advance(result, &policy(), NOW))
}

/// The state of each workload after some collections, and how the last attempt at it ended.
fn after(seats_used: Option<u64>, collections: Vec<Vec<PartResult>>) -> Vec<(WorkloadState, Option<Outcome>)> {
    let tenant = collections.into_iter().fold(tenant(seats_used), advanced);
    let last = |workload| tenant.workloads[&workload].attempt.map(|last| last.outcome);
    policy().workloads.iter().map(|workload| (tenant.workload_state(*workload).unwrap(), last(*workload))).collect()
}

#[test]
fn an_empty_list_beside_used_seats_is_accepted_only_where_another_list_answers() {
    use Workload::{Mail, Onedrive, Teams};
    const OK: Option<Outcome> = Some(Outcome::Success);
    const DOUBTED: Option<Outcome> = Some(Outcome::SuspiciousEmpty);
    let (empty, unknown) = (WorkloadState::Empty, WorkloadState::Unknown);
    // Whatever is unreadable is unknown as well, so the outcome shows what is accepted.
    for (name, seats, collections, expected) in [
        (
            "all at once",
            Some(5),
            vec![vec![none(Mail), none(Onedrive), none(Teams)]],
            [(unknown, DOUBTED), (unknown, DOUBTED), (unknown, DOUBTED)],
        ),
        (
            "no seats are used",
            Some(0),
            vec![vec![none(Mail), none(Onedrive)]],
            [(empty, OK), (empty, OK), (unknown, None)],
        ),
        (
            "seats are unknown",
            None,
            vec![vec![none(Mail), none(Onedrive)]],
            [(empty, OK), (empty, OK), (unknown, None)],
        ),
        (
            "mail answers",
            Some(5),
            vec![vec![some(Mail), none(Onedrive), none(Teams)]],
            [(unknown, OK), (empty, OK), (empty, OK)],
        ),
        (
            "mail was asked before",
            Some(5),
            vec![vec![some(Mail)], vec![none(Onedrive)]],
            [(unknown, OK), (empty, OK), (unknown, None)],
        ),
        (
            "mail was missing before",
            Some(5),
            vec![vec![none(Mail)], vec![none(Onedrive), some(Teams)]],
            [(unknown, DOUBTED), (unknown, DOUBTED), (unknown, OK)],
        ),
        (
            "mail is not asked for",
            Some(5),
            vec![vec![none(Onedrive)], vec![none(Teams)]],
            [(unknown, None), (unknown, DOUBTED), (unknown, DOUBTED)],
        ),
        (
            "what was there is gone, and nothing else was asked",
            Some(5),
            vec![vec![some(Mail), some(Onedrive)], vec![none(Onedrive)]],
            [(unknown, OK), (unknown, DOUBTED), (unknown, None)],
        ),
        (
            "what was there is gone while mail answers",
            Some(5),
            vec![vec![some(Mail), some(Onedrive)], vec![some(Mail), none(Onedrive)]],
            [(unknown, OK), (empty, OK), (unknown, None)],
        ),
        (
            "the order does not matter",
            Some(5),
            vec![vec![none(Teams), some(Onedrive)]],
            [(unknown, None), (unknown, OK), (empty, OK)],
        ),
    ] {
        assert_eq!(after(seats, collections), expected, "{name}");
    }
}

#[test]
fn a_refusal_is_a_statement_only_where_another_product_answers() {
    use Workload::{Mail, Onedrive, Teams};
    const OK: Option<Outcome> = Some(Outcome::Success);
    const FAILED: Option<Outcome> = Some(REFUSED);
    let (not_licensed, unknown, empty) = (WorkloadState::NotLicensed, WorkloadState::Unknown, WorkloadState::Empty);
    for (name, seats, collections, expected) in [
        (
            "everything is refused",
            Some(5),
            vec![vec![unless(Mail), unless(Onedrive), unless(Teams)]],
            [(unknown, FAILED), (unknown, FAILED), (unknown, FAILED)],
        ),
        (
            "mail answers",
            Some(5),
            vec![vec![some(Mail), unless(Onedrive), unless(Teams)]],
            [(unknown, OK), (not_licensed, OK), (not_licensed, OK)],
        ),
        (
            "mail answered before",
            Some(5),
            vec![vec![some(Mail)], vec![unless(Onedrive)]],
            [(unknown, OK), (not_licensed, OK), (unknown, None)],
        ),
        (
            "an empty list is no answer beside used seats",
            Some(5),
            vec![vec![none(Mail), unless(Onedrive)]],
            [(unknown, Some(Outcome::SuspiciousEmpty)), (unknown, FAILED), (unknown, None)],
        ),
        (
            "an empty list is one where no seats are used",
            Some(0),
            vec![vec![none(Mail), unless(Onedrive)]],
            [(empty, OK), (not_licensed, OK), (unknown, None)],
        ),
        (
            "the token is revoked",
            Some(5),
            vec![vec![some(Mail), some(Onedrive), unless(Teams)], vec![unless(Mail), unless(Onedrive), unless(Teams)]],
            [(unknown, FAILED), (unknown, FAILED), (not_licensed, FAILED)],
        ),
        (
            "the token is revoked, and mail is not asked for yet",
            Some(5),
            vec![vec![some(Mail), some(Onedrive)], vec![unless(Onedrive)]],
            [(unknown, OK), (unknown, FAILED), (unknown, None)],
        ),
        (
            "an empty product is refused, and nothing else was asked",
            Some(5),
            vec![vec![some(Mail), none(Onedrive)], vec![unless(Onedrive)]],
            [(unknown, OK), (not_licensed, OK), (unknown, None)],
        ),
        (
            "a product is cancelled",
            Some(5),
            vec![vec![some(Mail), some(Onedrive)], vec![some(Mail), unless(Onedrive)]],
            [(unknown, OK), (not_licensed, OK), (unknown, None)],
        ),
    ] {
        assert_eq!(after(seats, collections), expected, "{name}");
    }
}

#[test]
fn a_partial_report_shows_what_is_known_and_hides_no_fault() {
    use Workload::Onedrive;
    let with = |resource: Resource| {
        let mut tally = Tally::new(Measures { items: false, storage: false }, Duration::from_secs(1), NOW);
        tally.add(&resource);
        WorkloadReport::Licensed(tally.finish())
    };
    let failing = with(Resource { active: Some(true), failing: Some(true), ..Resource::UNREADABLE });
    let ok = with(Resource {
        active: Some(true),
        failing: Some(false),
        last_backup: crate::domain::LastBackup::At(NOW),
        ..Resource::UNREADABLE
    });
    let unknown = with(Resource::UNREADABLE);
    let whole = |report: &WorkloadReport| PartResult::Workload(Onedrive, Ok(report.clone()));
    let partial = |report: &WorkloadReport| PartResult::PartialWorkload(Onedrive, report.clone(), Outcome::Timeout);
    for (results, expected) in [
        (vec![partial(&failing)], WorkloadState::Failing),
        (vec![partial(&unknown)], WorkloadState::Unknown),
        (vec![whole(&ok), partial(&unknown)], WorkloadState::Ok),
        (vec![whole(&ok), partial(&failing)], WorkloadState::Failing),
        (vec![whole(&failing), partial(&unknown)], WorkloadState::Failing),
        (vec![partial(&unknown), whole(&ok)], WorkloadState::Ok),
        (vec![partial(&unknown), partial(&failing)], WorkloadState::Failing),
    ] {
        let is_whole = matches!(results.last(), Some(PartResult::Workload(..)));
        let tenant = results.into_iter().fold(tenant(Some(1)), |tenant, result| advanced(tenant, vec![result]));
        assert_eq!(tenant.workload_state(Onedrive), Some(expected));
        assert_eq!(tenant.workloads[&Onedrive].succeeded(), Some(is_whole));
    }
}
