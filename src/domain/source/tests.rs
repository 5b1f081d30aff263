//! Tables of the policy: a state, an event, and what is known then.

mod properties;

use std::time::Duration;

use strum::IntoEnumIterator as _;

use super::*;
use crate::domain::{
    Compact, LastBackup, Measures, Objectives, Resource, SeatReport, Tally, TenantStatus, Workload, WorkloadReport,
    WorkloadState, WorkloadSummary, Workloads,
};

const HOUR: Duration = Duration::from_secs(3600);

fn hour(hours: i64) -> Timestamp {
    Timestamp::from_millis(hours * 3_600_000)
}

fn source() -> SourceState {
    let policy = Policy {
        stale_after: 24 * HOUR,
        workloads: vec![Workload::Mail, Workload::Onedrive],
        objectives: Objectives::default(),
    };
    let identity = SourceIdentity { provider: crate::domain::Provider::Dropsuite, name: "dropsuite-us".into() };
    SourceState::new(identity, Arc::new(policy))
}

fn tenant(id: &str) -> Tenant {
    Tenant {
        id: id.into(),
        name: Some(format!("Tenant {id}")),
        status: Some(TenantStatus::Active),
        seats: SeatCounts { used: Some(3), ..SeatCounts::default() },
        parts: &[Part::Seats, Part::Workload(Workload::Mail), Part::Workload(Workload::Onedrive)],
        ..Tenant::default()
    }
}

fn listed(ids: &[&str]) -> Event {
    let tenants = ids.iter().map(|id| Arc::new(tenant(id))).collect();
    Event::Listed(Ok(Listing { tenants, ..Listing::default() }))
}

fn healthy(now: Timestamp) -> WorkloadSummary {
    let mut tally = Tally::new(Measures { items: true, storage: true }, 24 * HOUR, now);
    let last_backup = LastBackup::At(now);
    tally.add(&Resource { active: Some(true), failing: Some(false), last_backup, ..Resource::UNREADABLE });
    tally.finish()
}

fn mail(id: &str, result: Result<WorkloadReport, Outcome>) -> Event {
    Event::Collected { tenant: id.into(), parts: vec![PartResult::Workload(Workload::Mail, result)] }
}

fn mail_ok(id: &str, now: Timestamp) -> Event {
    mail(id, Ok(WorkloadReport::Licensed(healthy(now))))
}

fn ids(source: &SourceState) -> Vec<&str> {
    source.tenants.keys().map(TenantId::as_str).collect()
}

fn mail_state(source: &SourceState, id: &str) -> Option<WorkloadState> {
    source.tenants[&TenantId::from(id)].workload_state(Workload::Mail)
}

#[test]
fn a_workload_under_another_objective_keeps_its_value_and_was_not_attempted_under_that() {
    let known = source().advance(listed(&["1"]), hour(0)).advance(mail_ok("1", hour(1)), hour(1));
    for (default, is_kept) in [(24 * HOUR, true), (12 * HOUR, false)] {
        let objectives = Objectives { default: Some(default), ..Objectives::default() };
        let policy = Arc::new(Policy { objectives, ..Policy::clone(&known.policy) });
        let after = known.clone().under(policy, &|_| true, hour(2));
        let mail = &after.tenants[&TenantId::from("1")].workloads[&Workload::Mail];
        assert_eq!((mail.observed_at(), mail.attempt.is_some()), (Some(hour(1)), is_kept), "{default:?}");
    }
}

#[test]
fn only_a_complete_listing_removes_a_tenant() {
    let source = source().advance(listed(&["1", "2"]), hour(0));
    for outcome in Outcome::iter().filter(|outcome| *outcome != Outcome::Success) {
        let after = source.clone().advance(Event::Listed(Err(outcome)), hour(1));
        assert_eq!((ids(&after), after.tenants_removed), (vec!["1", "2"], 0), "{outcome:?}");
        assert_eq!(after.listing.succeeded(), Some(false));
    }
    let after = source.advance(listed(&["2", "3"]), hour(1));
    assert_eq!((ids(&after), after.tenants_removed), (vec!["2", "3"], 1));
}

