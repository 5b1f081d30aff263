//! Compares a whole fleet with the vendor's raw responses, and checks each quirk by name.

use std::collections::{BTreeMap, BTreeSet};

use saasbackup_simulator::dropsuite::fleet::Quirk;

use super::{catalogue, expectation};
use crate::support::exporter::{Exporter, patient};
use crate::support::exposition::{Exposition, Series, differences};
use crate::support::vendor::Vendor;

/// Large enough for every named organization and some generated ones.
const TENANTS: usize = 60;

/// One collection of a large fleet costs seconds, so one test asks all that only looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_says_of_a_fleet_what_the_vendor_says() {
    let vendor = Vendor::start(TENANTS).await;
    let exporter = Exporter::start(&patient(&vendor.server, "")).await;
    let scrape = exporter.collected().await;
    let requests = vendor.server.requests();

    every_organization_is_there(&vendor, &scrape);
    every_number_is_the_vendors(&vendor, &scrape).await;
    catalogue::holds(&scrape);
    oddities_show_what_they_should(&vendor, &scrape);
    names_are_what_people_use(&vendor, &scrape);
    sources_and_observations_are_dated(&scrape);

    assert!(requests.log.iter().all(|request| request.method == "GET"), "only GET may reach a vendor");
    assert!((2..=8).contains(&requests.most_in_flight), "{} in flight of 8", requests.most_in_flight);
    exporter.stop().await;
}

fn every_organization_is_there(vendor: &Vendor, scrape: &Exposition) {
    let expected: BTreeSet<_> =
        vendor.server.organizations().into_iter().map(|organization| organization.login_id).collect();
    assert_eq!(expected.len(), TENANTS);
    let infos = scrape.all("saasbackup_tenant_info", &[]);
    let found: BTreeSet<_> = infos.iter().map(|(series, _)| series.label("tenant_id").to_owned()).collect();
    assert_eq!((found, infos.len()), (expected, TENANTS));
}

async fn every_number_is_the_vendors(vendor: &Vendor, scrape: &Exposition) {
    let mut wrong = Vec::new();
    let mut spoken_of = BTreeSet::new();
    for organization in vendor.server.organizations() {
        let expected = expectation::of(vendor, &organization).await;
        spoken_of.extend(expectation::names(&expected).into_iter().map(str::to_owned));
        wrong.extend(differences(&expected, &without_times(scrape.of_tenant(&organization.login_id))));
    }
    assert!(wrong.is_empty(), "{} series differ:\n{}", wrong.len(), wrong.join("\n"));
    let tenant_families: BTreeSet<_> = scrape
        .series()
        .filter(|(series, _)| series.labels.contains_key("tenant_id"))
        .map(|(series, _)| series.name)
        .filter(|name| name != "saasbackup_observed_timestamp_seconds")
        .collect();
    assert_eq!(spoken_of, tenant_families, "every family of tenants was compared");
}

/// When something was observed is not the vendor's to say.
pub(super) fn without_times(mut series: BTreeMap<Series, f64>) -> BTreeMap<Series, f64> {
    series.retain(|series, _| series.name != "saasbackup_observed_timestamp_seconds");
    series
}

