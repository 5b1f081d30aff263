//! Checks that exactly the alerts of the demo fleet's quirks fire.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use saasbackup_exporter::commands::demo::Demo;
use saasbackup_simulator::datto::Shape;
use saasbackup_simulator::datto::fleet::{Quirk as Datto, SeatState};
use saasbackup_simulator::dropsuite::fleet::Quirk as Dropsuite;

use super::files::names;
use super::prometheus::{LATELY, Prometheus, Windows};
use crate::support::exporter::Exporter;
use crate::support::generation::{Generation, with_both};
use crate::support::wait::eventually;

/// All the named customers of both fleets are among so many.
const TENANTS: usize = 100;
const SEED: u64 = 7;

/// Names of alerts, without what they all begin with.
type Names = BTreeSet<String>;

/// The alerts of an organization of Dropsuite, and of what was sold to it.
fn of_dropsuite(oddity: Dropsuite) -> &'static [&'static str] {
    match oddity {
        Dropsuite::LateMailboxes => &["ResourcesLate", "ProtectionGap", "RestoreTestOverdue"],
        Dropsuite::FailingText => &["ResourcesFailing", "RestoreTestFailed"],
        Dropsuite::FailingObject | Dropsuite::StatusWords => &["ResourcesFailing"],
        Dropsuite::ConnectionFailures => &["ResourcesFailing", "TenantUnexpected"],
        Dropsuite::NeverBackedUp | Dropsuite::QueuedDomain => &["NeverBackedUp"],
        Dropsuite::Suspended => &["TenantPaused"],
        Dropsuite::Deactivated => &["TenantPaused", "ExpectedWorkloadUnprotected"],
        Dropsuite::OverSeats => &["SeatsExceeded", "SeatsShort", "SeatsUnsold"],
        Dropsuite::NoToken | Dropsuite::EmptyMail => &["CollectionFailing", "StateUnknown"],
        Dropsuite::ReconnectDomain => &["DomainReconnectRequired", "TenantStopped", "WorkloadStale", "ResourcesLate"],
        Dropsuite::RecreateDomain => {
            &["DomainReconnectRequired", "TenantStopped", "WorkloadStale", "ResourcesLate", "ProtectionGap"]
        }
        Dropsuite::NoLastBackup => &["StateUnknown"],
        Dropsuite::StoppedDrives => &["WorkloadStopped"],
        Dropsuite::ShortOfSeats => &["SeatsShort"],
        Dropsuite::UnusedSeats => &["SeatsUnused"],
        healthy => {
            assert!(healthy.is_healthy(), "{healthy:?} should raise something");
            &[]
        }
    }
}

/// The alerts of a customer of Datto.
fn of_datto(oddity: Datto) -> &'static [&'static str] {
    match oddity {
        Datto::BehindToday => &["ResourcesLate"],
        Datto::NotProtectedForDays => &["ResourcesLate", "ProtectionGap"],
        Datto::Uningested => &["ServicesUningested"],
        Datto::NewCustomer => &["NeverBackedUp"],
        Datto::EmptyHistory | Datto::MissingHistory => &["StateUnknown"],
        Datto::EmptySuites | Datto::EmptyAppTypes | Datto::OutOfScope => &["CollectionFailing", "StateUnknown"],
        Datto::ManyUnprotected => &["CoverageLow", "UnprotectedExceptionExpired"],
        Datto::ManyPaused => &["SeatsPaused"],
        // The second is inhibited by the first.
        Datto::AccessLost => &["TenantStopped", "WorkloadStopped"],
        // An unknown word is reported for the source.
        Datto::UnknownStatus => &[],
        healthy => {
            assert!(healthy.is_healthy(), "{healthy:?} should raise something");
            &[]
        }
    }
}

/// What no customer of the demo can raise, with the reason.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["TenantDisappeared", "ItemsDropped", "StorageDropped", "SeatsJumped"], "compares with a day ago"),
    (&["SeatsDropped", "UnprotectedRose"], "compares with a week ago, see the last test"),
    (
        &[
            "ExporterDown",
            "ExporterAbsent",
            "ExporterRestarting",
            "ConfigReloadFailed",
            "ExpectedReloadFailed",
            "RestoreTestsReloadFailed",
            "RulesMissing",
        ],
        "it runs well",
    ),
    (
        &["SourceUnreachable", "CredentialRefused", "CredentialUnproven", "MetricsMissing", "ListingIncomplete"],
        "both vendors answer",
    ),
    (&["ApiErrorsHigh", "Throttled", "DataStale"], "both vendors answer"),
    (&["TenantsDropped"], "there is no limit of series"),
    (&["ShardMismatch"], "one exporter collects them all"),
    (&["ManyTenantsStale"], "few are stale"),
];