#[test]
fn an_incomplete_listing_adds_and_updates_and_removes_no_tenant() {
    let incomplete = |tenants: Vec<Tenant>| {
        let tenants = tenants.into_iter().map(Arc::new).collect();
        Event::Listed(Ok(Listing { tenants, shortfall: Some(Outcome::Incomplete), ..Listing::default() }))
    };
    let renamed = || Tenant { name: Some("Another".to_owned()), ..tenant("2") };
    // At a cold start the listed tenants are collected, and the listing is not complete.
    let cold = source().advance(incomplete(vec![tenant("1"), renamed()]), hour(0));
    assert_eq!((ids(&cold), cold.listing.succeeded(), cold.listing.observed_at()), (vec!["1", "2"], Some(false), None));
    assert_eq!(cold.progress()[&TenantProgress::Pending], 2);
    assert_eq!(mail_state(&cold.advance(mail_ok("1", hour(0)), hour(0)), "1"), Some(WorkloadState::Ok));

    let warm = source()
        .advance(listed(&["1", "2"]), hour(0))
        .advance(mail_ok("1", hour(0)), hour(0))
        .advance(incomplete(vec![renamed(), tenant("3")]), hour(1));
    assert_eq!((ids(&warm), warm.tenants_removed), (vec!["1", "2", "3"], 0));
    assert_eq!(warm.listing.attempt.map(|attempt| attempt.outcome), Some(Outcome::Incomplete));
    assert_eq!(warm.listing.observed_at(), Some(hour(0)), "the last complete one");
    assert_eq!(warm.tenants[&TenantId::from("2")].tenant.name.as_deref(), Some("Another"));
    assert_eq!(mail_state(&warm, "1"), Some(WorkloadState::Ok), "the tenant that it lost is kept as it was");
    // One without a readable tenant is an empty list that proves nothing, and the next complete one decides.
    let warm = warm.advance(incomplete(vec![]), hour(2));
    assert_eq!((ids(&warm).len(), warm.listing.attempt.unwrap().outcome), (3, Outcome::Incomplete));
    let after = warm.advance(listed(&["2"]), hour(3));
    assert_eq!((ids(&after), after.tenants_removed, after.listing.succeeded()), (vec!["2"], 2, Some(true)));
}

#[test]
fn an_incomplete_listing_is_as_new_as_any_for_the_tenants_that_it_has() {
    let incomplete = |ids: &[&str]| {
        let tenants = ids.iter().map(|id| Arc::new(tenant(id))).collect();
        Event::Listed(Ok(Listing { tenants, shortfall: Some(Outcome::Incomplete), ..Listing::default() }))
    };
    let listed_at = |source: &SourceState| -> Vec<Option<Timestamp>> {
        let listed = |tenant: &Arc<TenantState>| {
            let at = source.observed_at(tenant, Part::Listing);
            assert_eq!(source.listed(tenant).is_some(), at.is_some());
            assert_eq!(source.seats(tenant).used, at.map(|_| 3));
            at
        };
        source.tenants.values().map(listed).collect()
    };
    let source = source().advance(listed(&["1", "2"]), hour(0)).advance(incomplete(&["1", "3"]), hour(1));
    assert_eq!(listed_at(&source), [Some(hour(1)), Some(hour(0)), Some(hour(1))]);
    // An unreadable record may be there for days: the others are known all the same.
    let source = (2..30).fold(source, |source, hours| {
        source.advance(incomplete(&["1", "3"]), hour(hours)).advance(Event::Elapsed, hour(hours))
    });
    assert_eq!(listed_at(&source), [Some(hour(29)), None, Some(hour(29))]);
    let back = source.clone().advance(Event::Elapsed, hour(9));
    assert_eq!(listed_at(&back), [Some(hour(9)), None, Some(hour(9))], "the clock was set back");
    assert_eq!(listed_at(&source.clone().advance(Event::Elapsed, hour(54))), [None; 3]);
    let source = source.advance(incomplete(&["2"]), hour(30));
    assert_eq!(listed_at(&source), [Some(hour(29)), Some(hour(30)), Some(hour(29))]);
    let source = source.advance(listed(&["1", "2", "3"]), hour(31)).advance(incomplete(&["1"]), hour(32));
    assert_eq!(listed_at(&source), [Some(hour(32)), Some(hour(31)), Some(hour(31))]);
}

