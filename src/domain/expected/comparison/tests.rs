//! Compares lists with states: which tenants are present, missing, and above all undecidable.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use strum::IntoEnumIterator as _;

use super::*;
use crate::domain::expected::{Key, List, Place};
use crate::domain::shard::Shard;
use crate::domain::{
    Event, LastBackup, Listing, Measures, Objectives, Outcome, Part, PartResult, Policy, Provider, Resource,
    SourceIdentity, Tally as Resources, Tenant, TenantStatus, Timestamp, Uncollected, WorkloadReport, WorkloadState,
    Workloads,
};

const NOON: Timestamp = Timestamp::from_millis(1_763_726_400_000);
const HOUR: Duration = Duration::from_secs(3600);

fn source(provider: Provider) -> SourceState {
    let workloads = vec![Workload::Mail, Workload::Onedrive, Workload::Teams];
    let policy = Policy { stale_after: 24 * HOUR, workloads, objectives: Objectives::default() };
    SourceState::new(SourceIdentity { provider, name: "us".into() }, Arc::new(policy))
}

fn tenant(id: &str, name: Option<&str>) -> Tenant {
    Tenant {
        id: id.into(),
        name: name.map(str::to_owned),
        parts: &[
            Part::Seats,
            Part::Workload(Workload::Mail),
            Part::Workload(Workload::Onedrive),
            Part::Workload(Workload::Tasks),
        ],
        ..Tenant::default()
    }
}

/// A source whose listing has these tenants, and others that are not collected.
fn listed(tenants: &[(&str, Option<&str>)], others: &[(&str, Option<&str>)]) -> SourceState {
    let tenants = tenants.iter().map(|(id, name)| Arc::new(tenant(id, *name))).collect();
    let uncollected = others.iter().map(|(id, name)| Uncollected { id: (*id).into(), name: name.map(str::to_owned) });
    let uncollected = uncollected.collect();
    let listing = Listing { tenants, excluded: others.len() as u64, uncollected, ..Listing::default() };
    source(Provider::Dropsuite).advance(Event::Listed(Ok(listing)), NOON)
}

fn expectation(line: u64, key: Key) -> Expectation {
    Expectation {
        place: Place::Line(line),
        key,
        name: None,
        workloads: BTreeSet::new(),
        seats: None,
        accepted: None,
        labels: BTreeMap::new(),
        is_own: true,
    }
}

fn id(id: &str) -> Key {
    Key::Id(id.into())
}

fn name(name: &str) -> Key {
    Key::Name(name.to_owned())
}

fn list(keys: &[Key]) -> List {
    let numbered = (2..).zip(keys).map(|(line, key)| (Arc::from("us"), expectation(line, key.clone())));
    List::new(numbered)
}

fn presences(state: &SourceState, keys: &[Key]) -> Vec<Presence> {
    let list = list(keys);
    Comparison::new(state, list.of("us").unwrap()).presences().map(|(_, presence)| presence).collect()
}

/// Whether each tenant is billed, by its id.
fn expected(state: &SourceState, keys: &[Key]) -> BTreeMap<String, Option<bool>> {
    let list = list(keys);
    let comparison = Comparison::new(state, list.of("us").unwrap());
    let is_expected = |tenant: &Arc<TenantState>| (tenant.tenant.id.to_string(), comparison.sold(tenant).is_expected);
    state.tenants.values().map(is_expected).collect()
}

#[test]
fn a_complete_listing_decides_which_tenants_are_present_and_missing() {
    let state = listed(&[("1", Some("Acme")), ("2", Some("quo\"ted \\ Söhne"))], &[("3", Some("Left out"))]);
    for (key, presence) in [
        (id("1"), Presence::Present),
        (id("3"), Presence::Present),
        (id("4"), Presence::Missing),
        (id("Acme"), Presence::Missing),
        (name("Acme"), Presence::Present),
        (name("quo\"ted \\ Söhne"), Presence::Present),
        (name("Left out"), Presence::Present),
        (name("acme"), Presence::Missing),
        (name("1"), Presence::Missing),
    ] {
        assert_eq!(presences(&state, std::slice::from_ref(&key)), [presence], "{key:?}");
    }
}

