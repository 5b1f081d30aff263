//! Holds restoring to what the operator decides now, and to what time it is now.

use std::time::Duration;

use super::*;
use crate::domain::{
    Compact, Event, Listing, Outcome, Part, PartResult, Policy, Tenant, TenantId, Workload, WorkloadReport,
    WorkloadState,
};

const HOUR: Duration = Duration::from_secs(3600);

/// Two tenants of which mail and OneDrive are known, written to a file.
fn written() -> (TempDir, PathBuf) {
    written_by(Shard::WHOLE)
}

fn written_by(shard: Shard) -> (TempDir, PathBuf) {
    let (folder, path) = somewhere();
    let tenant = |id: &str| Tenant {
        id: id.into(),
        name: Some(format!("Tenant {id}")),
        parts: provider::parts(Provider::Dropsuite, None),
        ..Tenant::default()
    };
    let collected = [Workload::Mail, Workload::Onedrive];
    let parts = || collected.map(|workload| PartResult::Workload(workload, Ok(WorkloadReport::NotLicensed))).to_vec();
    let listing =
        Listing { tenants: ["1", "2"].map(|id| Arc::new(tenant(id))).into(), excluded: 3, ..Listing::default() };
    let state = collecting(&collected)
        .advance(Event::Listed(Ok(listing)), NOW)
        .advance(Event::Collected { tenant: "1".into(), parts: parts() }, NOW)
        .advance(Event::Collected { tenant: "2".into(), parts: parts() }, NOW);
    save(&path, shard, &[Arc::new(state).into()]).unwrap();
    (folder, path)
}

/// A source of which nothing is known, where these workloads are collected.
fn collecting(workloads: &[Workload]) -> SourceState {
    under(|policy| policy.workloads = workloads.to_vec())
}

fn under(decide: impl FnOnce(&mut Policy)) -> SourceState {
    let state = fresh(Provider::Dropsuite, "present");
    let mut policy = Policy::clone(&state.policy);
    decide(&mut policy);
    SourceState { policy: Arc::new(policy), ..state }
}

fn workloads(state: &SourceState) -> Vec<(Workload, Option<WorkloadState>)> {
    let tenant = &state.tenants[&TenantId::from("1")];
    tenant.workloads.keys().map(|workload| (*workload, tenant.workload_state(*workload))).collect()
}

#[test]
fn workloads_are_those_that_are_collected_now() {
    let (_folder, path) = written();
    let (known, unknown) = (Some(WorkloadState::NotLicensed), Some(WorkloadState::Unknown));
    for (collected, expected) in [
        (vec![Workload::Mail, Workload::Onedrive], vec![(Workload::Mail, known), (Workload::Onedrive, known)]),
        (vec![Workload::Onedrive], vec![(Workload::Onedrive, known)]),
        (vec![Workload::Mail, Workload::Teams], vec![(Workload::Mail, known), (Workload::Teams, unknown)]),
    ] {
        assert_eq!(workloads(&restored(&path, collecting(&collected))), expected);
    }
}

#[test]
fn a_workload_that_the_vendor_did_not_report_stays_unreported() {
    let (_folder, path) = somewhere();
    let mut state = Inventor::new(5).source(Provider::Datto);
    for tenant in state.tenants.values_mut() {
        Arc::make_mut(tenant).workloads = Compact::default();
    }
    save(&path, Shard::WHOLE, &[Arc::new(state.clone()).into()]).unwrap();
    let restored = restored(&path, fresh(Provider::Datto, "invented"));
    assert!(!restored.tenants.is_empty());
    assert!(restored.tenants.values().all(|tenant| tenant.workloads.is_empty()));
}

#[test]
fn objectives_are_those_of_the_present_policy() {
    let (_folder, path) = written();
    let state = restored(&path, under(|policy| policy.objectives.default = Some(7 * HOUR)));
    assert_eq!(state.tenants[&TenantId::from("1")].rpo.of(Workload::Mail), 7 * HOUR);
}