fn oddities_show_what_they_should(vendor: &Vendor, scrape: &Exposition) {
    use Quirk as O;
    for (oddity, workload, state) in [
        (O::Healthy, "mail", "ok"),
        (O::Healthy, "teams", "ok"),
        (O::Healthy, "google_drive", "not_licensed"),
        (O::GoogleWorkspace, "shared_drive", "ok"),
        (O::GoogleWorkspace, "google_drive", "ok"),
        (O::GoogleWorkspace, "onedrive", "not_licensed"),
        (O::LateMailboxes, "mail", "late"),
        (O::LateMailboxes, "onedrive", "ok"),
        (O::FailingText, "onedrive", "failing"),
        (O::FailingText, "sharepoint", "failing"),
        (O::FailingText, "mail", "ok"),
        (O::FailingObject, "mail", "failing"),
        (O::ConnectionFailures, "mail", "failing"),
        (O::NeverBackedUp, "mail", "never"),
        (O::QueuedDomain, "teams", "never"),
        (O::ReconnectDomain, "mail", "late"),
        (O::RecreateDomain, "sharepoint", "late"),
        (O::Suspended, "mail", "ok"),
        (O::Deactivated, "onedrive", "paused"),
        (O::Deactivated, "google_drive", "not_licensed"),
        (O::ForbiddenProducts, "onedrive", "not_licensed"),
        (O::ForbiddenProducts, "mail", "ok"),
        (O::MissingProducts, "sharepoint", "not_licensed"),
        (O::NoToken, "mail", "unknown"),
        (O::EmptyMail, "mail", "unknown"),
        (O::EmptyMail, "calendar", "unknown"),
        (O::EmptyMail, "onedrive", "ok"),
        (O::NoLastBackup, "mail", "unknown"),
        (O::NullFields, "mail", "ok"),
        (O::DeactivatedMailboxes, "mail", "ok"),
        (O::StatusWords, "mail", "failing"),
    ] {
        assert_eq!(scrape.workload_state(&vendor.id(oddity), workload), state, "{oddity:?} {workload}");
    }
    let get = |name, oddity, more: &[(&str, &str)]| {
        let id = vendor.id(oddity);
        scrape.get(name, &[&[("tenant_id", id.as_str())], more].concat())
    };
    let mail = &[("workload", "mail")];
    // Unknown is absent, and never zero.
    assert_eq!(get("saasbackup_newest_backup_timestamp_seconds", O::NeverBackedUp, mail), None);
    assert_eq!(get("saasbackup_protected_until_timestamp_seconds", O::NoLastBackup, mail), None);
    assert_eq!(get("saasbackup_items", O::NullFields, mail), None);
    assert_eq!(get("saasbackup_storage_bytes", O::NullFields, mail), None);
    for oddity in [O::NoToken, O::EmptyMail] {
        assert_eq!(get("saasbackup_collection_success", oddity, &[("part", "mail")]), Some(0.0), "{oddity:?}");
        assert_eq!(get("saasbackup_resources", oddity, &[("workload", "mail"), ("state", "ok")]), None, "{oddity:?}");
        assert!(get("saasbackup_seats_used", oddity, &[]) > Some(0.0), "{oddity:?}");
    }
    // What left is counted as such, and what it holds is still counted.
    let left = [mail[0], ("state", "deactivated")];
    assert_eq!(get("saasbackup_resources", O::DeactivatedMailboxes, &left), Some(9.0));
    assert_eq!(get("saasbackup_resources", O::Deactivated, &left), Some(17.0));
    assert!(get("saasbackup_items", O::Deactivated, mail) > Some(0.0));
    for (oddity, state) in [(O::Suspended, "suspended"), (O::Deactivated, "deactivated"), (O::Healthy, "active")] {
        assert_eq!(scrape.state("saasbackup_tenant_state", &[("tenant_id", &vendor.id(oddity))]), state);
    }
    // Pages end where they end, not where they are full.
    for (oddity, workload, rows) in [
        (O::ExactlyOnePage, "calendar", 25.0),
        (O::ExactlyOnePage, "teams", 25.0),
        (O::OnePageAndOneRow, "calendar", 26.0),
        (O::OnePageAndOneRow, "sharepoint", 26.0),
        (O::ManyMailboxes, "mail", 640.0),
        (O::ManyMailboxes, "tasks", 640.0),
        (O::ManyMailboxes, "onedrive", 576.0),
    ] {
        let labels = [("tenant_id", &*vendor.id(oddity)), ("workload", workload)];
        assert_eq!(scrape.sum("saasbackup_resources", &labels), rows, "{oddity:?} {workload}");
    }
    assert_eq!(get("saasbackup_delegated_users", O::DelegatedUsers, &[]), Some(230.0));
    assert_eq!(get("saasbackup_retention_policies", O::RetentionPolicies, &[]), Some(215.0));
    assert_eq!(get("saasbackup_dropsuite_journals", O::Archiver, &[("journal_type", "journal")]), Some(1.0));
    assert!(get("saasbackup_seats_required", O::OverSeats, &[]) > get("saasbackup_seats_available", O::OverSeats, &[]));
    let surprise = |field, kind| {
        let labels = [("endpoint", "/accounts"), ("field", field), ("kind", kind)];
        scrape.value("saasbackup_schema_drift_total", &labels)
    };
    assert_eq!(surprise("current_backup_status", "unknown_word"), 4.0, "every sixth of 24 mailboxes");
    assert_eq!(surprise("msg_count", "missing"), 7.0, "every third of 20 mailboxes");
    assert_eq!(surprise("last_backup", "missing"), 1.0);
}