#[test]
fn before_the_first_listing_no_tenant_is_present_or_missing() {
    let fresh = source(Provider::Dropsuite);
    let failed = fresh.clone().advance(Event::Listed(Err(Outcome::Incomplete)), NOON);
    for state in [fresh, failed] {
        assert_eq!(presences(&state, &[id("1"), name("Acme")]), [Presence::Unknown; 2]);
    }
}

#[test]
fn a_failed_listing_makes_no_tenant_missing_and_changes_none() {
    let state = listed(&[("1", Some("Acme"))], &[]);
    let keys = [id("1"), name("Acme Two"), id("2")];
    assert_eq!(presences(&state, &keys), [Presence::Present, Presence::Missing, Presence::Missing]);
    for outcome in Outcome::iter().filter(|outcome| *outcome != Outcome::Success) {
        let state = state.clone().advance(Event::Listed(Err(outcome)), NOON.after(HOUR));
        assert_eq!(presences(&state, &keys), [Presence::Present, Presence::Unknown, Presence::Unknown], "{outcome:?}");
        assert_eq!(expected(&state, &keys)["1"], Some(true));
    }
    let empty = state.advance(Event::Listed(Ok(Listing::default())), NOON.after(HOUR));
    assert_eq!(presences(&empty, &keys), [Presence::Present, Presence::Unknown, Presence::Unknown], "a wrong token");
}

#[test]
fn an_expired_listing_decides_nothing() {
    let state = listed(&[("1", Some("Acme")), ("2", Some("Harbor"))], &[]);
    let state = state.advance(Event::Elapsed, NOON.after(25 * HOUR));
    assert_eq!(presences(&state, &[id("1"), id("3")]), [Presence::Unknown; 2]);
    assert_eq!(expected(&state, &[id("1")]).into_values().collect::<Vec<_>>(), [None, None]);
}

#[test]
fn until_the_first_listing_after_a_restart_only_ids_are_found() {
    let mut state = listed(&[("1", Some("Acme"))], &[]);
    state.uncollected = None;
    let keys = [id("1"), id("2")];
    assert_eq!(presences(&state, &keys), [Presence::Present, Presence::Unknown]);
    assert_eq!(presences(&state, &[name("Acme"), name("Other")]), [Presence::Unknown; 2]);
}

#[test]
fn a_tenant_in_no_line_is_unbilled() {
    let state = listed(&[("1", Some("Acme")), ("2", Some("Harbor")), ("3", Some("Delphi"))], &[]);
    let found = expected(&state, &[id("1"), name("Delphi"), id("9")]);
    let expected = [("1", Some(true)), ("2", Some(false)), ("3", Some(true))];
    assert_eq!(found, expected.map(|(id, is_expected)| (id.to_owned(), is_expected)).into());
}

#[test]
fn a_name_that_two_bear_means_neither() {
    for (tenants, others) in
        [(&[("1", Some("Acme")), ("2", Some("Acme"))][..], &[][..]), (&[("1", Some("Acme"))], &[("2", Some("Acme"))])]
    {
        let state = listed(tenants, others);
        assert_eq!(presences(&state, &[name("Acme")]), [Presence::Ambiguous]);
        assert!(expected(&state, &[name("Acme")]).into_values().all(|is_expected| is_expected.is_none()));
        let found = expected(&state, &[name("Acme"), id("9")]);
        assert!(found.into_values().all(|is_expected| is_expected.is_none()), "none is unbilled either");
    }
}

#[test]
fn a_tenant_that_is_meant_by_id_and_by_name_is_billed_for_unknown_workloads() {
    let state = listed(&[("1", Some("Acme"))], &[]);
    let mut by_id = expectation(2, id("1"));
    by_id.seats = Some(5);
    let list = List::new([(Arc::from("us"), by_id), (Arc::from("us"), expectation(3, name("Acme")))]);
    let comparison = Comparison::new(&state, list.of("us").unwrap());
    assert_eq!(comparison.count(Presence::Ambiguous), 2);
    let sold = comparison.sold(state.tenants.values().next().unwrap());
    assert_eq!((sold.is_expected, sold.seats(), sold.workloads()), (Some(true), None, None));
}

