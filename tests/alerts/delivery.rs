//! Tests the whole path of a fault: exporter, Prometheus, Alertmanager and receivers.

use std::collections::BTreeSet;
use std::time::Duration;

use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::faults::{Fault, Injection};

use super::prometheus::{Prometheus, Windows};
use super::receiver::Alertmanager;
use crate::support::exporter::{Exporter, SOURCE, eager};
use crate::support::generation::{Generation, with_both};
use crate::support::vendor::Vendor;
use crate::support::wait::eventually;

/// Enough for one organization with late mailboxes among healthy ones.
const TENANTS: usize = 4;

/// Waits until something holds, and says what it waited for if it never does.
async fn until(expectation: &str, alertmanager: &Alertmanager, holds: impl AsyncFn() -> bool) {
    eventually(
        async || {
            if holds().await { Ok(()) } else { Err(format!("{expectation}; arrived: {:?}", alertmanager.names())) }
        },
    )
    .await;
}

/// Waits until a query of Prometheus gives something.
async fn until_true(prometheus: &Prometheus, expression: &str) {
    eventually(async || match prometheus.query(expression).await.is_empty() {
        true => Err(format!("{expression} is not true")),
        false => Ok(()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus-alertmanager"]
async fn an_outage_of_the_exporter_resolves_nothing_and_a_long_one_fires_its_own_alert() {
    with_both(outage).await;
}

async fn outage(generation: Generation) {
    let alertmanager = Alertmanager::start(generation).await;
    let vendor = Vendor::start(TENANTS).await;
    let late = vendor.id(Quirk::LateMailboxes);
    let config = eager(&vendor.server, "", Duration::from_secs(1));
    let exporter = Exporter::start(&config).await;
    let address = exporter.address();
    exporter.collected().await;
    let prometheus = Prometheus::start(address, Some(&alertmanager.address), Windows::Outage, generation).await;
    until("the service desk gets late mailboxes", &alertmanager, async || {
        alertmanager.received("service-desk", "firing", "SaasBackupResourcesLate").contains(&late)
    })
    .await;
    let before = alertmanager.names();

    // Several scrapes are missed, and the exporter that starts again has no state file. With seconds for minutes, that
    // is an outage of minutes.
    exporter.stop().await;
    until_true(&prometheus, "max_over_time(up[3s]) == 0").await;
    assert!(prometheus.query("saasbackup_up").await.is_empty(), "a failed scrape ends the series");
    let exporter = Exporter::at(address, &config, ServerOptions::default()).await;
    exporter.collected().await;
    until_true(&prometheus, "min_over_time(up[5s]) == 1").await;
    // The rules have no `for` here, so what has not been collected again yet fires as unknown, and resolves.
    let but_unknown = |mut names: BTreeSet<String>| {
        names.remove("SaasBackupStateUnknown");
        names
    };
    assert_eq!(but_unknown(alertmanager.resolved()), BTreeSet::new());

    // It stays away.
    exporter.stop().await;
    until("on-call gets the exporter", &alertmanager, async || {
        !alertmanager.received("on-call", "firing", "SaasBackupExporterDown").is_empty()
    })
    .await;
    let after = but_unknown(alertmanager.names());
    let new: Vec<_> = after.difference(&before).collect();
    assert_eq!(new, ["SaasBackupExporterDown"]);
    assert_eq!(but_unknown(alertmanager.resolved()), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus-alertmanager"]
async fn a_fault_notifies_those_who_can_act_and_its_effects_are_inhibited() {
    with_both(fault).await;
}

async fn fault(generation: Generation) {
    // First of all: an alert that is older than the wait of its group would be sent before what mutes it arrives.
    let alertmanager = Alertmanager::start(generation).await;
    let vendor = Vendor::start(TENANTS).await;
    let late = vendor.id(Quirk::LateMailboxes);
    let healthy = vendor.organization(Quirk::Healthy);
    let exporter = Exporter::start(&eager(&vendor.server, "", Duration::from_secs(1))).await;
    exporter.collected().await;
    let prometheus =
        Prometheus::start(exporter.address(), Some(&alertmanager.address), Windows::Short, generation).await;

    // A customer's late mailboxes: one ticket for the customer, at the worse of two levels.
    until("the service desk hears of late mailboxes", &alertmanager, async || {
        alertmanager.received("service-desk", "firing", "SaasBackupResourcesLate").contains(&late)
    })
    .await;
    let ticket = serde_json::json!({ "provider": "dropsuite", "source": SOURCE, "tenant_id": late });
    assert!(alertmanager.groups("service-desk").contains(&ticket), "{:?}", alertmanager.groups("service-desk"));
    let milder = ("SaasBackupResourcesLate".to_owned(), "info".to_owned());
    until("the lower severity is inhibited", &alertmanager, async || alertmanager.inhibited().await.contains(&milder))
        .await;

    // The vendor refuses the key: one message to whoever is on call.
    vendor.server.inject(Injection::new(Fault::Unauthorized).on("/users"));
    until("whoever is on call hears of the key", &alertmanager, async || {
        !alertmanager.received("on-call", "firing", "SaasBackupCredentialRefused").is_empty()
    })
    .await;
    let effect = ("SaasBackupSourceUnreachable".to_owned(), "critical".to_owned());
    until("the effect is inhibited", &alertmanager, async || alertmanager.inhibited().await.contains(&effect)).await;

    // What befalls a customer meanwhile fires, and is held back.
    vendor.server.inject(Injection::new(Fault::ServerError(500)).on("/accounts").for_organization(&healthy.login_id));
    let symptom = ("SaasBackupCollectionFailing".to_owned(), "warning".to_owned());
    until("the customer's alert is inhibited", &alertmanager, async || {
        alertmanager.inhibited().await.contains(&symptom)
    })
    .await;
    let fires = prometheus.firing().await;
    let fires = fires
        .iter()
        .any(|labels| labels["alertname"] == symptom.0.as_str() && labels["tenant_id"] == healthy.login_id.as_str());
    assert!(fires, "held back, but not silent");
    for name in [&effect.0, &symptom.0] {
        assert!(!alertmanager.names().contains(name), "{name} was sent");
    }

    // And all is well again.
    vendor.server.clear_faults();
    until("the resolution is sent as well", &alertmanager, async || {
        !alertmanager.received("on-call", "resolved", "SaasBackupCredentialRefused").is_empty()
    })
    .await;
    assert!(alertmanager.received("account-managers", "firing", "SaasBackupResourcesLate").is_empty());
    exporter.stop().await;
}