fn names_are_what_people_use(vendor: &Vendor, scrape: &Exposition) {
    let name = |id: &str| scrape.all("saasbackup_tenant_info", &[("tenant_id", id)])[0].0.label("tenant").to_owned();
    for (oddity, expected) in [
        (Quirk::QuotedName, "quo\"ted \\ Söhne"),
        (Quirk::MarkupName, "Line Break <script>alert(1)</script>"),
        (Quirk::TaggedName, "Blue Fin Seafood"),
    ] {
        assert_eq!(name(&vendor.id(oddity)), expected);
    }
    assert_eq!(name(&vendor.id(Quirk::NoName)), vendor.organization(Quirk::NoName).domain);
    let twins = vendor.organizations(Quirk::TwinName);
    assert_eq!((twins.len(), name(&twins[0].login_id)), (2, name(&twins[1].login_id)));
    assert_ne!(twins[0].login_id, twins[1].login_id);
    let several = vendor.organization(Quirk::SeveralLogins);
    let number = several.organization_id.to_string();
    let tenants = scrape.all("saasbackup_tenant_info", &[("organization_id", &number)]);
    assert_eq!(tenants.len(), 1, "three logins are one tenant");
    assert_eq!(tenants[0].0.label("tenant_id"), several.login_id, "the administrator's login stands for it");
    let keyless = vendor.organization(Quirk::EmptyTokenLogin);
    assert_eq!(scrape.workload_state(&keyless.login_id, "mail"), "ok", "the login with a token was asked");
}

fn sources_and_observations_are_dated(scrape: &Exposition) {
    for (name, expected) in [
        ("saasbackup_up", 1.0),
        ("saasbackup_listing_complete", 1.0),
        ("saasbackup_tenants_removed_total", 0.0),
        ("saasbackup_exporter_expired_total", 0.0),
    ] {
        assert_eq!(scrape.value(name, &[]), expected, "{name}");
    }
    for (state, expected) in [("pending", 0.0), ("collected", 58.0), ("failing", 2.0), ("excluded", 0.0)] {
        assert_eq!(scrape.value("saasbackup_exporter_tenants", &[("state", state)]), expected, "{state}");
    }
    let started = scrape.value("process_start_time_seconds", &[]);
    let present = saasbackup_exporter::process::clock::now().as_seconds();
    let observed = scrape.all("saasbackup_observed_timestamp_seconds", &[]);
    for (series, at) in &observed {
        assert!((started..=present).contains(at), "{series} {at}");
    }
    // A part has a time exactly if its first attempt worked.
    let parts = |all: Vec<(Series, f64)>| -> BTreeSet<_> {
        all.into_iter()
            .map(|(series, _)| (series.label("tenant_id").to_owned(), series.label("part").to_owned()))
            .collect()
    };
    let mut worked = scrape.all("saasbackup_collection_success", &[]);
    worked.retain(|(_, value)| *value == 1.0);
    assert_eq!(parts(observed), parts(worked));
}