#[test]
fn a_tenant_without_a_name_could_be_any_expected_by_name() {
    let keys = [name("Acme"), id("9")];
    for (tenants, others) in [(&[("1", None)][..], &[][..]), (&[("1", Some("Harbor"))], &[("2", None)])] {
        assert_eq!(presences(&listed(tenants, others), &keys), [Presence::Unknown, Presence::Missing]);
    }
    assert_eq!(expected(&listed(&[("1", None)], &[]), &keys)["1"], None);
    assert_eq!(expected(&listed(&[("1", None)], &[]), &[id("9")])["1"], Some(false), "no tenant is expected by name");
    assert_eq!(presences(&listed(&[("1", None)], &[]), &[id("1"), name("Acme")])[1], Presence::Missing);
    assert_eq!(presences(&listed(&[("1", None)], &[]), &[name("1")]), [Presence::Present], "the name that is shown");
}

#[test]
fn every_expectation_is_counted_once_and_by_one_shard() {
    let state = listed(&[("1", Some("Acme")), ("2", Some("Twin")), ("3", Some("Twin"))], &[]);
    let keys: Vec<_> = ["1", "4", "5", "6"].map(id).into_iter().chain(["Twin", "Acme Two"].map(name)).collect();
    let total: u64 = (0..3)
        .map(|index| {
            let list = list(&keys).for_shard(Shard::new(index, 3).unwrap());
            let comparison = Comparison::new(&state, list.of("us").unwrap());
            Presence::iter().map(|presence| comparison.count(presence)).sum::<u64>()
        })
        .sum();
    assert_eq!(total, keys.len() as u64);
    let whole = list(&keys);
    let comparison = Comparison::new(&state, whole.of("us").unwrap());
    assert_eq!(Presence::iter().map(|presence| comparison.count(presence)).collect::<Vec<_>>(), [1, 4, 1, 0]);
}

#[test]
fn a_source_that_the_list_does_not_name_is_not_compared() {
    assert!(list(&[id("1")]).of("uk").is_none());
}

/// The protection of a workload that is billed to the first tenant.
fn is_protected(state: &SourceState, workload: Workload) -> Option<bool> {
    let mut sold = expectation(2, id("1"));
    sold.workloads = [Workload::Mail, Workload::Onedrive, Workload::Tasks, Workload::SharedDrive].into();
    let list = List::new([(Arc::from("us"), sold)]);
    let comparison = Comparison::new(state, list.of("us").unwrap());
    let tenant = state.tenants.values().next().unwrap();
    comparison.sold(tenant).is_protected(state, tenant, workload)
}

fn report(active: bool, last_backup: LastBackup, failing: bool) -> WorkloadReport {
    let mut resources = Resources::new(Measures { items: false, storage: false }, 24 * HOUR, NOON);
    let resource = Resource {
        active: Some(active),
        failing: Some(failing),
        last_backup,
        items: None,
        storage_bytes: None,
        status: None,
        is_idle: false,
    };
    resources.add(&resource);
    WorkloadReport::Licensed(resources.finish())
}

#[test]
fn a_workload_is_protected_where_something_of_it_is_backed_up_however_late() {
    let (now, long_ago) = (LastBackup::At(NOON), LastBackup::At(Timestamp::from_millis(1_700_000_000_000)));
    let no_resources =
        WorkloadReport::Licensed(Resources::new(Measures { items: false, storage: false }, HOUR, NOON).finish());
    for (report, state, verdict) in [
        (report(true, now, false), WorkloadState::Ok, Some(true)),
        (report(true, long_ago, false), WorkloadState::Late, Some(true)),
        (report(true, now, true), WorkloadState::Failing, Some(true)),
        (report(true, LastBackup::Never, false), WorkloadState::Never, Some(true)),
        (report(false, now, false), WorkloadState::Stopped, Some(false)),
        (no_resources, WorkloadState::Empty, Some(false)),
        (WorkloadReport::NotLicensed, WorkloadState::NotLicensed, Some(false)),
        (report(true, LastBackup::Unknown, false), WorkloadState::Unknown, None),
    ] {
        let parts = vec![PartResult::Workload(Workload::Mail, Ok(report))];
        let known = listed(&[("1", None)], &[]).advance(Event::Collected { tenant: "1".into(), parts }, NOON);
        let tenant = known.tenants.values().next().unwrap();
        assert_eq!(tenant.workload_state(Workload::Mail), Some(state));
        assert_eq!(is_protected(&known, Workload::Mail), verdict, "{state:?}");
        assert_eq!(is_protected(&known, Workload::Teams), None, "that was not sold");
        let stale = known.advance(Event::Elapsed, NOON.after(25 * HOUR));
        assert_eq!(is_protected(&stale, Workload::Mail), None, "{state:?}, a day later");
    }
}