#[test]
fn values_that_grew_too_old_meanwhile_expire_and_their_attempts_stay() {
    let (_folder, path) = written();
    let mail = Part::Workload(Workload::Mail);
    for (age, is_shown) in [(24 * HOUR, true), (25 * HOUR, false)] {
        let collected = collecting(&[Workload::Mail, Workload::Onedrive]);
        let state =
            load(&path).unwrap().expect("a file").restore(collected, provider::parts, &|_| true, NOW.after(age));
        let tenant = &state.tenants[&TenantId::from("1")];
        assert_eq!(state.observed_at(tenant, mail), is_shown.then_some(NOW));
        assert_eq!(state.last_attempt(tenant, mail).map(|attempt| attempt.outcome), Some(Outcome::Success));
        assert_eq!(state.expired, if is_shown { 0 } else { 5 }, "two workloads of two tenants, and the listing");
        assert_eq!(state.listing.succeeded(), Some(true), "so the source is ready");
    }
}

#[test]
fn a_tenant_that_is_not_selected_any_more_is_left_out() {
    let (_folder, path) = written();
    let selects = |tenant: &Tenant| tenant.id.as_str() != "2" && tenant.name_or_id() == "Tenant 1";
    let fresh = fresh(Provider::Dropsuite, "present");
    let state = load(&path).unwrap().expect("a file").restore(fresh, provider::parts, &selects, NOW);
    assert_eq!(state.tenants.keys().map(TenantId::as_str).collect::<Vec<_>>(), ["1"]);
    assert_eq!((state.listing.value(), state.tenants_removed), (Some(&4), 0));
}

#[test]
fn a_source_is_handed_out_once() {
    let (_folder, path) = written();
    let mut saved = load(&path).unwrap().expect("a file");
    let fresh = fresh(Provider::Dropsuite, "present");
    assert_eq!(saved.restore(fresh.clone(), provider::parts, &|_| true, NOW).tenants.len(), 2);
    assert_eq!(saved.restore(fresh.clone(), provider::parts, &|_| true, NOW), fresh);
}

#[test]
fn a_shard_takes_of_another_ones_file_its_own_tenants_and_nothing_that_is_said_of_all() {
    let (alone, selects) = (fresh(Provider::Dropsuite, "present"), |_: &Tenant| true);
    for (before, after) in [((0, 1), (0, 2)), ((0, 1), (1, 2)), ((1, 2), (1, 3)), ((1, 2), (0, 1))] {
        let [before, after] = [before, after].map(|(index, total)| Shard::new(index, total).unwrap());
        let (_folder, path) = written_by(before);
        let state = load(&path).unwrap().expect("a file").for_shard(after).restore(
            alone.clone(),
            provider::parts,
            &selects,
            NOW,
        );
        let ids: Vec<_> = state.tenants.keys().map(TenantId::as_str).collect();
        let own: Vec<_> = ["1", "2"].into_iter().filter(|id| after.owns("present", id)).collect();
        assert_eq!(ids, own, "{after} after {before}");
        let tenants = |state: &SourceState| state.tenants.values().cloned().collect::<Vec<_>>();
        let known = load(&path).unwrap().expect("a file").restore(alone.clone(), provider::parts, &selects, NOW);
        assert!(tenants(&state).iter().all(|tenant| tenants(&known).contains(tenant)), "with what is known of them");
        assert_eq!(
            SourceState { tenants: Default::default(), ..state },
            alone,
            "no tenant is left out, removed or listed"
        );
    }
}

#[test]
fn a_shard_starts_from_its_own_file_as_if_it_were_alone() {
    let shard = Shard::new(1, 3).unwrap();
    let (_folder, path) = written_by(shard);
    let alone = fresh(Provider::Dropsuite, "present");
    let state = load(&path).unwrap().expect("a file").for_shard(shard).restore(alone, provider::parts, &|_| true, NOW);
    assert_eq!((state.tenants.len(), state.listing.value()), (2, Some(&3)));
}