#[test]
fn a_fleet_does_not_vanish_in_one_piece() {
    let source = source().advance(listed(&["1"]), hour(0)).advance(listed(&[]), hour(1));
    assert_eq!(ids(&source), ["1"]);
    assert_eq!(source.listing.attempt.map(|attempt| attempt.outcome), Some(Outcome::SuspiciousEmpty));
}

#[test]
fn a_new_source_may_have_no_tenants() {
    let source = source().advance(listed(&[]), hour(0));
    assert_eq!(source.listing.succeeded(), Some(true));
}

#[test]
fn a_shard_without_tenants_is_no_empty_account() {
    let elsewhere = || Event::Listed(Ok(Listing { elsewhere: 3, ..Listing::default() }));
    let counts = |source: &SourceState| source.progress().into_values().collect::<Vec<_>>();
    let beginning = source().advance(elsewhere(), hour(0));
    assert_eq!((beginning.listing.succeeded(), counts(&beginning)), (Some(true), vec![0; 4]));
    let last_one_left = source().advance(listed(&["1"]), hour(0)).advance(elsewhere(), hour(1));
    assert_eq!((last_one_left.listing.succeeded(), last_one_left.tenants_removed), (Some(true), 1));
    assert_eq!(counts(&last_one_left), [0; 4], "no tenant is excluded by the configuration");
}

#[test]
fn a_tenant_that_config_excludes_now_is_removed() {
    let excluded = Event::Listed(Ok(Listing { tenants: vec![], excluded: 1, ..Listing::default() }));
    let source = source().advance(listed(&["1"]), hour(0)).advance(excluded, hour(1));
    assert!(source.tenants.is_empty());
    assert_eq!(source.progress().get(&TenantProgress::Excluded), Some(&1));
}

#[test]
fn what_was_never_seen_is_unknown() {
    let source = source().advance(listed(&["1"]), hour(0));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown));
    let source = source.advance(mail("1", Err(Outcome::Timeout)), hour(1));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown));
}

#[test]
fn a_failure_keeps_the_values_until_they_are_stale_and_success_brings_them_back() {
    let source = source().advance(listed(&["1"]), hour(0)).advance(mail_ok("1", hour(0)), hour(0));
    let source = source.advance(mail("1", Err(Outcome::ServerError)), hour(24)).advance(Event::Elapsed, hour(24));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok));
    let part = Part::Workload(Workload::Mail);
    let tenant = &source.tenants[&TenantId::from("1")];
    assert_eq!(source.observed_at(tenant, part), Some(hour(0)));
    assert_eq!(source.last_attempt(tenant, part).map(|attempt| attempt.outcome), Some(Outcome::ServerError));

    let source = source.advance(Event::Elapsed, hour(25));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown));
    assert_eq!(source.expired, 2, "the mail workload and the listing");
    assert_eq!(source.observed_at(&source.tenants[&TenantId::from("1")], part), None);

    let source = source.advance(mail_ok("1", hour(26)), hour(26));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok));
}

#[test]
fn what_was_observed_while_the_clock_was_ahead_expires_once_it_is_right() {
    for ahead in [2, 7, 30, 24 * 365 * 10] {
        let wrong = source().advance(listed(&["1"]), hour(ahead)).advance(mail_ok("1", hour(0)), hour(ahead));
        for event in [Event::Elapsed, Event::Listed(Err(Outcome::Timeout)), mail("1", Err(Outcome::Timeout))] {
            let right = wrong.clone().advance(event, hour(0));
            let tenant = &right.tenants[&TenantId::from("1")];
            let part = Part::Workload(Workload::Mail);
            assert_eq!(right.observed_at(tenant, part), Some(hour(0)), "{ahead}");
            assert_eq!(right.last_attempt(tenant, part).map(|attempt| attempt.at), Some(hour(0)), "{ahead}");
            assert_eq!((right.listing.observed_at(), tenant.since), (Some(hour(0)), hour(0)), "{ahead}");
            let later = right.advance(Event::Elapsed, hour(24));
            assert_eq!(mail_state(&later, "1"), Some(WorkloadState::Ok), "{ahead}");
            let expired = later.advance(Event::Elapsed, hour(25));
            assert_eq!(mail_state(&expired, "1"), Some(WorkloadState::Unknown), "{ahead}");
        }
        // One round of good answers is observed by the right clock.
        let right = wrong.advance(listed(&["1"]), hour(0)).advance(mail_ok("1", hour(0)), hour(0));
        assert_eq!(right.tenants[&TenantId::from("1")].workloads[&Workload::Mail].observed_at(), Some(hour(0)));
        assert_eq!(right.listing.observed_at(), Some(hour(0)));
    }
}

