//! Holds the policy to its promises over random histories.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use strum::IntoEnumIterator as _;

use super::super::*;
use crate::domain::{
    LastBackup, Measures, Objectives, Resource, SeatReport, Tally, TenantStatus, Workload, WorkloadReport,
    WorkloadState, Workloads,
};
use crate::exposition::{Format, render};

const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);
const CLOCK_TOLERANCE: Duration = Duration::from_secs(3600);
const PARTS: &[Part] = &[
    Part::Seats,
    Part::Domains,
    Part::Coverage,
    Part::Lifecycle,
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Teams),
];

/// One step of a history: minutes that the clock moves, back as well as forth, and what happens then.
#[derive(Clone, Debug)]
struct Step {
    minutes: i64,
    event: Event,
}

fn tenant(id: u8) -> Tenant {
    Tenant {
        id: id.to_string().as_str().into(),
        // Names repeat, and differ from one listing to the next.
        name: (!id.is_multiple_of(3)).then(|| format!("Tenant {}", id % 2)),
        status: id.is_multiple_of(2).then_some(TenantStatus::Active),
        seats: SeatCounts { used: Some(u64::from(id)), ..SeatCounts::default() },
        parts: PARTS,
        ..Tenant::default()
    }
}

fn report(kind: u8) -> WorkloadReport {
    if kind == 0 {
        return WorkloadReport::NotLicensed;
    }
    let mut tally = Tally::new(Measures { items: true, storage: false }, STALE_AFTER, Timestamp::from_millis(0));
    let last_backup = if kind == 1 { LastBackup::Never } else { LastBackup::At(Timestamp::from_millis(0)) };
    tally.add(&Resource { active: Some(true), failing: Some(kind == 2), last_backup, ..Resource::UNREADABLE });
    WorkloadReport::Licensed(tally.finish())
}

/// Up to two domains, as the bits say.
fn domains(which: u8) -> crate::domain::Domains {
    use crate::domain::{ConnectedDomain, DomainKey, DomainState};
    let domain = ConnectedDomain { state: DomainState::Connected, users: None, observed_at: None };
    let key = |name: &str| DomainKey { domain: name.to_owned(), directory: String::new() };
    let present = [(1, "a"), (2, "b")].into_iter().filter(|(bit, _)| which & bit != 0);
    present.map(|(_, name)| (key(name), domain)).collect()
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let failures: Vec<_> = Outcome::iter().filter(|outcome| *outcome != Outcome::Success).collect();
    proptest::sample::select(failures)
}

fn result<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Result<T, Outcome>> {
    prop_oneof![3 => value.prop_map(Ok), 2 => outcome().prop_map(Err)]
}

fn part() -> impl Strategy<Value = PartResult> {
    let workload = proptest::sample::select(vec![Workload::Mail, Workload::Teams, Workload::Tasks]);
    let workloads = proptest::collection::btree_map(workload.clone(), (0_u8..4).prop_map(report), 0..3);
    prop_oneof![
        result(Just(SeatReport::default())).prop_map(PartResult::Seats),
        result(Just(crate::domain::Coverage::default())).prop_map(PartResult::Coverage),
        result(Just(crate::domain::Lifecycle::default())).prop_map(PartResult::Lifecycle),
        result((0_u8..4).prop_map(domains)).prop_map(PartResult::Domains),
        ((1_u8..4).prop_map(domains), outcome())
            .prop_map(|(domains, outcome)| PartResult::PartialDomains(domains, outcome)),
        outcome().prop_map(|outcome| {
            let failed = vec![crate::domain::LifecycleFact::PendingInvites];
            PartResult::PartialLifecycle(crate::domain::Lifecycle::default(), failed, outcome)
        }),
        (workload.clone(), (1_u8..4).prop_map(report), outcome())
            .prop_map(|(workload, report, outcome)| PartResult::PartialWorkload(workload, report, outcome)),
        (workload.clone(), outcome()).prop_map(|(workload, outcome)| PartResult::Refused(workload, outcome)),
        (workload, result((0_u8..4).prop_map(report)))
            .prop_map(|(workload, result)| PartResult::Workload(workload, result)),
        result((workloads, any::<bool>()).prop_map(|(reports, is_complete)| {
            Workloads { is_complete, reports, customer_storage_bytes: Some(1) }
        }))
        .prop_map(PartResult::Workloads),
    ]
}

/// One collection asks for all workloads together or for each by itself, and for nothing twice: otherwise a value could
/// go and come back within one event.
fn of_one_collection(mut parts: Vec<PartResult>) -> Vec<PartResult> {
    let together = parts.iter().position(|part| matches!(part, PartResult::Workloads(_)));
    let mut position = 0;
    parts.retain(|part| {
        let is_kept = match part {
            PartResult::Workloads(_) => Some(position) == together,
            PartResult::Workload(..) | PartResult::PartialWorkload(..) | PartResult::Refused(..) => together.is_none(),
            _ => true,
        };
        position += 1;
        is_kept
    });
    parts
}

