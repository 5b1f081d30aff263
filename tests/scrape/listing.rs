//! Removes tenants, excludes tenants, and sets their objectives.

use std::time::Duration;

use saasbackup_exporter::app::App;
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::faults::{Fault, Injection};
use tokio_util::sync::CancellationToken;

use crate::support::exporter::{Exporter, config_file, eager, parse, patient};
use crate::support::vendor::Vendor;
use crate::support::wait::DEADLINE;

#[tokio::test]
async fn a_removed_tenant_leaves_no_series_after_the_next_complete_listing() {
    let vendor = Vendor::start(3).await;
    let leaving = vendor.server.organizations().swap_remove(1);
    let exporter = Exporter::start(&eager(&vendor.server, "", Duration::from_millis(500))).await;
    let before = exporter.collected().await;
    assert!(!before.of_tenant(&leaving.login_id).is_empty());

    assert_eq!(vendor.server.remove_organization(&leaving.login_id), 1);
    let removed =
        |after: &crate::support::exposition::Exposition| after.value("saasbackup_tenants_removed_total", &[]) == 1.0;
    let after = exporter.until("the removal is counted", removed).await;
    assert_eq!(after.of_tenant(&leaving.login_id).len(), 0);
    assert!(!after.text.contains(&leaving.domain), "nothing of it is left");
    for staying in vendor.server.organizations() {
        let series = |scrape: &crate::support::exposition::Exposition| -> Vec<_> {
            scrape.of_tenant(&staying.login_id).into_keys().collect()
        };
        assert_eq!(series(&after), series(&before), "{}", staying.name);
    }
    exporter.stop().await;
}

#[tokio::test]
async fn only_selected_tenants_are_shown_and_asked_for() {
    let vendor = Vendor::start(6).await;
    let [harbor, alpine, bright] = [0, 1, 2].map(|index| vendor.server.organizations()[index].clone());
    let more = format!(
        "    tenants: {{ include: [\"^Harbor\", \"{}\", \"Bright\"], exclude: [\"Academy$\"] }}\n",
        alpine.login_id
    );
    let exporter = Exporter::start(&patient(&vendor.server, &more)).await;
    let scrape = exporter.collected().await;
    let shown = scrape.all("saasbackup_tenant_info", &[]);
    let shown: Vec<_> = shown.iter().map(|(series, _)| series.label("tenant_id")).collect();
    assert_eq!(shown, [harbor.login_id.as_str(), alpine.login_id.as_str()]);
    assert_eq!(scrape.value("saasbackup_exporter_tenants", &[("state", "excluded")]), 4.0);
    assert_eq!(scrape.value("saasbackup_exporter_tenants", &[("state", "collected")]), 2.0);
    assert_eq!(scrape.value("saasbackup_tenants_removed_total", &[]), 0.0);
    let asked = |id: &str| vendor.server.requests().log.iter().any(|request| request.path.contains(id));
    assert!(asked(&harbor.login_id) && !asked(&bright.login_id));
    exporter.stop().await;
}

#[tokio::test]
async fn objectives_decide_what_is_late() {
    let vendor = Vendor::start(8).await;
    let late = vendor.organization(Quirk::LateMailboxes);
    let healthy = vendor.organization(Quirk::Healthy);
    let more = format!("    tenants: {{ include: [\"{}\", \"{}\"] }}\n", late.login_id, healthy.login_id);
    let objectives = format!(
        "tenants: {{ \"{}\": {{ default: 7d }}, \"{}\": {{ workloads: {{ calendar: 1m }} }} }}",
        late.login_id, healthy.name
    );
    let text = config_file(&vendor.server, &more).replacen(
        "workloads: { mail: 12h }",
        &format!("workloads: {{ mail: 12h }}, {objectives}"),
        1,
    );
    let exporter = Exporter::start(&parse(&text)).await;
    let scrape = exporter.collected().await;
    for (organization, workload, hours, state) in [
        // Some of its mailboxes are five days old, which it may be.
        (&late, "mail", 168.0, "ok"),
        (&late, "calendar", 168.0, "ok"),
        (&healthy, "mail", 12.0, "ok"),
        (&healthy, "calendar", 1.0 / 60.0, "late"),
        (&healthy, "tasks", 24.0, "ok"),
    ] {
        let labels = [("tenant_id", organization.login_id.as_str()), ("workload", workload)];
        assert_eq!(scrape.value("saasbackup_rpo_seconds", &labels), hours * 3_600.0, "{labels:?}");
        assert_eq!(scrape.workload_state(&organization.login_id, workload), state, "{labels:?}");
    }
    exporter.stop().await;
}

#[tokio::test]
async fn a_single_collection_that_takes_longer_than_an_interval_asks_once() {
    let vendor = Vendor::start(2).await;
    vendor.server.inject(Injection::new(Fault::Delay(Duration::from_millis(500))).on("/accounts"));
    let app = App::new(&eager(&vendor.server, "", Duration::from_millis(100)), ServerOptions::default()).unwrap();
    let collecting = app.collect_once(CancellationToken::new());
    tokio::time::timeout(DEADLINE, collecting).await.expect("it ends").unwrap();
    let asked = |path: &str| vendor.server.requests().log.iter().filter(|one| one.path.starts_with(path)).count();
    assert_eq!(asked("/api/users?"), 1);
    assert_eq!(asked("/api/accounts?"), 2 + 1, "the second tenant has more mailboxes than fit on a page");
}

/// Mailboxes may be backed up without a connected directory, and then it is unknown what else could be.
#[tokio::test]
async fn without_a_connected_domain_coverage_is_unknown() {
    let vendor = Vendor::start(2).await;
    vendor.server.inject(Injection::new(Fault::EmptyList).on("/users/{id}/tenants"));
    let exporter = Exporter::start(&patient(&vendor.server, "")).await;
    let scrape = exporter.collected().await;
    assert_eq!(scrape.sum("saasbackup_collection_success", &[("part", "coverage")]), 2.0);
    assert!(scrape.all("saasbackup_accounts", &[]).is_empty(), "unknown is not zero");
    assert!(scrape.sum("saasbackup_resources", &[("workload", "mail"), ("state", "ok")]) > 0.0);
    exporter.stop().await;
}
