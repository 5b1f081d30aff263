//! Checks who is a target, and that no two are taken for one.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::domain::{
    Event, Listing, Objectives, Outcome, Policy, Provider, SourceIdentity, Tenant, Timestamp, Tracked,
};
use crate::server::ServerOptions;

const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000);

fn source(name: &str, ids: &[&str]) -> SourceState {
    let tenant =
        |id: &&str| Tenant { id: (*id).into(), name: Some(format!("{id}\" \u{202e}<b>")), ..Tenant::default() };
    let policy =
        Policy { stale_after: Duration::from_secs(3600), workloads: Vec::new(), objectives: Objectives::default() };
    let listing = Listing { tenants: ids.iter().map(tenant).map(Arc::new).collect(), ..Listing::default() };
    SourceState::new(SourceIdentity { provider: Provider::Datto, name: name.into() }, Arc::new(policy))
        .advance(Event::Listed(Ok(listing)), NOW)
}

fn targets(states: Vec<SourceState>) -> Vec<Group> {
    let states: Vec<_> = states.into_iter().map(Arc::new).collect();
    groups(&states, &Exposed::default(), &Address::of(&ServerOptions::default(), Some("exporter:10047"), None).unwrap())
}

#[test]
fn no_two_targets_share_an_instance_however_they_are_called() {
    let groups = targets(vec![source("a/b", &["c", "1"]), source("a", &["b/c", "1"])]);
    let instances: BTreeSet<_> = groups.iter().map(|group| group.labels.get("instance")).collect();
    assert_eq!((groups.len(), instances.len()), (5, 5), "{groups:?}");
    assert!(instances.contains(&None), "the exporter's own keeps the address");
}

#[test]
fn a_tenant_without_series_is_no_target() {
    let states = [Arc::new(source("a", &["1", "2", "3"])), Arc::new(source("b", &["1"]))];
    let exposed = Exposed::default().without(|name| name != "saasbackup_tenant_info").with_series_limit("a", 2);
    let groups = groups(&states, &exposed, &Address::of(&ServerOptions::default(), Some("e:1"), None).unwrap());
    let targets: Vec<_> = groups.iter().filter_map(|group| group.labels.get("instance").map(|name| &**name)).collect();
    assert_eq!(targets, ["e:1/a/1", "e:1/a/2", "e:1/b/1"]);
}

#[test]
fn a_source_is_waited_for_until_a_listing_has_worked() {
    let fresh = || SourceState { tenants: BTreeMap::new(), listing: Tracked::default(), ..source("a", &[]) };
    let failed = fresh().advance(Event::Listed(Err(Outcome::Timeout)), NOW);
    assert!(was_never_listed(&fresh()) && was_never_listed(&failed));
    let empty = failed.advance(Event::Listed(Ok(Listing::default())), NOW);
    assert!(!was_never_listed(&empty), "an empty fleet");
    assert!(!was_never_listed(&source("a", &["1"]).advance(Event::Listed(Err(Outcome::Timeout)), NOW)));
}

#[test]
fn a_tenant_stays_a_target_while_its_vendor_is_in_trouble() {
    let later = NOW.after(Duration::from_secs(100_000));
    let troubled = source("a", &["1", "2"])
        .advance(Event::Listed(Err(Outcome::Timeout)), later)
        .advance(Event::Listed(Ok(Listing::default())), later)
        .advance(Event::Elapsed, later);
    assert_eq!(troubled.listing.value(), None, "nothing is known for sure any more");
    assert_eq!(targets(vec![troubled]), targets(vec![source("a", &["1", "2"])]));
}

#[test]
fn a_target_has_everything_that_relabelling_may_need() {
    let groups = targets(vec![source("datto", &["7"])]);
    assert_eq!(
        serde_json::to_value(&groups).unwrap(),
        serde_json::json!([
            {
                "targets": ["exporter:10047"],
                "labels": {
                    "instance": "exporter:10047/datto/7",
                    "__metrics_path__": "/metrics",
                    "__param_source": "datto",
                    "__param_tenant": "7",
                    "__meta_saasbackup_provider": "datto",
                    "__meta_saasbackup_source": "datto",
                    "__meta_saasbackup_tenant_id": "7",
                    "__meta_saasbackup_tenant": "7\" \u{202e}<b>",
                },
            },
            {
                "targets": ["exporter:10047"],
                "labels": { "__metrics_path__": "/metrics", "__param_collect": "exporter,source" },
            },
        ])
    );
}
