//! Generates a fully collected fleet of any size, for measurements.

#![allow(dead_code, reason = "every measurement uses its own part of these helpers")]

use std::sync::Arc;
use std::time::Duration;

use strum::IntoEnumIterator as _;

use saasbackup_exporter::domain::{
    AccountCounts, AccountState, ConnectedDomain, Coverage, DomainKey, DomainState, Event, Lifecycle, Listing,
    Objectives, PartResult, Policy, Provider, ResourceCounts, ResourceState, SeatCounts, SeatReport, SourceIdentity,
    SourceState, StatusWord, Tenant, TenantStatus, Timestamp, Workload, WorkloadReport, WorkloadSummary,
};
use saasbackup_exporter::provider;

/// A source with so many tenants, each with every workload.
pub(crate) fn fleet(tenants: usize, now: Timestamp) -> SourceState {
    let policy = Policy {
        stale_after: Duration::from_secs(24 * 60 * 60),
        workloads: Workload::iter().collect(),
        objectives: Objectives::default(),
    };
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "bench".into() };
    let listing = Listing { tenants: (0..tenants).map(tenant).map(Arc::new).collect(), ..Listing::default() };
    let listed = SourceState::new(identity, Arc::new(policy)).advance(Event::Listed(Ok(listing)), now);
    (0..tenants).fold(listed, |state, number| {
        // The last digits of most times and amounts differ, as they do in life.
        let at = now.after(Duration::from_millis(number as u64 * 37 % 1_000_000));
        state.advance(collected(number, at), at)
    })
}

/// All parts of one tenant were collected.
pub(crate) fn collected(number: usize, at: Timestamp) -> Event {
    Event::Collected { tenant: id(number).as_str().into(), parts: parts(number as u64, at) }
}

fn id(number: usize) -> String {
    format!("{}-6", 440_000 + number)
}

fn tenant(number: usize) -> Tenant {
    Tenant {
        id: id(number).as_str().into(),
        name: Some(format!("Harbour & Partners {number}")),
        organization_id: Some(number.to_string()),
        plan: Some("93".to_owned()),
        product: Some("backup".to_owned()),
        status: Some(TenantStatus::Active),
        seats: seats(),
        parts: provider::parts(Provider::Dropsuite, None),
        ..Tenant::default()
    }
}

fn seats() -> SeatCounts {
    SeatCounts { used: Some(40), available: Some(50), active: Some(38), deactivated: Some(2), ..SeatCounts::default() }
}

fn parts(number: u64, now: Timestamp) -> Vec<PartResult> {
    let accounts =
        AccountCounts::default().with(AccountState::Protected, Some(38)).with(AccountState::Unprotected, Some(2));
    let key = DomainKey { domain: "harbour.example".to_owned(), directory: "m365".to_owned() };
    let domains = [(key, ConnectedDomain { state: DomainState::Connected, users: Some(40), observed_at: None })]
        .into_iter()
        .collect();
    let lifecycle = Lifecycle { deactivated_accounts: Some(2), pending_invites: Some(0), ..Lifecycle::default() };
    let others = [
        PartResult::Seats(Ok(SeatReport { counts: seats(), by_type: None })),
        PartResult::Domains(Ok(domains)),
        PartResult::Coverage(Ok(Coverage { accounts })),
        PartResult::Lifecycle(Ok(lifecycle)),
    ];
    let workloads = Workload::iter().map(|workload| PartResult::Workload(workload, Ok(report(number, now))));
    others.into_iter().chain(workloads).collect()
}

fn report(number: u64, now: Timestamp) -> WorkloadReport {
    let resources = ResourceCounts::default().with(ResourceState::Ok, 37).with(ResourceState::Late, 1);
    WorkloadReport::Licensed(WorkloadSummary {
        resources: Some(resources),
        newest_backup: Some(now),
        protected_until: Some(now),
        items: Some(2_943_700 + number * 17),
        storage_bytes: Some(361_020_620_800 + number * 4096),
        statuses: [(StatusWord::Completed, 37), (StatusWord::Running, 1)].into_iter().collect(),
        datto: None,
    })
}
