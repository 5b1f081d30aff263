//! Makes a small fleet by hand: one tenant for each thing that the page shows.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::*;
use crate::store::{Backoff, NextAttempt, PollerStatus, Published, TenantPolling};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000);

const MINUTE: Duration = Duration::from_secs(60);
const MAIL: Part = Part::Workload(Workload::Mail);
const TEAMS: Part = Part::Workload(Workload::Teams);
const PARTS: &[Part] = &[Part::Seats, MAIL, TEAMS];

fn before(minutes: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() - i64::try_from(minutes * 60_000).unwrap())
}

fn policy() -> Arc<Policy> {
    let workloads = vec![Workload::Mail, Workload::Teams];
    Arc::new(Policy { stale_after: 1_440 * MINUTE, workloads, objectives: Objectives::default() })
}

fn tenant(id: &str, name: &str) -> Tenant {
    Tenant {
        id: id.into(),
        name: Some(name.to_owned()),
        status: Some(if id == "paused" { TenantStatus::Deactivated } else { TenantStatus::Active }),
        parts: PARTS,
        ..Tenant::default()
    }
}

fn report(state: ResourceState) -> Result<WorkloadReport, Outcome> {
    let resources = Some(ResourceCounts::default().with(state, 3));
    Ok(WorkloadReport::Licensed(WorkloadSummary {
        resources,
        newest_backup: None,
        protected_until: None,
        items: None,
        storage_bytes: None,
        statuses: StatusCounts::default(),
        datto: None,
    }))
}

fn collected(state: SourceState, id: &str, mail: ResourceState, teams: ResourceState, at: Timestamp) -> SourceState {
    let parts = vec![
        PartResult::Seats(Ok(SeatReport::default())),
        PartResult::Workload(Workload::Mail, report(mail)),
        PartResult::Workload(Workload::Teams, report(teams)),
    ];
    state.advance(Event::Collected { tenant: id.into(), parts }, at)
}

fn failed(state: SourceState, id: &str, part: PartResult, at: Timestamp) -> SourceState {
    state.advance(Event::Collected { tenant: id.into(), parts: vec![part] }, at)
}

fn poller(tenants: Vec<(&str, TenantPolling)>) -> Option<Arc<PollerStatus>> {
    Some(Arc::new(PollerStatus {
        started_at: before(1_000),
        next_listing: NextAttempt::At(NOW.after(3 * MINUTE)),
        listing_interval: 15 * MINUTE,
        has_tenants: true,
        part_intervals: PARTS.iter().map(|part| (*part, 15 * MINUTE)).collect(),
        refused_interval: 18 * 60 * MINUTE,
        tenants: tenants.into_iter().map(|(id, status)| (id.into(), status)).collect(),
        paused_until: None,
        requests_per_second: 5.0,
        effective_interval: Some(1_234_567 * MINUTE / 60_000),
        requests_per_tenant_and_day: Some(181.6),
        requests: vec![
            ("/accounts", 4_812),
            ("/teams_and_groups/domains/{domain_id}/teams", 402),
            ("/users", 96),
            ("/tasks", 50),
        ],
        budget_remaining: Some(4_200.0),
    }))
}

/// One source with a tenant of each kind, and one that was never listed.
pub(super) fn fleet() -> Vec<Published> {
    use ResourceState as R;
    let listed = [
        tenant("fine", "Alpine Freight & Logistics"),
        tenant("stale", "Acme"),
        tenant("late", "Brook \u{202e}gnitnuoccA"),
        tenant("failing", "Line\nBreak <script>alert(\"1\")</script>"),
        tenant("unseen", &"Oñe hundred and twenty characters are enough for any name ".repeat(200)),
        tenant("paused", "Coastal 'Realty' Partners"),
    ];
    let listed: Vec<_> = listed.into_iter().map(Arc::new).collect();
    let listing = || Event::Listed(Ok(Listing { tenants: listed.clone(), excluded: 2, ..Listing::default() }));
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "dropsuite-us".into() };
    let state = SourceState::new(identity, policy()).advance(listing(), before(700));
    let state = collected(state, "failing", R::Failing, R::Unknown, before(700));
    let state = collected(state, "stale", R::Ok, R::Ok, before(200));
    let state = state.advance(listing(), before(40));
    let state = state.advance(Event::Listed(Err(Outcome::Incomplete)), before(10));
    let state = collected(state, "paused", R::Ok, R::Ok, before(7));
    let state = collected(state, "late", R::Late, R::Deactivated, before(6));
    let state = collected(state, "fine", R::Ok, R::Ok, before(5));
    let state = failed(state, "stale", PartResult::Workload(Workload::Mail, Err(Outcome::Timeout)), before(4));
    let state = failed(state, "failing", PartResult::Seats(Err(Outcome::ServerError)), before(3));
    let backoff = (Part::Seats, Backoff { interval: 60 * MINUTE, failures: 2 });
    let poller = poller(vec![
        ("fine", TenantPolling { in_progress: PARTS.into(), ..TenantPolling::default() }),
        ("stale", TenantPolling { is_unresponsive: true, ..TenantPolling::default() }),
        ("failing", TenantPolling { backoffs: vec![backoff], ..TenantPolling::default() }),
    ]);
    let dropsuite = Published { state: Arc::new(state), poller };
    let identity = SourceIdentity { provider: Provider::Datto, name: "datto".into() };
    vec![dropsuite, Published { state: Arc::new(SourceState::new(identity, policy())), poller: None }]
}

/// One source with this many tenants, all collected.
pub(super) fn big(tenants: usize) -> Vec<Published> {
    let ids: Vec<String> = (0..tenants).map(|index| format!("{index:05}")).collect();
    let listed = ids.iter().map(|id| tenant(id, &format!("Tenant {id}"))).map(Arc::new).collect();
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "dropsuite-us".into() };
    let state = SourceState::new(identity, policy())
        .advance(Event::Listed(Ok(Listing { tenants: listed, ..Listing::default() })), before(40));
    let state =
        ids.iter().fold(state, |state, id| collected(state, id, ResourceState::Ok, ResourceState::Late, before(5)));
    vec![Published { state: Arc::new(state), poller: poller(Vec::new()) }]
}