#[test]
fn a_refused_life_cycle_list_is_no_failure_and_its_known_count_stays_until_it_is_stale() {
    use crate::domain::{Lifecycle, LifecycleFact};
    let invites = |count| Lifecycle { pending_invites: Some(count), ..Lifecycle::default() };
    let refused =
        || PartResult::PartialLifecycle(Lifecycle::default(), vec![LifecycleFact::PendingInvites], Outcome::Success);
    let collected = |result| Event::Collected { tenant: "1".into(), parts: vec![result] };
    let shown = |source: &SourceState| {
        let lifecycle = &source.tenants[&TenantId::from("1")].lifecycle;
        (lifecycle.value().and_then(|facts| facts.pending_invites), lifecycle.succeeded())
    };
    let known = source().advance(listed(&["1"]), hour(0));
    let known = known.advance(collected(PartResult::Lifecycle(Ok(invites(3)))), hour(0));
    let kept = known.advance(collected(refused()), hour(1)).advance(collected(refused()), hour(24));
    assert_eq!(shown(&kept), (Some(3), Some(true)));
    let stale = kept.advance(collected(refused()), hour(25)).advance(Event::Elapsed, hour(25));
    assert_eq!(shown(&stale), (None, Some(true)));
}

#[test]
fn nothing_gets_younger_when_the_clock_is_set_back() {
    let facts = PartResult::PartialLifecycle(
        crate::domain::Lifecycle::default(),
        vec![crate::domain::LifecycleFact::PendingInvites],
        Outcome::Timeout,
    );
    let collected = |parts| Event::Collected { tenant: "1".into(), parts };
    let all = Workloads { is_complete: true, ..Workloads::default() };
    let known = source()
        .advance(listed(&["1"]), hour(0))
        .advance(collected(vec![PartResult::Lifecycle(Ok(crate::domain::Lifecycle::default()))]), hour(0))
        .advance(collected(vec![facts, PartResult::Workloads(Ok(all))]), hour(1))
        .advance(Event::Elapsed, hour(5));
    let tenant = |source: &SourceState| Arc::clone(&source.tenants[&TenantId::from("1")]);
    let oldest = |source: &SourceState| source.observed_at(&tenant(source), Part::Lifecycle);
    for back in [2, 5, 24 * 365 * 10] {
        let after = known.clone().advance(Event::Elapsed, hour(5 - back));
        assert_eq!((after.listing.observed_at(), oldest(&after)), (Some(hour(-back)), Some(hour(-back))));
        assert_eq!((tenant(&after).since, tenant(&after).all_reported_at), (hour(-back), Some(hour(1 - back))));
        assert_eq!(after.expired, 0);
        // Back at the right time, all is as much older as the clock went forward.
        let right = after.advance(Event::Elapsed, hour(5));
        assert_eq!(right.listing.observed_at(), (back <= 19).then_some(hour(-back)));
    }
    let within_tolerance = known.clone().advance(Event::Elapsed, hour(4));
    assert_eq!(within_tolerance, known, "clocks differ by as much");
}

#[test]
fn another_organization_under_a_known_id_begins_anew() {
    let listed = |organization: Option<&str>| {
        let organization_id = organization.map(str::to_owned);
        let tenants = vec![Arc::new(Tenant { organization_id, ..tenant("1") })];
        Event::Listed(Ok(Listing { tenants, ..Listing::default() }))
    };
    let known = source().advance(listed(Some("100")), hour(0)).advance(mail_ok("1", hour(0)), hour(0));
    for (organization, expected, since) in
        [(Some("100"), WorkloadState::Ok, 0), (None, WorkloadState::Ok, 0), (Some("200"), WorkloadState::Unknown, 1)]
    {
        let after = known.clone().advance(listed(organization), hour(1));
        let tenant = &after.tenants[&TenantId::from("1")];
        assert_eq!((mail_state(&after, "1"), tenant.since), (Some(expected), hour(since)), "{organization:?}");
        assert_eq!(tenant.tenant.organization_id.as_deref(), organization.or(Some("100")), "it is not forgotten");
        // Whoever names none in between does not hide that it is another.
        let other = after.advance(listed(Some("300")), hour(2));
        assert_eq!(mail_state(&other, "1"), Some(WorkloadState::Unknown), "{organization:?}");
    }
}

