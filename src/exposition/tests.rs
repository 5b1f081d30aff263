//! Golden expositions of one hand-made state, in both formats.

use std::sync::Arc;
use std::time::Duration;

use super::{Exposed, Filter, Format, Missing, render, seats_csv};
use crate::domain::*;
use crate::golden::assert_golden;
use crate::instrumentation::{Metric, MetricFamily, Sample};
use crate::metric::Descriptor;

const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_500);

fn own(count: u64) -> Vec<MetricFamily> {
    static OWN: Descriptor = Descriptor::counter("saasbackup_exporter_api_throttled_total", "Own");
    let sample = Sample { source: None, labels: Vec::new(), metric: Metric::Whole(count) };
    vec![MetricFamily { descriptor: &OWN, samples: vec![sample] }]
}

fn mail() -> WorkloadSummary {
    let mut tally = Tally::new(Measures { items: true, storage: true }, Duration::from_secs(43_200), NOW);
    let healthy = Resource {
        active: Some(true),
        failing: Some(false),
        last_backup: LastBackup::At(NOW),
        items: Some(120),
        storage_bytes: Some(2048),
        status: Some(StatusWord::Completed),
        is_idle: false,
    };
    tally.add(&healthy);
    tally.add(&Resource { last_backup: LastBackup::At(Timestamp::from_millis(1_763_600_000_000)), ..healthy });
    tally.add(&Resource { active: Some(false), ..healthy });
    tally.finish()
}

/// A hostile name, a workload of each kind of knowledge, and counters of which some are unknown.
fn source() -> SourceState {
    let policy = Policy {
        stale_after: Duration::from_secs(86_400),
        workloads: vec![Workload::Mail, Workload::Tasks, Workload::Teams],
        objectives: Objectives::default(),
    };
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "dropsuite-us".into() };
    let tenant = Tenant {
        id: "440032-6".into(),
        name: Some("quo\"ted \\ Söhne".to_owned()),
        organization_id: Some("19376".to_owned()),
        plan: Some("163847-14".to_owned()),
        status: Some(TenantStatus::Active),
        login_disabled: Some(false),
        seats: SeatCounts { used: Some(3), available: Some(0), ..SeatCounts::default() },
        parts: &[
            Part::Seats,
            Part::Domains,
            Part::Coverage,
            Part::Lifecycle,
            Part::Workload(Workload::Mail),
            Part::Workload(Workload::Tasks),
            Part::Workload(Workload::Teams),
        ],
        ..Tenant::default()
    };
    let mut accounts = AccountCounts::distinguishing(&[AccountState::Protected, AccountState::Unprotected]);
    accounts.add(AccountState::Protected);
    let domains = Domains::of([(
        DomainKey { domain: "acme.example".to_owned(), directory: "m365".to_owned() },
        ConnectedDomain { state: DomainState::ReconnectRequired, users: Some(17), observed_at: None },
    )]);
    let parts = vec![
        PartResult::Seats(Err(Outcome::Timeout)),
        PartResult::Domains(Ok(domains)),
        PartResult::Coverage(Ok(Coverage { accounts })),
        PartResult::Lifecycle(Ok(Lifecycle {
            deleted_accounts: Some(0),
            shortest_retention: Some(Duration::from_secs(86_400 * 30)),
            journals: Some(1),
            ..Lifecycle::default()
        })),
        PartResult::Workload(Workload::Mail, Ok(WorkloadReport::Licensed(mail()))),
        PartResult::Workload(Workload::Tasks, Ok(WorkloadReport::NotLicensed)),
    ];
    let drift = Drift { endpoint: "/accounts", field: "last_backup", kind: DriftKind::Retyped };
    SourceState::new(identity, Arc::new(policy))
        .advance(Event::Listed(Ok(Listing { tenants: vec![Arc::new(tenant)], excluded: 2, ..Listing::default() })), NOW)
        .advance(Event::Collected { tenant: "440032-6".into(), parts }, NOW)
        .advance(Event::Drifted(vec![drift]), NOW)
}

