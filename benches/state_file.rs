//! Measures how long a large fleet takes to be written to and read from the state file, and how large the file is.
//!
//! `cargo bench --bench state_file` measures 10,000 tenants with nine workloads; run as a test, it tries a few.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement has nobody to hand an error to")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saasbackup_exporter::clock;
use saasbackup_exporter::domain::{
    AccountCounts, AccountState, ConnectedDomain, Coverage, DattoServices, DomainKey, DomainState, Event, Lifecycle,
    Listing, Objectives, PartResult, Policy, Provider, ResourceCounts, ResourceState, SeatCounts, SeatReport,
    SourceIdentity, SourceState, StatusWord, Tenant, TenantStatus, Timestamp, Workload, WorkloadReport,
    WorkloadSummary,
};
use saasbackup_exporter::provider;
use saasbackup_exporter::shard::Shard;
use saasbackup_exporter::state_file::{load, save};

fn main() {
    let tenants = if std::env::args().any(|argument| argument == "--bench") { 10_000 } else { 10 };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let now = clock::now();
    let states = [Arc::new(fleet(tenants, now))];

    let started = Instant::now();
    save(&path, Shard::WHOLE, &states).unwrap();
    let saving = started.elapsed();

    let fresh = SourceState::new(states[0].identity.clone(), Arc::clone(&states[0].policy));
    let started = Instant::now();
    let mut saved = load(&path).unwrap().unwrap();
    let loading = started.elapsed();
    let started = Instant::now();
    let restored = saved.restore(fresh, &|_| true, now);
    let restoring = started.elapsed();

    assert_eq!(restored, *states[0]);
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!(
        "{tenants} tenants, {} workloads each: {bytes} bytes, saved in {saving:?}, loaded in {loading:?}, restored in {restoring:?}",
        Workload::ALL.len()
    );
}

/// A fleet of which everything is known.
fn fleet(tenants: usize, now: Timestamp) -> SourceState {
    let policy = Policy {
        stale_after: Duration::from_secs(24 * 60 * 60),
        workloads: Workload::ALL.to_vec(),
        objectives: Objectives::default(),
    };
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "bench".into() };
    let listing = Listing { tenants: (0..tenants).map(tenant).collect(), ..Listing::default() };
    let listed = SourceState::new(identity, Arc::new(policy)).advance(Event::Listed(Ok(listing)), now);
    (0..tenants).fold(listed, |state, number| {
        state.advance(Event::Collected { tenant: id(number).as_str().into(), parts: parts(now) }, now)
    })
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
        services: DattoServices::default(),
        parts: provider::parts(Provider::Dropsuite, None),
    }
}

fn seats() -> SeatCounts {
    SeatCounts { used: Some(40), available: Some(50), active: Some(38), deactivated: Some(2), ..SeatCounts::default() }
}

fn parts(now: Timestamp) -> Vec<PartResult> {
    let accounts = AccountCounts::default().with(AccountState::Protected, 38).with(AccountState::Unprotected, 2);
    let key = DomainKey { domain: "harbour.example".to_owned(), directory: "m365".to_owned() };
    let domains = [(key, ConnectedDomain { state: DomainState::Connected, users: Some(40) })].into();
    let lifecycle = Lifecycle { deactivated_accounts: Some(2), pending_invites: Some(0), ..Lifecycle::default() };
    let others = [
        PartResult::Seats(Ok(SeatReport { counts: seats(), by_type: None })),
        PartResult::Coverage(Ok(Coverage { accounts, domains })),
        PartResult::Lifecycle(Ok(lifecycle)),
    ];
    let workloads = Workload::ALL.map(|workload| PartResult::Workload(workload, Ok(report(now))));
    others.into_iter().chain(workloads).collect()
}

fn report(now: Timestamp) -> WorkloadReport {
    let resources = ResourceCounts::default().with(ResourceState::Ok, 37).with(ResourceState::Late, 1);
    WorkloadReport::Licensed(WorkloadSummary {
        resources: Some(resources),
        newest_backup: Some(now),
        protected_until: Some(now),
        items: Some(2_943_700),
        storage_bytes: Some(361_020_620_800),
        statuses: BTreeMap::from([(StatusWord::Completed, 37), (StatusWord::Running, 1)]),
        datto: None,
    })
}
