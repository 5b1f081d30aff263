//! Compares a whole fleet with Datto's raw responses, in every shape, and checks each quirk by name.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use saasbackup_simulator::datto::fleet::Quirk;
use saasbackup_simulator::datto::{ApplicationsShape, BillableSpelling, Options};

use super::bench::{self, Bench, said, source, value};
use super::reckoning;
use super::vendor::{CUSTOMERS, Vendor, options};
use crate::support::exposition::{Exposition, differences};

/// Every way to wrap and to spell what is the same fleet.
fn shapes(options: &Options) -> Vec<Options> {
    let with = |applications, billable| Options { applications, billable, ..options.clone() };
    let paged = |per_page| ApplicationsShape::Paged { per_page: NonZeroUsize::new(per_page).unwrap() };
    vec![
        with(ApplicationsShape::Envelope, BillableSpelling::OneOrEmpty),
        with(ApplicationsShape::ArrayOfEnvelopes, BillableSpelling::OneOrZero),
        with(paged(1), BillableSpelling::Number),
        with(paged(2), BillableSpelling::OneOrEmpty),
        with(paged(100), BillableSpelling::OneOrEmpty),
    ]
}

/// One collection of a fleet costs seconds, so one test asks all that only looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_says_of_a_fleet_what_datto_says_in_every_shape() {
    let mut vendors = Vec::new();
    for options in shapes(&options()) {
        vendors.push(Vendor::serving(options).await);
    }
    let bench = Bench::start(vendors, |_, _| {}).await;
    let scrape = bench.collected().await;
    let vendor = &bench.vendors[0];
    several_domains_are_one_tenant(vendor, &scrape);
    for vendor in &bench.vendors {
        assert!(vendor.server.requests().log.iter().all(|request| request.method == "GET"), "only GET may be sent");
    }

    let expected = reckoning::of(vendor).await;
    let wrong = differences(&expected, &said(&scrape, 0));
    assert!(wrong.is_empty(), "{} series differ from the raw answers:\n{}", wrong.len(), wrong.join("\n"));
    for scenario in 1..bench.vendors.len() {
        let wrong = differences(&expected, &said(&scrape, scenario));
        assert!(wrong.is_empty(), "shape {scenario} changes {} series:\n{}", wrong.len(), wrong.join("\n"));
    }
    let customers = expected.keys().filter(|series| series.name == "saasbackup_tenant_info").count();
    assert_eq!(customers, CUSTOMERS);
    let families: BTreeSet<_> = expected.keys().map(|series| series.name.as_str()).collect();
    // All families of tenants but those that only Dropsuite or only the published description fills.
    assert_eq!(families.len(), 20, "{families:?}");
    oddities_show_what_they_should(vendor, &scrape);
    names_are_what_people_use(vendor, &scrape);
    bench.exporter.stop().await;
}

fn several_domains_are_one_tenant(vendor: &Vendor, scrape: &Exposition) {
    let several = vendor.customer(Quirk::SeveralDomains);
    assert_eq!(several.domains.len(), 3);
    let id = several.id.to_string();
    let labels = [("source", &*source(0)), ("tenant_id", &*id)];
    assert_eq!(scrape.all("saasbackup_tenant_info", &labels).len(), 1);
    for customer in vendor.server.customers() {
        let id = customer.id.to_string();
        let labels = [("source", &*source(0)), ("tenant_id", &*id), ("part", "seats")];
        let has_seats = scrape.value("saasbackup_collection_success", &labels) == 1.0;
        let [applications, seats] = ["applications", "seats"].map(|what| vendor.asked(&id, what));
        // What failed is requested again.
        assert!(applications == 1 && (seats == 1 || !has_seats), "{}: {applications} {seats}", customer.name);
    }
    let listings = vendor.server.requests().log.iter().filter(|request| request.path == "/v1/saas/domains").count();
    assert_eq!(listings, 1);
}