#[test]
fn one_tenants_failure_touches_no_other() {
    let source = source()
        .advance(listed(&["1", "2"]), hour(0))
        .advance(mail_ok("1", hour(0)), hour(0))
        .advance(mail_ok("2", hour(0)), hour(0));
    let before = Arc::clone(&source.tenants[&TenantId::from("2")]);
    let source = source.advance(mail("1", Err(Outcome::Decode)), hour(1));
    assert!(Arc::ptr_eq(&before, &source.tenants[&TenantId::from("2")]));
}

#[test]
fn a_listing_keeps_what_is_known_of_a_tenants_parts() {
    let source = source()
        .advance(listed(&["1"]), hour(0))
        .advance(mail_ok("1", hour(0)), hour(0))
        .advance(listed(&["1", "2"]), hour(1));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok));
    assert_eq!(mail_state(&source, "2"), Some(WorkloadState::Unknown));
}

#[test]
fn a_listing_copies_only_the_tenants_that_it_shows_changed() {
    let before = source().advance(listed(&["1", "2"]), hour(0));
    let renamed = Tenant { name: Some("Another".to_owned()), ..tenant("2") };
    let tenants = vec![Arc::new(tenant("1")), Arc::new(renamed)];
    let after = before.clone().advance(Event::Listed(Ok(Listing { tenants, ..Listing::default() })), hour(1));
    let is_same = |id: &str| Arc::ptr_eq(&before.tenants[&TenantId::from(id)], &after.tenants[&TenantId::from(id)]);
    assert!(is_same("1") && !is_same("2"));
    assert_eq!(after.tenants[&TenantId::from("2")].tenant.name.as_deref(), Some("Another"));
}

#[test]
fn a_tenant_removed_while_it_was_collected_stays_removed() {
    let source = source().advance(listed(&["1", "2"]), hour(0)).advance(listed(&["2"]), hour(1));
    assert_eq!(ids(&source.advance(mail_ok("1", hour(1)), hour(1))), ["2"]);
}

#[test]
fn only_a_tenant_that_is_no_longer_backed_up_is_paused() {
    for (status, expected) in [
        (None, WorkloadState::Ok),
        (Some(TenantStatus::Active), WorkloadState::Ok),
        // Its logins are disabled, and its backups go on.
        (Some(TenantStatus::Suspended), WorkloadState::Ok),
        (Some(TenantStatus::Deactivated), WorkloadState::Paused),
    ] {
        let listing = Listing { tenants: vec![Arc::new(Tenant { status, ..tenant("1") })], ..Listing::default() };
        let source = source().advance(Event::Listed(Ok(listing)), hour(0)).advance(mail_ok("1", hour(0)), hour(0));
        assert_eq!(mail_state(&source, "1"), Some(expected), "{status:?}");
        let is_protected = source.tenants[&TenantId::from("1")].is_protected(Workload::Mail, &source.policy);
        assert_eq!(is_protected, Some(expected == WorkloadState::Ok), "{status:?}");
    }
}

#[test]
fn a_deactivated_tenant_is_paused_in_what_it_has_licensed() {
    let deactivated = Tenant { status: Some(TenantStatus::Deactivated), ..tenant("1") };
    let source = source()
        .advance(Event::Listed(Ok(Listing { tenants: vec![Arc::new(deactivated)], ..Listing::default() })), hour(0))
        .advance(mail_ok("1", hour(0)), hour(0));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Paused));
    let source = source.advance(mail("1", Ok(WorkloadReport::NotLicensed)), hour(0));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::NotLicensed));
    let source = source.advance(Event::Elapsed, hour(25));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown), "what we do not know is not paused");
}