#[test]
fn the_text_format_is_as_it_was() {
    assert_golden("src/exposition/golden/text.txt", &render(&[Arc::new(source())], own(1), Format::Text));
}

#[test]
fn openmetrics_is_as_it_was() {
    assert_golden("src/exposition/golden/openmetrics.txt", &render(&[Arc::new(source())], own(1), Format::OpenMetrics));
}

#[test]
fn a_source_of_which_nothing_is_known_claims_nothing() {
    let source = SourceState::new(source().identity, source().policy);
    assert_golden("src/exposition/golden/nothing_known.txt", &render(&[Arc::new(source)], own(1), Format::Text));
}

#[test]
fn a_vanished_tenant_leaves_no_series() {
    let elsewhere = Tenant { id: "1-1".into(), ..Tenant::clone(&source().tenants.values().next().unwrap().tenant) };
    let listing = Listing { tenants: vec![Arc::new(elsewhere)], ..Listing::default() };
    let text = render(&[Arc::new(source().advance(Event::Listed(Ok(listing)), NOW))], own(1), Format::Text);
    assert!(!text.contains("440032-6") && text.contains("1-1"), "{text}");
}

#[test]
fn stale_values_leave_no_series_but_the_unknown_state() {
    let later = NOW.after(Duration::from_secs(90_000));
    let text = render(&[Arc::new(source().advance(Event::Elapsed, later))], own(1), Format::Text);
    for family in ["saasbackup_resources", "saasbackup_items", "saasbackup_seats_used", "saasbackup_accounts"] {
        assert!(!text.contains(family), "{family} in {text}");
    }
    assert!(text.contains("workload=\"mail\",state=\"unknown\"} 1"), "{text}");
}

#[test]
fn one_beginning_is_packed_with_many_endings() {
    use std::io::Read as _;

    let (states, exposed) = ([Arc::new(source())], Arc::new(Exposed::default()));
    let filter = Filter::default();
    let selected = filter.select(&states, &exposed).unwrap();
    for format in [Format::Text, Format::OpenMetrics] {
        let compressed = selected.compressed(format);
        for gather in [Vec::new, || own(1), || own(2)] {
            let member = [compressed.as_ref(), &compressed.ended(&filter.ending(&exposed, gather, format))].concat();
            let mut unpacked = String::new();
            // A reader of a single member, which checks its length and its checksum.
            let mut decoder = flate2::bufread::GzDecoder::new(&*member);
            decoder.read_to_string(&mut unpacked).unwrap();
            assert!(decoder.into_inner().is_empty(), "something follows the member");
            assert_eq!(unpacked, selected.render(gather(), format));
        }
    }
}

#[test]
fn whoever_wants_no_more_is_handed_no_more() {
    let (states, exposed) = ([Arc::new(source())], Arc::new(Exposed::default()));
    let filter = Filter::default();
    let selected = filter.select(&states, &exposed).unwrap();
    let mut pieces = 0;
    let flow = selected.observed(Format::Text, &mut |_| {
        pieces += 1;
        std::ops::ControlFlow::Break(())
    });
    assert!(flow.is_break());
    assert_eq!(pieces, 1);
}

fn table(states: &[Arc<SourceState>], filter: &Filter) -> Result<String, Missing> {
    let limited = Exposed::default().without(|_| true).with_series_limit("dropsuite-us", 1);
    seats_csv(states, &limited, filter).map(|table| String::from_utf8(table).unwrap())
}

