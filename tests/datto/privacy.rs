//! Looks for keys and people's names in everything that leaves the process, while Datto misbehaves in every way.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use saasbackup_simulator::datto::fleet::Fleet;
use saasbackup_simulator::datto::{Options, Shape};
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::json;

use super::bench::config_file;
use super::vendor::{Vendor, options};
use crate::support::exposition::Exposition;
use crate::support::http;
use crate::support::process::{Ended, Process, run, text};
use crate::support::{DEADLINE, GLANCE};

/// Every way to go wrong; what is put into an answer is a name that must not be seen.
fn faults(elsewhere: &str, private: &str) -> Vec<Fault> {
    let retyped = |field: &str| Fault::RetypedField { field: field.to_owned(), value: json!([private]) };
    let word = |field: &str| Fault::UnknownWord { field: field.to_owned(), word: private.to_owned() };
    vec![
        Fault::Unauthorized,
        Fault::Forbidden,
        Fault::NotFound,
        Fault::TooManyRequests(RetryAfter::Seconds(1)),
        Fault::ServerError(500),
        Fault::ServerError(504),
        Fault::Stall,
        Fault::Html200,
        Fault::TruncatedJson,
        Fault::EmptyBody200,
        Fault::ResetMidBody,
        Fault::TruncatedListing,
        Fault::RepeatedPage,
        Fault::EmptyList,
        Fault::DeepNesting,
        Fault::Redirect(format!("{elsewhere}/{private}")),
        retyped("saasCustomerId"),
        retyped("remoteId"),
        retyped("backupStats"),
        word("seatsUsed"),
        word("seatType"),
        word("seatState"),
        word("billable"),
        word("status"),
        word("usedBytes"),
        word("lastFullyProtectedTime"),
        word("backupHistory"),
        word("appTypes"),
        word("lastBackup"),
        word("licenseStatus"),
    ]
}

/// A fleet in which every customer meets a fault of its own, or a small one whose listing does.
async fn vendors(faults: &[Fault]) -> Vec<Vendor> {
    let mut vendors = Vec::new();
    for shape in [Shape::Live, Shape::Documented] {
        let fleet = Fleet::demo(faults.len() + 4, 7);
        let vendor = Vendor::serving(Options { fleet, shape, seats_limit: None, ..options() }).await;
        for (customer, fault) in vendor.server.customers().iter().zip(faults) {
            let injection = Injection::new(fault.clone()).for_organization(&customer.id.to_string());
            // Whoever is told to wait keeps the whole source waiting.
            let is_pause = matches!(fault, Fault::TooManyRequests(_));
            vendor.server.inject(if is_pause { injection.times(1) } else { injection });
        }
        vendors.push(vendor);
    }
    for fault in faults {
        let vendor = Vendor::serving(Options { fleet: Fleet::demo(1, 7), ..options() }).await;
        vendor.server.inject(Injection::new(fault.clone()).on("/v1/saas/domains"));
        vendors.push(vendor);
    }
    vendors
}

/// The exporter as it serves, and what it said at each of its pages before it was stopped.
async fn serve(config: &Path, sources: usize) -> (Ended, Vec<(&'static str, String)>) {
    let arguments = ["--log.level=trace", "--web.listen-address=127.0.0.1:0", "--config.file", text(config)];
    let mut process = Process::start(&arguments);
    let address = process.address();
    let mut said = vec![("the metrics", collected(&address, sources).await)];
    for page in ["/", "/status", "/config", "/sd", "/-/ready", "/-/healthy", "/no-such-page"] {
        said.push((page, get(&format!("http://{address}{page}")).await));
    }
    process.signal("TERM");
    (process.wait(), said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_and_nobodys_name_leaves_the_process() {
    // Whoever connects here followed a redirect, and brought the key along.
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = format!("http://{}", elsewhere.local_addr().unwrap());
    let faults = faults(&address, &format!("{PRIVATE_MARKER}-canary-in-an-answer"));
    let vendors = vendors(&faults).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, config_file(&vendors).replacen("timeout: 30s", "timeout: 2s", 1)).unwrap();

    let (served, mut said) = serve(&path, vendors.len()).await;
    assert_eq!(served.code, Some(0));
    for of in ["collecting", "listing the tenants"] {
        let warnings = served.stderr.lines().filter(|line| line.contains(of)).count();
        assert!(warnings >= 14, "{warnings} lines of {of}: the faults were met and logged");
    }
    let once = tokio::task::spawn_blocking(move || {
        run(&["--log.level=trace", "--log.format=json", "--config.file", text(&path), "once"])
    });
    let once = once.await.unwrap();
    assert_eq!(once.code, Some(1), "some listings fail");
    said.extend([("the log", served.stderr), ("standard output", served.stdout)]);
    said.extend([("the log of once", once.stderr), ("what once prints", once.stdout)]);

    let secrets: Vec<_> = vendors.iter().flat_map(|vendor| vendor.server.secrets()).collect();
    let names: Vec<_> = vendors[..2].iter().flat_map(|vendor| vendor.server.private_names()).collect();
    assert!(secrets.iter().all(|secret| secret.len() > 8) && names.len() > 100);
    for (place, text) in &said {
        // Not shown in the message either: whoever reads a test's log is somebody else.
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{place} shows a key");
        assert_eq!(names.iter().find(|name| text.contains(*name)), None, "{place} shows a name");
        assert!(!text.contains(PRIVATE_MARKER), "{place} shows what belongs to a person");
    }
    let visitor = elsewhere.accept().map(|(_, visitor)| visitor);
    assert_eq!(visitor.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "a redirect was followed");
}

async fn get(url: &str) -> String {
    let http = http::builder().timeout(Duration::from_secs(60)).build().unwrap();
    http.get(url).send().await.unwrap().text().await.unwrap()
}

/// The metrics, once every source was listed and every customer was asked for.
async fn collected(address: &str, sources: usize) -> String {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let text = get(&format!("http://{address}/metrics")).await;
        let scrape = Exposition::parse(&text);
        let is_listed = scrape.all("saasbackup_up", &[]).len() == sources;
        let pending = scrape.sum("saasbackup_exporter_tenants", &[("state", "pending")]);
        if is_listed && pending == 0.0 {
            return text;
        }
        assert!(Instant::now() < deadline, "{pending} customers are pending");
        tokio::time::sleep(GLANCE).await;
    }
}
