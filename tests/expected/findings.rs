//! Finds each of the four discrepancies at a tenant of the mock vendor, and none once the file matches.

use saasbackup_exporter::exposition::FAMILIES;
use saasbackup_exporter::instrumentation::OWN_FAMILIES;
use saasbackup_simulator::dropsuite::fleet::Quirk;

use super::*;
use crate::support::exporter::Exporter;
use crate::support::exporter::parse;
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

/// All tenants of the vendor as they are, but for these lines.
fn fitting(vendor: &Vendor, but: &[(&str, String)]) -> String {
    let all = vendor.server.organizations().into_iter();
    let lines = all.map(|organization| match but.iter().find(|(id, _)| *id == organization.login_id) {
        Some((_, line)) => line.clone(),
        None => line(&organization.login_id, "", "", &organization.seats_used.to_string()),
    });
    lines.collect()
}

async fn collected(exporter: &Exporter) -> Exposition {
    exporter
        .until("all tenants were collected once", |scrape| {
            let pending = scrape.get("saasbackup_exporter_tenants", &[("state", "pending")]);
            pending == Some(0.0) && scrape.sum(TENANTS, &[("state", "unknown")]) == 0.0
        })
        .await
}

fn at(scrape: &Exposition, state: &str) -> f64 {
    scrape.value(TENANTS, &[("source", SOURCE), ("state", state)])
}