#[test]
fn seats_come_from_the_newer_of_listing_and_seats_part() {
    let seats = |used| Event::Collected {
        tenant: "1".into(),
        parts: vec![PartResult::Seats(Ok(SeatReport {
            counts: SeatCounts { used: Some(used), active: Some(2), ..SeatCounts::default() },
            by_type: None,
        }))],
    };
    let used = |source: &SourceState| source.seats(&source.tenants[&TenantId::from("1")]);
    let source = source().advance(listed(&["1"]), hour(0));
    assert_eq!(used(&source).used, Some(3));
    let source = source.advance(seats(4), hour(1));
    assert_eq!((used(&source).used, used(&source).active), (Some(4), Some(2)));
    let source = source.advance(listed(&["1"]), hour(2));
    assert_eq!((used(&source).used, used(&source).active), (Some(3), Some(2)));
    let source = source.advance(Event::Elapsed, hour(100));
    assert_eq!(used(&source), SeatCounts::default(), "what is too old is not shown");
}

#[test]
fn seats_of_which_the_listing_has_every_counter_are_as_old_as_the_listing() {
    let every = SeatCounts {
        used: Some(3),
        available: Some(5),
        active: Some(3),
        deactivated: Some(0),
        required: Some(3),
        billable: None,
        shared_mailboxes_paid: Some(0),
        shared_mailboxes_free: Some(1),
    };
    let listed = |seats| {
        let tenants = vec![Arc::new(Tenant { seats, ..tenant("a") })];
        Event::Listed(Ok(Listing { tenants, ..Listing::default() }))
    };
    let seen = |source: &SourceState| {
        let tenant = &source.tenants[&"a".into()];
        let outcome = source.last_attempt(tenant, Part::Seats).map(|last| last.outcome);
        (source.observed_at(tenant, Part::Seats), outcome)
    };
    let source = source().advance(listed(every), hour(1));
    assert_eq!(seen(&source), (Some(hour(1)), Some(Outcome::Success)));
    assert_eq!(source.seats(&source.tenants[&"a".into()]), every);
    assert_eq!(source.progress()[&TenantProgress::Pending], 1, "the tenant itself was not asked for anything yet");
    let failed = source.advance(Event::Listed(Err(Outcome::Timeout)), hour(2));
    assert_eq!(seen(&failed), (Some(hour(1)), Some(Outcome::Timeout)), "a failed listing makes them no newer");
    let expired = failed.clone().advance(Event::Elapsed, hour(26));
    assert_eq!(seen(&expired).0, None);
    assert_eq!(expired.seats(&expired.tenants[&"a".into()]), SeatCounts::default(), "nothing old is shown");
    let lacking = failed.advance(listed(SeatCounts { required: None, ..every }), hour(3));
    assert_eq!(seen(&lacking), (None, None), "what the listing lacks has to be asked for");
}

#[test]
fn a_report_of_all_workloads_says_which_there_are() {
    let all = |workloads: &[Workload]| Event::Collected {
        tenant: "1".into(),
        parts: vec![PartResult::Workloads(Ok(Workloads {
            is_complete: true,
            reports: workloads.iter().map(|workload| (*workload, WorkloadReport::Licensed(healthy(hour(0))))).collect(),
            customer_storage_bytes: None,
        }))],
    };
    let known =
        |source: &SourceState| source.tenants[&TenantId::from("1")].workloads.keys().copied().collect::<Vec<_>>();
    let source = source().advance(listed(&["1"]), hour(0));
    assert_eq!(known(&source), [Workload::Mail, Workload::Onedrive], "expected, and unknown so far");
    let source = source.advance(all(&[Workload::Mail, Workload::Teams, Workload::Other("planner")]), hour(0));
    assert_eq!(known(&source), [Workload::Mail], "what is not configured is left out");
    let failed = Event::Collected { tenant: "1".into(), parts: vec![PartResult::Workloads(Err(Outcome::Timeout))] };
    let source = source.advance(failed, hour(1)).advance(listed(&["1"]), hour(2));
    assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok), "a failure keeps what was reported");
    let part = Part::Workload(Workload::Mail);
    let attempt = source.last_attempt(&source.tenants[&TenantId::from("1")], part);
    assert_eq!(attempt.map(|attempt| attempt.outcome), Some(Outcome::Timeout));
}

