//! Tests configuration mistakes with Dropsuite, and faults of the vendor.

use saasbackup_simulator::dropsuite::Server;
use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{Bench, complaints, dropsuite, dropsuite_config, is_golden};
use crate::support::process::{Ended, run, text};

/// A UUID that is no token.
const UNKNOWN: &str = "7d4e2c1a-90b3-4f0e-8a51-0c9d3f7b6e21";

fn good(server: &Server, more: &str) -> Bench {
    let (reseller, access) = (server.reseller_token(), server.admin_token());
    Bench::new(&dropsuite_config(&server.base_url(), &reseller, &access, more))
}

fn shows_no_secret(server: &Server, text: &str) {
    for secret in server.secrets().iter().filter(|secret| secret.len() > 3) {
        assert!(!text.contains(secret.as_str()), "a secret in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_account_is_reported_step_by_step() {
    let server = dropsuite(3).await;
    let told = good(&server, "").told(0).await;
    is_golden("dropsuite-good", &told);
    shows_no_secret(&server, &told);
    assert!(server.requests().log.iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_token_is_distinguished_from_the_others() {
    let server = dropsuite(3).await;
    let (reseller, access) = (server.reseller_token(), server.admin_token());
    let organization = server.organization_token("Harbor Dental Group").unwrap();
    let mut told = String::new();
    for (mistake, reseller_token, access_token) in [
        ("the tokens are exchanged", &access, &reseller),
        ("an unknown reseller token", &UNKNOWN.to_owned(), &access),
        ("a reseller id with a suffix", &"1788161-14".to_owned(), &access),
        ("an unknown access token", &reseller, &UNKNOWN.to_owned()),
        ("an organization's token", &reseller, &organization),
        ("the reseller token twice", &reseller, &reseller),
        ("the access token twice", &access, &access),
    ] {
        let bench = Bench::new(&dropsuite_config(&server.base_url(), reseller_token, access_token, ""));
        let text = bench.told(1).await;
        shows_no_secret(&server, &text);
        assert!(text.contains("skip  listing"), "{text}");
        told += &format!("{mistake}\n{}\n", complaints(&text).replace("  warn", ""));
    }
    is_golden("dropsuite-wrong-tokens", &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reseller_id_is_a_problem_of_the_file() {
    let bench = Bench::new(&dropsuite_config("dropsuite.us", "440032", "canary-2", ""));
    let Ended { code, stdout, stderr } = bench.run(&[], &[]).await;
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("sources[0].reseller_token: contains only digits"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_answers_without_being_the_api_is_named() {
    let mut told = String::new();
    for (name, fault) in [
        ("a page instead of JSON", Fault::Html200),
        ("a redirect to a portal", Fault::Redirect("https://portal.example/login".to_owned())),
        ("404 on everything", Fault::NotFound),
        ("nothing at all in the answer", Fault::EmptyBody200),
        ("500", Fault::ServerError(500)),
    ] {
        let server = dropsuite(2).await;
        server.inject(fault);
        told += &format!("{name}\n{}\n", complaints(&good(&server, "").told(1).await));
    }
    is_golden("dropsuite-not-the-api", &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brand_without_the_status_endpoint_is_good() {
    let server = dropsuite(2).await;
    server.inject(Injection::new(Fault::NotFound).on("/status"));
    let told = good(&server, "").told(0).await;
    assert!(!told.contains("/status") && told.contains("GET /users: accepted"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_incomplete_listing_is_a_failure() {
    let mut told = String::new();
    for (name, fault, more) in [
        ("an empty list", Some(Fault::EmptyList), ""),
        ("a list that ends too early", Some(Fault::TruncatedListing), ""),
        ("a list that repeats itself", Some(Fault::RepeatedPage), ""),
        ("all tenants excluded", None, "    tenants: { exclude: [\".*\"] }\n"),
    ] {
        let server = dropsuite(3).await;
        if let Some(fault) = fault {
            server.inject(Injection::new(fault).on("/users"));
        }
        let text = good(&server, more).told(1).await;
        assert!(text.contains("skip  tenant") && text.contains("skip  estimate"), "{text}");
        told += &format!("{name}\n{}\n", complaints(&text));
    }
    is_golden("dropsuite-listing", &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_is_too_slow_is_not_taken_for_wrong_credentials() {
    let server = dropsuite(2).await;
    server.inject(Injection::new(Fault::Stall).on("/users"));
    let told = good(&server, "    timeout: 3s\n").told(1).await;
    is_golden("dropsuite-slow", &complaints(&told));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_the_tenant_says_whether_it_answers() {
    let mut told = String::new();
    for (name, tenant, fault) in [
        ("a failing workload", "Harbor Dental Group", Some(("/tasks", Fault::Unauthorized))),
        ("seats and no mailboxes", "Granite Construction Supply", None),
        ("products that are not licensed", "Summit Insurance Brokers", None),
        ("undocumented words and fields", "Orchard Street Pediatrics", None),
        ("no token", "Forgotten Keys Rental", None),
    ] {
        let server = dropsuite(44).await;
        if let Some((endpoint, fault)) = fault {
            server.inject(Injection::new(fault).on(endpoint));
        }
        let bench = good(&server, &format!("    tenants: {{ include: [\"^{tenant}$\"] }}\n"));
        let is_good = ["products that are not licensed", "undocumented words and fields"].contains(&name);
        let text = bench.told(i32::from(!is_good)).await;
        shows_no_secret(&server, &text);
        let lines = text.lines().skip_while(|line| !line.contains("listing"));
        told += &format!("{name}\n{}\n\n", lines.collect::<Vec<_>>().join("\n"));
    }
    is_golden("dropsuite-tenant", &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_needs_more_than_the_rate_limit_is_a_warning() {
    let server = dropsuite(47).await;
    let told = good(
        &server,
        "    interval: 10s\n    stale_after: 15s\n    part_intervals: { coverage: 15s, lifecycle: 15s }\n",
    )
    .told(0)
    .await;
    let told = complaints(&told);
    assert!(told.contains("instead of 10s") && told.contains("older than stale_after (15s)"), "{told}");
    assert!(told.contains("-> raise "), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_stops_answering_is_not_asked_for_ever() {
    let server = dropsuite(2).await;
    for endpoint in ["/accounts", "/calendars", "/contacts", "/tasks"] {
        server.inject(Injection::new(Fault::Stall).on(endpoint));
    }
    let told = good(&server, "    timeout: 3s\n").told(1).await;
    assert_eq!(told.matches("fail  tenant").count(), 2, "{told}");
    assert!(told.contains("skip  tenant       contacts of 440032-6: the vendor does not respond"), "{told}");
    assert!(told.contains("skip  estimate"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_that_drift_suggests_records_it() {
    let server = dropsuite(44).await;
    let bench = good(&server, "    tenants: { include: [\"^Orchard Street Pediatrics$\"] }\n");
    let told = bench.run(&[], &[]).await.stdout;
    let (_, command) =
        told.split_once("-> show it to the maintainers without your data: saasbackup-exporter ").unwrap();
    let output = bench.folder.path().join("recording.json");
    let command = command.lines().next().unwrap().replace("recording.json", text(&output));
    let (recorded, replayed) = tokio::task::spawn_blocking(move || {
        (run(&command.split(' ').collect::<Vec<_>>()), run(&["replay", text(&output)]))
    })
    .await
    .unwrap();
    assert_eq!(recorded.code, Some(0), "{}", recorded.stderr);
    assert!(recorded.stdout.contains("Review it before you share it"), "{}", recorded.stdout);
    assert!(replayed.stdout.contains("/accounts current_backup_status unknown_word x4"), "{}", replayed.stdout);
}
