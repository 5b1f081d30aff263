//! Looks for secrets and people's names in everything that leaves the process, while the vendor misbehaves in every way.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use crate::support::exposition::Exposition;
use crate::support::http;
use crate::support::process::{Process, run, text};
use crate::support::vendor::Vendor;
use crate::support::{DEADLINE, GLANCE};
use saasbackup_simulator::dropsuite::Server;
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::json;

/// Every way to go wrong; what is put into an answer is a name that must not be seen.
fn faults(elsewhere: &str, private: &str) -> Vec<Fault> {
    let retyped = |field: &str| Fault::RetypedField { field: field.to_owned(), value: json!(private) };
    let word = |field: &str| Fault::UnknownWord { field: field.to_owned(), word: private.to_owned() };
    vec![
        Fault::Unauthorized,
        Fault::Forbidden,
        Fault::TooManyRequests(RetryAfter::Seconds(1)),
        Fault::ServerError(500),
        Fault::Stall,
        Fault::Html200,
        Fault::TruncatedJson,
        Fault::EmptyBody200,
        Fault::ResetMidBody,
        Fault::TruncatedListing,
        Fault::RepeatedPage,
        Fault::EmptyList,
        Fault::DeepNesting,
        Fault::Redirect(format!("{elsewhere}/api/{private}")),
        Fault::RetypedField { field: "id".to_owned(), value: json!([private]) },
        Fault::RetypedField { field: "errors".to_owned(), value: json!({"host": private}) },
        retyped("last_backup"),
        retyped("msg_count"),
        word("current_backup_status"),
        word("type"),
        word("status"),
        word("period_unit"),
    ]
}

/// A file with one source for each vendor; its tokens stand in files of their own.
fn config(folder: &std::path::Path, servers: &[&Server]) -> String {
    let mut file = "collection: { interval: 1h, timeout: 2s, requests_per_second: 1000 }\nsources:\n".to_owned();
    for (number, server) in servers.iter().enumerate() {
        for (name, token) in [("reseller", server.reseller_token()), ("access", server.admin_token())] {
            std::fs::write(folder.join(format!("{name}-{number}")), token).unwrap();
        }
        let files = format!("reseller_token_file: reseller-{number}, access_token_file: access-{number}");
        let url = server.base_url();
        writeln!(file, "  - {{ name: source-{number}, provider: dropsuite, base_url: \"{url}\", {files} }}").unwrap();
    }
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_and_nobodys_name_leaves_the_process() {
    // Whoever connects here followed a redirect, and brought the tokens along.
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = format!("http://{}", elsewhere.local_addr().unwrap());
    let canary = format!("{PRIVATE_MARKER}-canary-in-an-answer");
    let faults = faults(&address, &canary);

    // One vendor with a fault for each organization, and one for each fault of the listing.
    let fleet = Vendor::start(faults.len() + 8).await;
    for (organization, fault) in fleet.server.organizations().iter().skip(4).zip(&faults) {
        let injection = Injection::new(fault.clone()).for_organization(&organization.login_id);
        // What is waited for or repeated takes its time at each endpoint, so it is met at one.
        let is_slow =
            matches!(fault, Fault::TooManyRequests(_) | Fault::Stall | Fault::ServerError(_) | Fault::ResetMidBody);
        fleet.server.inject(if is_slow { injection.on("/accounts") } else { injection });
    }
    let mut vendors = vec![fleet];
    for fault in &faults {
        let vendor = Vendor::start(2).await;
        vendor.server.inject(Injection::new(fault.clone()).on("/users"));
        vendors.push(vendor);
    }
    let servers: Vec<_> = vendors.iter().map(|vendor| &vendor.server).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, config(folder.path(), &servers)).unwrap();

    let mut said = Vec::new();
    let arguments = ["--log.level=trace", "--web.listen-address=127.0.0.1:0", "--config.file", text(&path)];
    let mut process = Process::start(&arguments);
    let address = process.address();
    said.push(("the metrics", collected(&address, vendors.len()).await));
    for page in ["/", "/status", "/config", "/sd", "/-/ready", "/-/healthy", "/no-such-page"] {
        said.push((page, get(&format!("http://{address}{page}")).await));
    }
    process.signal("TERM");
    let served = process.wait();
    assert_eq!(served.code, Some(0));
    let once = run(&["--log.level=trace", "--log.format=json", "--config.file", text(&path), "once"]);
    assert_eq!(once.code, Some(1), "most listings fail");
    for (run, ended) in [("serving", &served), ("once", &once)] {
        let warnings = ended.stderr.lines().filter(|line| line.contains("collecting") || line.contains("listing the"));
        let warnings = warnings.count();
        assert!(warnings > faults.len(), "{run}: the faults were logged, {warnings} lines");
    }
    said.extend([("the log", served.stderr), ("standard output", served.stdout)]);
    said.extend([("the log of once", once.stderr), ("what once prints", once.stdout)]);

    let secrets: BTreeSet<_> = servers.iter().flat_map(|server| server.secrets()).collect();
    assert!(secrets.len() > 100 && secrets.iter().all(|secret| secret.len() > 8));
    let secret = secrets.iter().map(|secret| regex::escape(secret)).collect::<Vec<_>>().join("|");
    let secret = regex::RegexBuilder::new(&secret).size_limit(1 << 28).build().unwrap();
    // One word marks every name of a person, so that one search finds them all.
    let names = servers[0].private_names();
    assert!(names.len() > 100 && names.iter().all(|name| name.contains(PRIVATE_MARKER)));
    for (place, text) in &said {
        // Not shown in the message either: whoever reads a test's log is somebody else.
        assert!(!secret.is_match(text), "{place} shows a secret");
        assert!(!text.contains(PRIVATE_MARKER), "{place} shows what belongs to a person");
    }
    assert!(secret.is_match(&servers[0].admin_token()), "the search finds what it looks for");
    let visitor = elsewhere.accept().map(|(_, visitor)| visitor);
    assert_eq!(visitor.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "a redirect was followed");
}

async fn get(url: &str) -> String {
    let http = http::builder().timeout(Duration::from_secs(60)).build().unwrap();
    http.get(url).send().await.unwrap().text().await.unwrap()
}

/// The metrics, once every source was listed and every tenant was asked for.
async fn collected(address: &str, sources: usize) -> String {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let text = get(&format!("http://{address}/metrics")).await;
        let scrape = Exposition::parse(&text);
        let is_listed = scrape.all("saasbackup_up", &[]).len() == sources;
        let pending = scrape.sum("saasbackup_exporter_tenants", &[("state", "pending")]);
        let is_complete = scrape.sum("saasbackup_exporter_tenants", &[("state", "failing")]) > 0.0;
        if is_listed && is_complete && pending == 0.0 {
            return text;
        }
        assert!(Instant::now() < deadline, "{pending} tenants are pending");
        tokio::time::sleep(GLANCE).await;
    }
}