#[test]
fn a_workload_missing_from_a_report_that_is_not_complete_is_kept_and_not_fine() {
    let report = |is_complete, workload| Event::Collected {
        tenant: "1".into(),
        parts: vec![PartResult::Workloads(Ok(Workloads {
            is_complete,
            reports: [(workload, WorkloadReport::Licensed(healthy(hour(0))))].into(),
            customer_storage_bytes: None,
        }))],
    };
    let source = source().advance(listed(&["1"]), hour(0)).advance(report(true, Workload::Mail), hour(0));
    let source = source.advance(report(false, Workload::Onedrive), hour(1));
    let tenant = &source.tenants[&TenantId::from("1")];
    let attempt = source.last_attempt(tenant, Part::Workload(Workload::Mail));
    assert_eq!(attempt.map(|attempt| attempt.outcome), Some(Outcome::Incomplete));
    assert_eq!(source.observed_at(tenant, Part::Workload(Workload::Mail)), Some(hour(0)));
}

#[test]
fn a_workload_that_was_known_leaves_complete_reports_only_after_its_values_are_stale() {
    let report = |workloads: &[(Workload, WorkloadReport)]| Event::Collected {
        tenant: "1".into(),
        parts: vec![PartResult::Workloads(Ok(Workloads {
            is_complete: true,
            reports: workloads.iter().cloned().collect(),
            customer_storage_bytes: None,
        }))],
    };
    let some = WorkloadReport::Licensed(healthy(hour(0)));
    let none = WorkloadReport::Licensed(Tally::new(Measures { items: false, storage: false }, HOUR, hour(0)).finish());
    let onedrive = (Workload::Onedrive, some.clone());
    let source = source().advance(listed(&["1"]), hour(0));
    let known = source.clone().advance(report(&[(Workload::Mail, some.clone()), onedrive.clone()]), hour(0));
    let missed = known.advance(report(std::slice::from_ref(&onedrive)), hour(1));
    assert_eq!(mail_state(&missed, "1"), Some(WorkloadState::Ok), "as after a failure");
    let tenant = &missed.tenants[&TenantId::from("1")];
    let attempt = missed.last_attempt(tenant, Part::Workload(Workload::Mail));
    assert_eq!(attempt.map(|attempt| attempt.outcome), Some(Outcome::Incomplete));
    let stale =
        missed.clone().advance(report(std::slice::from_ref(&onedrive)), hour(25)).advance(Event::Elapsed, hour(25));
    assert_eq!(mail_state(&stale, "1"), Some(WorkloadState::Unknown));
    assert_eq!(mail_state(&stale.advance(report(std::slice::from_ref(&onedrive)), hour(26)), "1"), None);
    let back = missed.advance(report(&[(Workload::Mail, some), onedrive.clone()]), hour(2));
    assert_eq!(back.tenants[&TenantId::from("1")].workloads[&Workload::Mail].succeeded(), Some(true));
    // Nothing is lost with one that never held anything.
    let empty = source.advance(report(&[(Workload::Mail, none), onedrive.clone()]), hour(0));
    assert_eq!(mail_state(&empty, "1"), Some(WorkloadState::Empty));
    assert_eq!(mail_state(&empty.advance(report(&[onedrive]), hour(1)), "1"), None);
}

