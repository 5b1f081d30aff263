//! Counts requests: none for what the listing contains, few for rejected products, and pages as large as possible.

use std::time::Duration;

use crate::support::exporter::{Exporter, eager};
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::{Fleet, Quirk};
use saasbackup_simulator::dropsuite::{Options, OrganizationSummary, PerPage, Shapes};

/// So many requests for mail show that so many rounds have passed.
const ROUNDS: usize = 4;

async fn serving(shapes: Shapes, fleet: Fleet) -> Vendor {
    let clock = Clock::fixed(clock::now().as_millis());
    Vendor::serving(Options { shapes, ..Options::new(fleet, clock) }).await
}

/// Paths with their queries, as they were asked for.
fn asked(vendor: &Vendor, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let log = vendor.server.requests().log;
    log.into_iter().map(|request| request.path).filter(|path| is_meant(path)).collect()
}

/// Collects until every tenant was asked for mail several times.
async fn rounds(vendor: &Vendor, more: &str, tenants: usize) -> Exposition {
    let exporter = Exporter::start(&eager(&vendor.server, more, Duration::from_secs(1))).await;
    let is_mail = |path: &str| path.starts_with("/api/accounts?") && !path.contains("&page=");
    let enough = |_: &Exposition| asked(vendor, is_mail).len() >= ROUNDS * tenants;
    exporter.until("mail was asked for in several rounds", enough).await;
    let scrape = exporter.collected().await;
    exporter.stop().await;
    scrape
}

/// Whether a path is `/users/{id}` itself.
fn is_one_login(path: &str) -> bool {
    path.strip_prefix("/api/users/").is_some_and(|rest| rest.ends_with("-6"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn licence_counters_are_asked_for_where_the_listing_lacks_them_and_shown_in_either_case() {
    let mut shown = Vec::new();
    for counters_in_users in [true, false] {
        let vendor = serving(Shapes { counters_in_users, ..Shapes::default() }, Fleet::demo(3, 7)).await;
        let scrape = rounds(&vendor, "", 3).await;
        let logins = asked(&vendor, is_one_login).len();
        assert_eq!(logins == 0, counters_in_users, "{logins} requests");
        let seats = [("part", "seats")];
        assert_eq!(scrape.all("saasbackup_observed_timestamp_seconds", &seats).len(), 3, "{counters_in_users}");
        assert_eq!(scrape.sum("saasbackup_collection_success", &seats), 3.0);
        shown.push(
            ["used", "available", "active", "deactivated", "required"]
                .map(|counter| scrape.all(&format!("saasbackup_seats_{counter}"), &[]).len()),
        );
    }
    assert_eq!(shown, [[3; 5]; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_twice_is_not_asked_for_again_and_stays_not_licensed() {
    let vendor = serving(Shapes::default(), Fleet::demo(60, 7)).await;
    let refused = vendor.organization(Quirk::ForbiddenProducts);
    let tenants = format!("    tenants: {{ include: [\"^{}$\"] }}\n", refused.login_id);
    let scrape = rounds(&vendor, &tenants, 1).await;
    let labels = [("state", "not_licensed")];
    let states = scrape.all("saasbackup_workload_state", &labels);
    let refused: Vec<_> = states.iter().filter(|(_, is_so)| *is_so == 1.0).map(|(series, _)| series).collect();
    assert!(refused.len() >= 2, "{states:?}");
    for series in refused {
        let path = match series.labels["workload"].as_str() {
            "onedrive" => "/api/onedrives",
            "sharepoint" => "/api/sharepoints/domains",
            "teams" => "/api/teams_and_groups/domains",
            "shared_drive" => "/api/shareddrives/domains",
            "google_drive" => "/api/googledrives",
            other => panic!("{other} is not licensed"),
        };
        let asked = asked(&vendor, |asked| asked.starts_with(path)).len();
        assert!((1..=2).contains(&asked), "{asked} requests for {path} in {ROUNDS} rounds");
    }
}

/// The pages of the last list that was certainly read to its end.
fn pages_of_last_list(paths: &[String]) -> usize {
    let is_first = |path: &String| !path.contains("?page=") && !path.contains("&page=");
    let firsts: Vec<_> = paths.iter().enumerate().filter(|(_, path)| is_first(path)).map(|(at, _)| at).collect();
    let [.., last_but_one, last] = firsts[..] else { panic!("{paths:?}") };
    last - last_but_one
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_tenant_is_read_in_pages_as_large_as_the_vendor_gives() {
    let mut pages = Vec::new();
    let ways = [PerPage::Ignored, PerPage::Refused, PerPage::Honoured(50), PerPage::Honoured(100)];
    for undocumented_per_page in ways {
        let shapes = Shapes { undocumented_per_page, ..Shapes::default() };
        let vendor = serving(shapes, Fleet::demo(60, 7)).await;
        let organizations = vendor.server.organizations();
        let is_healthy = |organization: &&OrganizationSummary| organization.quirk == Quirk::Healthy;
        let largest =
            organizations.iter().filter(is_healthy).max_by_key(|organization| organization.seats_used).unwrap();
        assert!(largest.seats_used > 150, "{largest:?}");
        let tenants = format!("    tenants: {{ include: [\"^{}$\"] }}\n", largest.login_id);
        rounds(&vendor, &tenants, 1).await;
        pages.push(pages_of_last_list(&asked(&vendor, |path| path.starts_with("/api/calendars"))));
    }
    let [ignored, refused, fifty, hundred] = pages[..] else { panic!("{pages:?}") };
    assert_eq!(ignored, refused, "read as documented");
    assert!(fifty < ignored && hundred * 3 <= ignored + 2 && hundred < fifty, "{pages:?}");
}