#[test]
fn the_table_of_seats_is_as_it_was() {
    let named = |name: &str| {
        let tenant = Tenant { name: Some(name.to_owned()), id: "-1".into(), ..Tenant::default() };
        let seats = Compact::from_iter([(SeatType::User, SeatsOfType::default())]);
        let report = SeatReport { by_type: Some(seats), ..SeatReport::default() };
        let identity = SourceIdentity { provider: Provider::Datto, name: "datto".into() };
        let tenant = Tenant { parts: &[Part::Seats], ..tenant };
        SourceState::new(identity, source().policy)
            .advance(Event::Listed(Ok(Listing { tenants: vec![Arc::new(tenant)], ..Listing::default() })), NOW)
            .advance(Event::Collected { tenant: "-1".into(), parts: vec![PartResult::Seats(Ok(report))] }, NOW)
    };
    let states = [Arc::new(source()), Arc::new(named("=1+1"))];
    let table = table(&states, &Filter::default()).unwrap();
    assert_golden("src/exposition/golden/seats.csv", &table.replace("\r\n", "\n"));
    let titles: Vec<_> = table.lines().next().unwrap().split(',').collect();
    let distinct: std::collections::BTreeSet<_> = titles.iter().collect();
    assert_eq!(titles.len(), distinct.len(), "each column has a title of its own: {titles:?}");
}

#[test]
fn a_table_without_the_tenants_of_a_source_is_an_error() {
    let unknown = SourceState::new(SourceIdentity { name: "new".into(), ..source().identity }, source().policy);
    let states = [Arc::new(source()), Arc::new(unknown)];
    let sources = |name: &str| Filter { sources: Some([name.to_owned()].into()), ..Filter::default() };
    let missing = Missing::Listing { source_name: "new".to_owned() };
    assert_eq!(table(&states, &Filter::default()), Err(missing.clone()));
    assert_eq!(table(&states, &sources("new")), Err(missing));
    assert_eq!(table(&states, &sources("dropsuite-us")).unwrap().lines().count(), 2);
}

#[test]
fn a_coverage_objective_is_shown_as_configured_and_an_exception_as_in_the_list() {
    use crate::domain::expected::{Accepted, Expectation, Key, List, Place};
    let with = |tenant: Option<f64>| {
        let tenants = [("440032-6".to_owned(), tenant.and_then(Ratio::new))].into();
        let coverage = CoverageObjectives { tenants, ..CoverageObjectives::default() };
        let before = source();
        let policy =
            Policy { objectives: Objectives { coverage, ..Objectives::default() }, ..(*before.policy).clone() };
        Arc::new(before.under(Arc::new(policy), &|_| true, NOW))
    };
    const OBJECTIVE: &str = "\nsaasbackup_coverage_objective_ratio{";
    let text = |state: Arc<SourceState>| render(&[state], own(1), Format::Text);
    let shown = text(with(Some(0.95)));
    assert!(shown.lines().any(|line| line.starts_with(&OBJECTIVE[1..]) && line.ends_with("} 0.95")), "{shown}");
    assert!(!text(with(None)).contains(OBJECTIVE), "it is not wanted");

    let accepted = Some(Accepted { unprotected: 3, until: Timestamp::from_millis(1_798_761_600_000) });
    let (place, key) = (Place::Line(2), Key::Id("440032-6".into()));
    let (workloads, labels) = Default::default();
    let one = Expectation { place, key, name: None, workloads, seats: None, accepted, labels, is_own: true };
    let commitments = std::collections::BTreeMap::from([("dropsuite-us".into(), 500)]);
    let sold = List::new([("dropsuite-us".into(), one)]).with_commitments(commitments);
    let exposed = Exposed::default().with_expected(Some(sold));
    let selected = Filter::default().select(&[Arc::new(source())], &Arc::new(exposed)).unwrap();
    let shown = selected.render(own(1), Format::Text);
    for (family, value) in [
        ("saasbackup_committed_seats{", "} 500"),
        ("saasbackup_expected_unprotected_accepted{", "} 3"),
        ("saasbackup_expected_unprotected_accepted_until_timestamp_seconds{", "} 1798761600"),
    ] {
        assert!(shown.lines().any(|line| line.starts_with(family) && line.ends_with(value)), "{family} in {shown}");
    }
}