#[test]
fn of_a_tenant_that_is_no_longer_backed_up_nothing_is_protected() {
    let mut tenant = tenant("1", None);
    tenant.status = Some(TenantStatus::Deactivated);
    let listing = Listing { tenants: vec![Arc::new(tenant)], ..Listing::default() };
    let parts = vec![PartResult::Workload(Workload::Mail, Ok(report(true, LastBackup::At(NOON), false)))];
    let state = source(Provider::Dropsuite)
        .advance(Event::Listed(Ok(listing)), NOON)
        .advance(Event::Collected { tenant: "1".into(), parts }, NOON);
    assert_eq!(is_protected(&state, Workload::Mail), Some(false));
    assert_eq!(is_protected(&state, Workload::Onedrive), None, "never seen is unknown, even so");
}

#[test]
fn a_workload_that_is_not_collected_or_never_answered_is_unknown() {
    let state = listed(&[("1", None)], &[]);
    for workload in [Workload::Mail, Workload::Tasks, Workload::SharedDrive] {
        assert_eq!(is_protected(&state, workload), None, "{workload:?}");
    }
    let parts = vec![PartResult::Workload(Workload::Mail, Err(Outcome::Timeout))];
    let failed = state.advance(Event::Collected { tenant: "1".into(), parts }, NOON);
    assert_eq!(is_protected(&failed, Workload::Mail), None);
}

#[test]
fn a_workload_that_a_complete_report_leaves_out_is_not_protected() {
    let collected = |is_complete: bool, at: Timestamp, state: SourceState| {
        let reports = [(Workload::Mail, report(true, LastBackup::At(NOON), false))].into();
        let all = Workloads { is_complete, reports, customer_storage_bytes: None };
        state.advance(Event::Collected { tenant: "1".into(), parts: vec![PartResult::Workloads(Ok(all))] }, at)
    };
    let complete = collected(true, NOON, listed(&[("1", None)], &[]));
    assert_eq!(is_protected(&complete, Workload::Mail), Some(true));
    assert_eq!(is_protected(&complete, Workload::Onedrive), Some(false));
    assert_eq!(is_protected(&complete, Workload::Tasks), None, "it is not collected");
    assert_eq!(is_protected(&complete, Workload::SharedDrive), None, "the vendor may count it as another one");

    let incomplete = collected(false, NOON.after(HOUR), complete.clone());
    assert_eq!(is_protected(&incomplete, Workload::Onedrive), None, "it may be what could not be read");

    let failed = PartResult::Workloads(Err(Outcome::Timeout));
    let failed =
        complete.clone().advance(Event::Collected { tenant: "1".into(), parts: vec![failed] }, NOON.after(HOUR));
    assert_eq!(is_protected(&failed, Workload::Onedrive), Some(false), "as it was seen an hour ago");

    let relisted = listed(&[("1", None)], &[]);
    let listing =
        Listing { tenants: vec![relisted.tenants.values().next().unwrap().tenant.clone()], ..Listing::default() };
    let stale = complete
        .advance(Event::Listed(Ok(listing)), NOON.after(25 * HOUR))
        .advance(Event::Elapsed, NOON.after(25 * HOUR));
    assert_eq!(is_protected(&stale, Workload::Onedrive), None, "it was not collected for a day");
}

#[test]
fn ten_thousand_lines_find_ten_thousand_tenants() {
    let names: Vec<_> = (0..10_000).map(|number| (number.to_string(), format!("Tenant {number}"))).collect();
    let tenants: Vec<_> = names.iter().map(|(id, name)| (id.as_str(), Some(name.as_str()))).collect();
    let state = listed(&tenants, &[]);
    let keys: Vec<_> =
        names.iter().enumerate().map(|(at, (own, other))| if at % 2 == 0 { id(own) } else { name(other) }).collect();
    let list = list(&keys);
    let comparison = Comparison::new(&state, list.of("us").unwrap());
    assert_eq!(comparison.count(Presence::Present), 10_000);
    assert!(state.tenants.values().all(|tenant| comparison.sold(tenant).is_expected == Some(true)));
}