/// Ids of tenants with this value.
fn ids(scrape: &Exposition, name: &str, value: f64) -> Vec<String> {
    let all = scrape.all(name, &[]).into_iter().filter(|(_, found)| *found == value);
    all.map(|(series, _)| series.label("tenant_id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commitment_is_of_its_source_and_follows_the_file() {
    let vendor = Vendor::start(3).await;
    let sold = Sold::new("");
    let write = |lines: &str| {
        std::fs::write(sold.path(), format!("source,tenant_id,committed_seats\n{SOURCE},9-9,\n{lines}")).unwrap();
    };
    write("");
    let exporter = Exporter::start(&parse(&sold.config_file(&vendor.server, ""))).await;
    let before = collected(&exporter).await;
    assert!(before.all("saasbackup_committed_seats", &[]).is_empty(), "no number is not zero");
    write(&format!("{SOURCE},,120\n{SOURCE},,30\n"));
    let after =
        exporter.until("the file was read", |scrape| !scrape.all("saasbackup_committed_seats", &[]).is_empty()).await;
    assert_eq!(after.value("saasbackup_committed_seats", &[("source", SOURCE)]), 150.0);
    assert_eq!(at(&after, "missing"), at(&before, "missing"), "it is no tenant");
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_finding_appears_and_vanishes_when_the_file_is_corrected() {
    let vendor = Vendor::start(24).await;
    let (unlicensed, suspended) = (vendor.organization(Quirk::ForbiddenProducts), vendor.id(Quirk::Suspended));
    let deactivated = vendor.id(Quirk::Deactivated);
    let (crowded, unsold) = (vendor.organization(Quirk::OverSeats), vendor.id(Quirk::LateMailboxes));
    let few = (crowded.seats_used - 1).to_string();
    let lines = fitting(
        &vendor,
        &[
            (&unlicensed.login_id, line(&unlicensed.login_id, "", "mail onedrive", "")),
            (&suspended, line(&suspended, "", "mail", "")),
            (&deactivated, line(&deactivated, "", "mail", "")),
            (&crowded.login_id, line(&crowded.login_id, "", "mail", &few)),
            (&unsold, String::new()),
        ],
    );
    let sold = Sold::new(&(lines + &line("9-9", "\"quo\"\"ted \\ Söhne, Ltd.\"", "mail", "3")));
    let exporter = Exporter::start(&parse(&sold.config_file(&vendor.server, ""))).await;
    let scrape = collected(&exporter).await;

    assert_eq!((at(&scrape, "present"), at(&scrape, "missing")), (23.0, 1.0));
    let missing =
        [("provider", "dropsuite"), ("source", SOURCE), ("tenant_id", "9-9"), ("tenant", "quo\"ted \\ Söhne, Ltd.")];
    assert_eq!(scrape.value(PRESENT, &missing), 0.0);
    assert_eq!(ids(&scrape, PRESENT, 0.0), ["9-9"]);
    assert!(scrape.all(EXPECTED, &[("tenant_id", "9-9")]).is_empty(), "nothing is said of a tenant that is not there");

    assert_eq!(ids(&scrape, EXPECTED, 0.0), [unsold.as_str()]);
    assert_eq!(scrape.all(EXPECTED, &[]).len(), 24);
    assert!(scrape.all(PRESENT, &[("tenant_id", &unsold)]).is_empty());

    let verdict =
        |tenant_id: &str, workload: &str| scrape.get(PROTECTED, &[("tenant_id", tenant_id), ("workload", workload)]);
    assert_eq!(verdict(&unlicensed.login_id, "mail"), Some(1.0));
    assert_eq!(verdict(&unlicensed.login_id, "onedrive"), Some(0.0));
    assert_eq!(verdict(&suspended, "mail"), Some(1.0), "its logins are disabled, and its backups go on");
    assert_eq!(verdict(&deactivated, "mail"), Some(0.0));
    assert_eq!(scrape.all(PROTECTED, &[]).len(), 5, "the other lines name no workload");
    assert_eq!(scrape.value("saasbackup_expected_workloads", &[("tenant_id", &unlicensed.login_id)]), 2.0);

    let seats = [("tenant_id", crowded.login_id.as_str())];
    let labels = |name: &str| scrape.all(name, &seats)[0].0.labels.clone();
    assert_eq!(scrape.value("saasbackup_expected_seats", &seats) + 1.0, scrape.value("saasbackup_seats_used", &seats));
    assert_eq!(labels("saasbackup_expected_seats"), labels("saasbackup_seats_used"), "the two can be subtracted");

    let families = FAMILIES.iter().map(|family| (family.descriptor.name, family.labels()));
    let own = OWN_FAMILIES.iter().map(|(descriptor, labels)| (descriptor.name, labels.to_vec()));
    // This file has no exceptions; the test of labels has some.
    let is_compared = |name: &str| name.contains("_expected") && !name.contains("_accepted");
    for (name, mut labels) in families.chain(own).filter(|(name, _)| is_compared(name)) {
        labels.sort_unstable();
        let all = scrape.all(name, &[]);
        assert!(!all.is_empty(), "{name}");
        assert!(all.iter().all(|(series, _)| series.labels.keys().eq(&labels)), "{name}: {labels:?}");
        assert_eq!(scrape.kinds[name], "gauge", "{name}");
    }

    sold.replace(&fitting(&vendor, &[]));
    let after = exporter.until("the corrected file was read", |scrape| scrape.get(PRESENT, &missing).is_none()).await;
    assert_eq!((at(&after, "present"), at(&after, "missing")), (24.0, 0.0));
    assert!(ids(&after, PRESENT, 0.0).is_empty() && ids(&after, EXPECTED, 0.0).is_empty());
    assert!(after.all(PROTECTED, &[]).is_empty());
    for (series, expected) in after.all("saasbackup_expected_seats", &[]) {
        let used = after.value("saasbackup_seats_used", &[("tenant_id", series.label("tenant_id"))]);
        assert_eq!(used, expected, "{series}");
    }
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_file_nothing_is_compared() {
    let vendor = Vendor::start(3).await;
    let little = "    interval: 1h\n    parts: [seats]\n    workloads: [mail]\n";
    let exporter = Exporter::start(&parse(&config_file(&vendor.server, little))).await;
    let scrape = exporter.until("the tenants are listed", |scrape| scrape.get("saasbackup_up", &[]) == Some(1.0)).await;
    let found: Vec<_> = scrape.kinds.keys().filter(|name| name.contains("expected")).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_series_limit_holds_for_expected_tenants_too() {
    let vendor = Vendor::start(6).await;
    let sold = Sold::new(&(fitting(&vendor, &[]) + &line("9-9", "", "mail", "")));
    for (limit, named) in [(6, 0), (7, 7)] {
        let config = parse(&sold.config_file(&vendor.server, &format!("    series_limit: {limit}\n")));
        let exporter = Exporter::start(&config).await;
        let scrape = collected(&exporter).await;
        let of_tenants = scrape.series().filter(|(series, _)| series.labels.contains_key("tenant_id"));
        assert_eq!(of_tenants.count(), named, "series_limit {limit}");
        assert_eq!((at(&scrape, "present"), at(&scrape, "missing")), (6.0, 1.0), "they are counted even so");
        exporter.stop().await;
    }
}
