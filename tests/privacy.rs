//! Searches for secrets and people's names in all output of the process, while the vendors misbehave in every way.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use regex::{Regex, RegexBuilder};
use saasbackup_simulator::datto::fleet::Fleet;
use saasbackup_simulator::datto::{Options, Shape};
use saasbackup_simulator::dropsuite::Server;
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::json;

use crate::datto::bench::config_file;
use crate::datto::vendor::{Vendor as Datto, options};
use crate::support::exposition::Exposition;
use crate::support::http;
use crate::support::process::{Ended, Process, run, text};
use crate::support::vendor::Vendor;
use crate::support::wait::eventually;

/// Somewhere that a redirect points to. Whoever connects followed it, and brought the secrets along.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn was_never_visited(&self) {
        let visitor = self.0.accept().map(|(_, visitor)| visitor);
        assert_eq!(visitor.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "a redirect was followed");
    }
}

/// All that was said, by where it was said.
type Said = Vec<(&'static str, String)>;

/// Every way to go wrong; what is put into an answer is a name that must not be seen.
fn faults_of_dropsuite(elsewhere: &str, private: &str) -> Vec<Fault> {
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
fn config(folder: &Path, servers: &[&Server]) -> String {
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

/// Every way to go wrong; what is put into an answer is a name that must not be seen.
fn faults_of_datto(elsewhere: &str, private: &str) -> Vec<Fault> {
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
async fn datto_vendors(faults: &[Fault]) -> Vec<Datto> {
    let mut vendors = Vec::new();
    for shape in [Shape::Live, Shape::Documented] {
        let fleet = Fleet::demo(faults.len() + 4, 7);
        let vendor = Datto::serving(Options { fleet, shape, seats_limit: None, ..options() }).await;
        for (customer, fault) in vendor.server.customers().iter().zip(faults) {
            let injection = Injection::new(fault.clone()).for_organization(&customer.id.to_string());
            // A throttled request pauses the whole source.
            let is_pause = matches!(fault, Fault::TooManyRequests(_));
            vendor.server.inject(if is_pause { injection.times(1) } else { injection });
        }
        vendors.push(vendor);
    }
    for fault in faults {
        let vendor = Datto::serving(Options { fleet: Fleet::demo(1, 7), ..options() }).await;
        vendor.server.inject(Injection::new(fault.clone()).on("/v1/saas/domains"));
        vendors.push(vendor);
    }
    vendors
}

/// The exporter as it serves, and what it said at each of its pages before it was stopped.
async fn serve(config: &Path, sources: usize) -> (Ended, Said) {
    let arguments = ["--log.level=trace", "--web.listen-address=127.0.0.1:0", "--config.file", text(config)];
    let mut process = Process::start(&arguments);
    let address = process.address();
    let mut said = vec![("the metrics", collected(&address, sources).await)];
    for page in ["/", "/status", "/config", "/sd", "/seats.csv", "/-/ready", "/-/healthy", "/no-such-page"] {
        said.push((page, get(&format!("http://{address}{page}")).await));
    }
    process.signal("TERM");
    let ended = process.wait();
    assert_eq!(ended.code, Some(0));
    (ended, said)
}

/// Serves and collects once, and gives all that left the process; `are_logged` says whether a log has the faults.
async fn everything_said(config: &Path, sources: usize, are_logged: impl Fn(&str) -> bool) -> Said {
    let (served, mut said) = serve(config, sources).await;
    let once = ["--log.level=trace", "--log.format=json", "--config.file", text(config), "once"];
    let once = tokio::task::block_in_place(|| run(&once));
    assert_eq!(once.code, Some(1), "some listings fail");
    assert!(are_logged(&served.stderr) && are_logged(&once.stderr), "the faults were met and logged");
    said.extend([("the log", served.stderr), ("standard output", served.stdout)]);
    said.extend([("the log of once", once.stderr), ("what once prints", once.stdout)]);
    said
}

/// Looks in all of it; neither is shown in the message, as a test's log may have other readers.
fn discloses_no_one(said: &Said, secrets: &[String], names: &[String]) {
    assert!(secrets.iter().all(|secret| secret.len() > 8), "a secret is too short to look for");
    // One word marks every name of a person, so that one search finds them all.
    assert!(names.len() > 100 && names.iter().all(|name| name.contains(PRIVATE_MARKER)));
    let secret = any_of(secrets);
    assert!(secrets.iter().all(|one| secret.is_match(one)), "the search finds what it looks for");
    for (place, text) in said {
        assert!(!secret.is_match(text), "{place} shows a secret");
        assert!(!text.contains(PRIVATE_MARKER), "{place} shows what belongs to a person");
    }
}

fn any_of(words: &[String]) -> Regex {
    let words: Vec<_> = words.iter().map(|word| regex::escape(word)).collect();
    RegexBuilder::new(&words.join("|")).size_limit(1 << 28).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_dropsuite_and_no_persons_name_leaves_the_process() {
    let elsewhere = Elsewhere::open();
    let faults = faults_of_dropsuite(&elsewhere.url(), &format!("{PRIVATE_MARKER}-canary-in-an-answer"));
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

    let is_logged = |log: &str| {
        let is_warning = |line: &&str| line.contains("collection failed") || line.contains("listing failed");
        log.lines().filter(is_warning).count() > faults.len()
    };
    let said = everything_said(&path, vendors.len(), is_logged).await;
    let secrets: Vec<_> = servers.iter().flat_map(|server| server.secrets()).collect();
    assert!(secrets.len() > 100);
    discloses_no_one(&said, &secrets, &servers[0].private_names());
    elsewhere.was_never_visited();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_of_datto_and_no_persons_name_leaves_the_process() {
    let elsewhere = Elsewhere::open();
    let faults = faults_of_datto(&elsewhere.url(), &format!("{PRIVATE_MARKER}-canary-in-an-answer"));
    let vendors = datto_vendors(&faults).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, config_file(&vendors).replacen("timeout: 30s", "timeout: 2s", 1)).unwrap();
    let is_logged = |log: &str| {
        ["collection failed", "tenant listing failed"]
            .iter()
            .all(|of| log.lines().filter(|line| line.contains(of)).count() >= 14)
    };
    let said = everything_said(&path, vendors.len(), is_logged).await;
    let secrets: Vec<_> = vendors.iter().flat_map(|vendor| vendor.server.secrets()).collect();
    let names: Vec<_> = vendors[..2].iter().flat_map(|vendor| vendor.server.private_names()).collect();
    discloses_no_one(&said, &secrets, &names);
    elsewhere.was_never_visited();
}

async fn get(url: &str) -> String {
    let http = http::builder().timeout(Duration::from_secs(60)).build().unwrap();
    http.get(url).send().await.unwrap().text().await.unwrap()
}

/// The metrics, once every source was listed and every tenant was asked for.
async fn collected(address: &str, sources: usize) -> String {
    eventually(async || {
        let text = get(&format!("http://{address}/metrics")).await;
        let scrape = Exposition::parse(&text);
        let listed = scrape.all("saasbackup_up", &[]).len();
        let count = |state| scrape.sum("saasbackup_exporter_tenants", &[("state", state)]);
        let is_complete = listed == sources && count("failing") > 0.0 && count("pending") == 0.0;
        if is_complete { Ok(text) } else { Err(format!("{listed} listed, {} tenants are pending", count("pending"))) }
    })
    .await
}