fn event() -> impl Strategy<Value = Event> {
    let listing = proptest::collection::vec(0_u8..6, 0..6)
        .prop_map(|ids| Listing { tenants: ids.into_iter().map(tenant).map(Arc::new).collect(), ..Listing::default() });
    prop_oneof![
        2 => result(listing).prop_map(Event::Listed),
        5 => (0_u8..6, proptest::collection::vec(part(), 1..4)).prop_map(|(id, parts)| Event::Collected {
            tenant: id.to_string().as_str().into(),
            parts: of_one_collection(parts),
        }),
        2 => Just(Event::Elapsed),
    ]
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![9 => -60_i64..600, 1 => -6_000_i64..-60]
        .prop_flat_map(|minutes| (Just(minutes), event()))
        .prop_map(|(minutes, event)| Step { minutes, event });
    proptest::collection::vec(step, 1..60)
}

fn fresh() -> SourceState {
    let workloads = vec![Workload::Mail, Workload::Teams];
    let policy = Policy { stale_after: STALE_AFTER, workloads, objectives: Objectives::default() };
    let identity = SourceIdentity { provider: crate::domain::Provider::Dropsuite, name: "source".into() };
    SourceState::new(identity, Arc::new(policy))
}

fn ids(source: &SourceState) -> BTreeSet<TenantId> {
    source.tenants.keys().cloned().collect()
}

/// When each part that has a value was observed.
fn observations(source: &SourceState) -> BTreeMap<(TenantId, Part), Timestamp> {
    let of_tenant = |tenant: &Arc<TenantState>| {
        let observed = |part| Some(((tenant.tenant.id.clone(), part), source.observed_at(tenant, part)?));
        tenant.parts().filter_map(observed).collect::<Vec<_>>()
    };
    source.tenants.values().flat_map(of_tenant).collect()
}

/// The names and labels of an exposition's samples.
fn series(source: &SourceState) -> Vec<String> {
    let text = render(&[Arc::new(source.clone())], Vec::new(), Format::Text);
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_a_promise(history in history()) {
        let mut source = fresh();
        let mut now = Timestamp::from_millis(1_700_000_000_000);
        let mut earlier_now = now;
        for Step { minutes, event } in history {
            now = Timestamp::from_millis(now.as_millis() + minutes * 60_000);
            let (before, event_before, now_before) = (source.clone(), event.clone(), earlier_now);
            earlier_now = now;
            source = source.advance(event, now);

            // Only a complete listing adds or removes a tenant, and never all of them at once.
            let listed = match &event_before {
                Event::Listed(Ok(listing)) => Some(listing.tenants.iter().map(|tenant| tenant.id.clone()).collect::<BTreeSet<_>>()),
                _ => None,
            };
            match listed {
                Some(listed) if !listed.is_empty() || before.tenants.is_empty() => prop_assert_eq!(ids(&source), listed),
                _ => prop_assert_eq!(ids(&source), ids(&before)),
            }
            let removed = ids(&before).difference(&ids(&source)).count() as u64;
            prop_assert_eq!(source.tenants_removed - before.tenants_removed, removed);

            // What is shown and not observed anew gets no younger, by more than clocks differ, and lies not in the future.
            let (earlier, later) = (observations(&before), observations(&source));
            for (key, at) in &later {
                prop_assert!(!at.is_future(now), "{:?}", key);
                let age = |earlier: &Timestamp| now_before.since(*earlier);
                let is_as_old = |earlier| now.since(*at) + CLOCK_TOLERANCE >= age(earlier);
                // Its oldest value may have expired, beside which the others are younger; or its oldest domain was
                // read anew, beside others that were not.
                let may_be_younger =
                    key.1 == Part::Domains || (event_before == Event::Elapsed && key.1 == Part::Lifecycle);
                prop_assert!(*at >= now || may_be_younger || earlier.get(key).is_none_or(is_as_old), "{:?}", key);
            }

            // After time was let pass nothing shown is older than it may be.
            if event_before == Event::Elapsed {
                for (key, at) in &later {
                    prop_assert!(now.since(*at) <= STALE_AFTER, "{:?}", key);
                }
                // Each tenant shows the listing's time, which expires once for all of them.
                let lost = earlier.keys().filter(|(_, part)| *part != Part::Listing).count()
                    - later.keys().filter(|(_, part)| *part != Part::Listing).count();
                let listing = usize::from(before.listing.value().is_some() && source.listing.value().is_none());
                prop_assert_eq!(source.expired - before.expired, (lost + listing) as u64);
            }

            // What has no value is unknown and claims nothing.
            for tenant in source.tenants.values() {
                for (workload, report) in &tenant.workloads {
                    let state = tenant.workload_state(*workload);
                    prop_assert_eq!(state == Some(WorkloadState::Unknown), report.value().is_none());
                }
            }

            let series = series(&source);
            let unique: BTreeSet<_> = series.iter().collect();
            prop_assert_eq!(unique.len(), series.len(), "a series stands twice");
        }
    }
}