fn oddities_show_what_they_should(vendor: &Vendor, scrape: &Exposition) {
    use Quirk as O;
    for (oddity, workload, state) in [
        (O::Healthy, "mail", "ok"),
        (O::Healthy, "teams", "ok"),
        (O::BehindToday, "mail", "late"),
        (O::BehindToday, "onedrive", "ok"),
        (O::NotProtectedForDays, "onedrive", "late"),
        (O::NumericText, "mail", "ok"),
        (O::NewCustomer, "mail", "never"),
        (O::EmptyHistory, "mail", "unknown"),
        (O::EmptyHistory, "onedrive", "ok"),
        (O::MissingHistory, "mail", "unknown"),
        (O::EmptySuites, "mail", "unknown"),
        (O::EmptySuites, "teams", "unknown"),
        (O::EmptyAppTypes, "sharepoint", "unknown"),
        (O::UnknownApp, "office365_planner", "ok"),
        (O::UnknownApp, "mail", "ok"),
        (O::UnknownSuite, "entra_id_users", "ok"),
        (O::UnknownStatus, "mail", "ok"),
        (O::GoogleWorkspace, "mail", "ok"),
        (O::GoogleWorkspace, "shared_drive", "ok"),
        (O::GoogleWorkspace, "google_drive", "ok"),
        (O::OutOfScope, "mail", "unknown"),
        (O::ManySeats, "mail", "ok"),
    ] {
        assert_eq!(bench::state(scrape, 0, &vendor.id(oddity), workload), state, "{oddity:?} {workload}");
    }
    let get = |oddity, name, more: &[(&str, &str)]| {
        let id = vendor.id(oddity);
        value(scrape, 0, name, &[&[("tenant_id", id.as_str())], more].concat())
    };
    let (mail, onedrive) = (("workload", "mail"), ("workload", "onedrive"));
    // Unknown is absent, and never zero.
    for oddity in [O::EmptyHistory, O::MissingHistory, O::EmptySuites, O::OutOfScope] {
        assert_eq!(get(oddity, "saasbackup_resources", &[mail, ("state", "ok")]), None, "{oddity:?}");
        assert!(get(oddity, "saasbackup_seats_used", &[]) > Some(0.0), "{oddity:?}");
    }
    assert_eq!(get(O::EmptySuites, "saasbackup_datto_customer_storage_bytes", &[]), None);
    assert_eq!(get(O::NewCustomer, "saasbackup_protected_until_timestamp_seconds", &[mail]), None);
    assert_eq!(get(O::NewCustomer, "saasbackup_storage_bytes", &[mail]), Some(0.0), "the vendor says nothing is held");
    // A bucket's name is no time.
    let gap = |app| get(O::NotProtectedForDays, "saasbackup_datto_protection_gap_seconds", &[app]);
    let until = |app| get(O::NotProtectedForDays, "saasbackup_protected_until_timestamp_seconds", &[app]);
    assert_eq!((gap(onedrive), until(onedrive)), (Some(864_000.0), None));
    assert!(gap(mail).is_none() && until(mail).is_some());
    assert!(get(O::NumericText, "saasbackup_protected_until_timestamp_seconds", &[mail]).is_some());
    assert_eq!(get(O::Uningested, "saasbackup_datto_uningested_services", &[mail]), Some(4.0));
    assert_eq!(get(O::UnknownStatus, "saasbackup_datto_backup_status", &[mail, ("status", "other")]), Some(1.0));
    assert_eq!(get(O::NoBackupStats, "saasbackup_datto_active_services", &[]), None);
    assert!(get(O::ManySeats, "saasbackup_seats_used", &[]) > Some(100.0));
    assert_eq!(get(O::ManySeats, "saasbackup_seats_billable", &[]), None, "its seats cannot be listed");
    assert_eq!(get(O::OutOfScope, "saasbackup_collection_success", &[("part", "listing")]), Some(1.0));
    assert!(
        get(O::Healthy, "saasbackup_datto_customer_storage_bytes", &[])
            > get(O::Healthy, "saasbackup_storage_bytes", &[mail])
    );
    for (oddity, organization) in [(O::NoOrganization, true), (O::Healthy, false)] {
        let labels = [("source", &*source(0)), ("tenant_id", &*vendor.id(oddity))];
        let infos = scrape.all("saasbackup_tenant_info", &labels);
        assert_eq!(infos[0].0.label("organization_id").is_empty(), organization, "{oddity:?}");
    }
    let surprise = |endpoint, field| {
        let labels = [("endpoint", endpoint), ("field", field), ("kind", "unknown_word")];
        value(scrape, 0, "saasbackup_schema_drift_total", &labels)
    };
    let applications = "/v1/saas/{saasCustomerId}/applications";
    assert_eq!(surprise(applications, "status"), Some(1.0));
    assert_eq!(surprise(applications, "appType"), Some(2.0));
}

fn names_are_what_people_use(vendor: &Vendor, scrape: &Exposition) {
    let name = |id: &str| {
        let labels = [("source", &*source(0)), ("tenant_id", id)];
        scrape.all("saasbackup_tenant_info", &labels)[0].0.label("tenant").to_owned()
    };
    for (oddity, expected) in
        [(Quirk::QuotedName, "Zoë's \"Best\" \\ Pâtisserie"), (Quirk::MarkupName, "Tab and Newline <img src=x>")]
    {
        assert_eq!(name(&vendor.id(oddity)), expected);
    }
    let customers = vendor.server.customers();
    let twins: Vec<_> = customers.iter().filter(|customer| customer.quirk == Quirk::TwinName).collect();
    assert_eq!(twins.len(), 2);
    assert_eq!(name(&twins[0].id.to_string()), name(&twins[1].id.to_string()), "their ids distinguish them");
}