fn set(names: &[&str]) -> Names {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The alerts that should fire, by customer's id or source.
fn expected(demo: &Demo) -> BTreeMap<String, Names> {
    let organizations = demo.dropsuite().organizations().into_iter();
    let customers = demo.datto().customers().into_iter();
    let of_source = |source: &str, names: &[&str]| (source.to_owned(), set(names));
    let sources = [
        of_source("dropsuite-demo", &["SchemaDrift", "ExpectedTenantsAmbiguous"]),
        of_source("datto-demo", &["SchemaDrift"]),
        // It pays, and was never set up.
        of_source("440999-6", &["ExpectedTenantMissing"]),
    ];
    organizations
        .map(|organization| (organization.login_id, set(of_dropsuite(organization.quirk))))
        .chain(customers.map(|customer| (customer.id.to_string(), set(of_datto(customer.quirk)))))
        .chain(sources)
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

async fn firing(prometheus: &Prometheus) -> BTreeMap<String, Names> {
    let mut firing: BTreeMap<String, Names> = BTreeMap::new();
    for labels in prometheus.firing().await {
        let label = |name: &str| labels[name].as_str().map(str::to_owned);
        let whom = label("tenant_id").or_else(|| label("source")).unwrap_or_default();
        let name = label("alertname").unwrap();
        firing.entry(whom).or_default().insert(name.strip_prefix("SaasBackup").unwrap().to_owned());
    }
    firing
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn each_oddity_of_the_demo_raises_its_alerts_and_the_healthy_raise_none() {
    let demo = Demo::start(TENANTS, SEED, Shape::Live).await.unwrap();
    let exporter = Exporter::start(&demo.config().unwrap()).await;
    exporter
        .until("every tenant was collected", |scrape| {
            let pending = scrape.all("saasbackup_exporter_tenants", &[("state", "pending")]);
            let known = scrape.sum("saasbackup_exporter_tenants", &[]);
            known == TENANTS as f64 && pending.iter().all(|(_, value)| *value == 0.0)
        })
        .await;
    let expected = expected(&demo);
    with_both(async |generation| {
        let prometheus = Prometheus::start(exporter.address(), None, Windows::AsShipped, generation).await;
        let mut seen: Vec<Vec<String>> = Vec::new();
        // What is right once could be on its way to something else: it has to stay so over several evaluations.
        eventually(async || {
            let found = firing(&prometheus).await;
            let evaluated = prometheus.evaluated().await;
            if found != expected {
                seen.clear();
                return Err(differences(&expected, &found));
            }
            if seen.last() != Some(&evaluated) {
                seen.push(evaluated);
            }
            if seen.len() > 10 { Ok(()) } else { Err("it has not stayed so".to_owned()) }
        })
        .await;
    })
    .await;
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn a_customer_that_loses_seats_raises_its_alerts_and_nobody_else_any() {
    let demo = Demo::start(8, SEED, Shape::Live).await.unwrap();
    let mut config = demo.config().unwrap();
    for source in &mut config.sources {
        source.collection.interval = Duration::from_secs(1);
        source.collection.part_intervals.clear();
    }
    let exporter = Exporter::start(&config).await;
    let prometheus = Prometheus::start(exporter.address(), None, Windows::Lately, Generation::Oldest).await;
    // What all of them had by then can be compared with.
    let known =
        format!("count(last_over_time(saasbackup_accounts{{provider=\"datto\",state=\"unprotected\"}}{LATELY})) == 4");
    eventually(async || match prometheus.query(&known).await.is_empty() {
        true => Err("there is no past yet".to_owned()),
        false => Ok(()),
    })
    .await;
    let mut expected = firing(&prometheus).await;
    let customers = demo.datto().customers();
    let active = demo.datto().seats_in(SeatState::Active);
    // People come first: one of the first customer is new, and a quarter of the third one's lose their seats.
    for (customer, people, names) in
        [(&customers[0], 1, &["UnprotectedRose"][..]), (&customers[2], 6, &["UnprotectedRose", "SeatsDropped"])]
    {
        let seats = active.iter().filter(|seat| seat.customer == customer.id).take(people);
        seats.for_each(|seat| demo.datto().set_seat(*seat, SeatState::Unprotected));
        expected.entry(customer.id.to_string()).or_default().extend(set(names));
    }
    eventually(async || {
        let found = firing(&prometheus).await;
        if found == expected { Ok(()) } else { Err(differences(&expected, &found)) }
    })
    .await;
    exporter.stop().await;
}

fn differences(expected: &BTreeMap<String, Names>, found: &BTreeMap<String, Names>) -> String {
    let all: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let lines = all.into_iter().filter(|whom| expected.get(*whom) != found.get(*whom));
    let lines = lines.map(|whom| format!("{whom}: expected {:?}, found {:?}", expected.get(whom), found.get(whom)));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_the_demo_does_not_raise_has_a_reason() {
    let demo = Demo::start(TENANTS, SEED, Shape::Live).await.unwrap();
    let raised: Names = expected(&demo).into_values().flatten().collect();
    let elsewhere: Names = ELSEWHERE.iter().flat_map(|(names, _)| set(names)).collect();
    assert!(raised.is_disjoint(&elsewhere), "{raised:?}");
    let all: Names = names().iter().map(|name| name.strip_prefix("SaasBackup").unwrap().to_owned()).collect();
    let told: Names = raised.union(&elsewhere).cloned().collect();
    assert_eq!(told, all);
}