#[test]
fn domains_and_accounts_do_not_vanish_in_one_piece() {
    use crate::domain::{AccountCounts, AccountState, ConnectedDomain, Coverage, DomainKey, DomainState, Domains};
    let reconnect = ConnectedDomain { state: DomainState::ReconnectRequired, users: Some(40), observed_at: None };
    let key = DomainKey { domain: "acme.example".to_owned(), directory: "m365".to_owned() };
    let some = vec![
        PartResult::Domains(Ok([(key, reconnect)].into_iter().collect())),
        PartResult::Coverage(Ok(Coverage {
            accounts: AccountCounts::default().with(AccountState::Unprotected, Some(40)),
        })),
    ];
    let none = vec![PartResult::Domains(Ok(Domains::default())), PartResult::Coverage(Ok(Coverage::default()))];
    let collected = |parts: &[PartResult]| Event::Collected { tenant: "1".into(), parts: parts.to_vec() };
    let shown = |source: &SourceState| {
        let tenant = &source.tenants[&TenantId::from("1")];
        let outcome = |attempt: Option<Attempt>| attempt.unwrap().outcome;
        let counts = (tenant.domains.value().map(Compact::len), tenant.coverage.value().map(Coverage::is_empty));
        (counts, outcome(tenant.domains.attempt), outcome(tenant.coverage.attempt))
    };
    let suspicious = Outcome::SuspiciousEmpty;
    let source = source().advance(listed(&["1"]), hour(0));
    let fresh = source.clone().advance(collected(&none), hour(0));
    assert_eq!(shown(&fresh), ((Some(0), Some(true)), Outcome::Success, Outcome::Success), "a tenant may have none");
    let emptied = source.advance(collected(&some), hour(0)).advance(collected(&none), hour(1));
    assert_eq!(shown(&emptied), ((Some(1), Some(false)), suspicious, suspicious));
    let stale = emptied.clone().advance(Event::Elapsed, hour(25));
    assert_eq!(shown(&stale), ((None, None), suspicious, suspicious));
    let served = stale.advance(collected(&none), hour(26));
    assert_eq!(shown(&served), ((Some(0), Some(true)), Outcome::Success, Outcome::Success));
    assert_eq!(shown(&emptied.advance(collected(&some), hour(2))).1, Outcome::Success);
}

#[test]
fn a_domain_whose_row_cannot_be_read_expires_alone() {
    use crate::domain::{ConnectedDomain, DomainKey, DomainState, Domains};
    let domains = |states: &[(&str, DomainState)]| -> Domains {
        let key = |name: &str| DomainKey { domain: name.to_owned(), directory: "m365".to_owned() };
        let of = |state| ConnectedDomain { state, users: None, observed_at: None };
        states.iter().map(|(name, state)| (key(name), of(*state))).collect()
    };
    let (connected, reconnect) = (DomainState::Connected, DomainState::ReconnectRequired);
    let collected = |part| Event::Collected { tenant: "1".into(), parts: vec![part] };
    let partly = || collected(PartResult::PartialDomains(domains(&[("a", reconnect)]), Outcome::Shape));
    let shown = |source: &SourceState| {
        let tenant = &source.tenants[&TenantId::from("1")];
        let states = tenant.domains.value().into_iter().flatten();
        let states: Vec<_> = states.map(|(key, domain)| (key.domain.clone(), domain.state)).collect();
        (states, source.observed_at(tenant, Part::Domains), tenant.domains.succeeded())
    };
    let states = |states: &[(&str, DomainState)]| -> Vec<_> {
        states.iter().map(|(name, state)| ((*name).to_owned(), *state)).collect()
    };
    let listed = source().advance(listed(&["1"]), hour(0));
    let cold = listed.clone().advance(partly(), hour(1));
    assert_eq!(shown(&cold), (states(&[("a", reconnect)]), Some(hour(1)), Some(false)));
    let whole = collected(PartResult::Domains(Ok(domains(&[("a", connected), ("b", connected)]))));
    let known = listed.advance(whole.clone(), hour(0)).advance(partly(), hour(1)).advance(partly(), hour(20));
    let both = states(&[("a", reconnect), ("b", connected)]);
    assert_eq!(shown(&known), (both.clone(), Some(hour(0)), Some(false)));
    let back = known.clone().advance(Event::Elapsed, hour(10));
    assert_eq!(shown(&back), (both, Some(hour(-10)), Some(false)), "nothing gets younger with the clock");
    let expired = known.clone().advance(Event::Elapsed, hour(25));
    assert_eq!(shown(&expired), (states(&[("a", reconnect)]), Some(hour(20)), Some(false)));
    let again = known.advance(whole, hour(21));
    assert_eq!(shown(&again), (states(&[("a", connected), ("b", connected)]), Some(hour(21)), Some(true)));
}

#[test]
fn unknown_applications_are_collected_where_every_known_one_is() {
    let policy = |workloads: &[Workload]| Policy {
        stale_after: HOUR,
        workloads: workloads.to_vec(),
        objectives: Objectives::default(),
    };
    assert!(policy(&Workload::iter().collect::<Vec<_>>()).selects(Workload::Other("planner")));
    assert!(!policy(&[Workload::Mail]).selects(Workload::Other("planner")));
}
