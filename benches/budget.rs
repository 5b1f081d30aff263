//! Measures how many requests the exporter needs, and how old its data is: simulates its schedule for two days, with
//! the requests that its clients sent to the mock APIs of both vendors.
//!
//! `cargo bench --bench budget -- [quick]`; `quick` simulates only the smallest fleet. It fails if a target is missed.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

#[path = "budget/fleet.rs"]
mod fleet;
#[path = "budget/model.rs"]
mod model;
#[path = "budget/report.rs"]
mod report;

use std::path::Path;
use std::time::Duration;

use saasbackup_exporter::config::{Collection, Config};
use saasbackup_exporter::domain::{Part, Workload};
use saasbackup_exporter::poller::Cadence;
use saasbackup_simulator::dropsuite::PerPage;

use fleet::Measured;
use model::{Days, Vendor};

const MINUTE: Duration = Duration::from_secs(60);
/// How long Dropsuite takes for a page; there is no published figure.
const DROPSUITE_LATENCY: Duration = Duration::from_millis(300);
const FLEETS: [usize; 3] = [200, 1_000, 5_000];

/// The collection of a source of this vendor of which nothing but the address is said.
fn collection(provider: &str, keys: &str) -> Collection {
    let text = format!("sources: [{{ name: a, provider: {provider}, base_url: vendor.example, {keys} }}]");
    Config::parse(&text, &|_| None, Path::new("")).unwrap().sources.remove(0).collection
}

/// The policy before: everything at each interval, coverage after six hours and lifecycle after eighteen.
fn before(collection: &Collection) -> Cadence {
    let mut parts = Cadence::of(collection).parts;
    for (part, interval) in &mut parts {
        *interval = match part {
            Part::Coverage | Part::Lifecycle => *interval,
            _ => collection.interval,
        };
    }
    Cadence { listing: collection.interval, parts }
}

fn main() {
    // Under `cargo test` a benchmark is only built.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let is_quick = std::env::args().any(|argument| argument == "quick");
    let fleets = if is_quick { &FLEETS[..1] } else { &FLEETS };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut missed = Vec::new();

    let dropsuite = collection("dropsuite", "reseller_token: a, access_token: b");
    let as_documented = runtime.block_on(fleet::dropsuite(PerPage::Ignored, false));
    let small_pages = runtime.block_on(fleet::dropsuite(PerPage::Ignored, true));
    let large_pages = runtime.block_on(fleet::dropsuite(PerPage::Honoured(100), true));
    println!("{}", report::sizes(&fleet::sizes()));
    let vendor = Vendor { requests_per_second: dropsuite.requests_per_second, concurrency: dropsuite.concurrency };
    let policies: [(&str, Cadence, &Measured, bool); 3] = [
        ("before", before(&dropsuite), &as_documented, false),
        ("now, pages of 25", Cadence::of(&dropsuite), &small_pages, true),
        ("now", Cadence::of(&dropsuite), &large_pages, true),
    ];
    let mut all = Vec::new();
    for &tenants in fleets {
        for (policy, cadence, measured, learns) in &policies {
            let days = Days { vendor, tenants, cadence: cadence.clone(), measured, learns_refusals: *learns };
            all.push((*policy, tenants, days.run()));
        }
    }
    println!("{}", report::requests("Dropsuite", &all));
    println!("{}", report::ages("Dropsuite", &all));
    for &tenants in fleets {
        let of = |policy: &str| &all.iter().find(|(own, size, _)| *own == policy && *size == tenants).unwrap().2;
        let (before, now) = (of("before"), of("now"));
        let needed = |days: &model::Outcome| days.needed_per_tenant_and_day;
        if needed(now) * 3.0 > needed(before) {
            missed.push(format!("{tenants} tenants: {} of {} requests", needed(now), needed(before)));
        }
        let mail = Part::Workload(Workload::Mail);
        if tenants == 200 && now.noticed_after(mail) > before.noticed_after(mail) {
            missed.push("a failure in a mailbox is noticed later than before".to_owned());
        }
        if tenants == 1_000 {
            if now.age(mail, 0.5) > 30 * MINUTE {
                missed.push(format!("mail is {:?} old at the median", now.age(mail, 0.5)));
            }
            for (part, interval) in &Cadence::of(&dropsuite).parts {
                if *part != mail && now.is_observed(*part) && now.age(*part, 0.95) > *interval {
                    missed.push(format!("{} is {:?} old at p95", part.as_str(), now.age(*part, 0.95)));
                }
            }
        }
    }

    let datto = collection("datto", "public_key: a, secret_key: b");
    let measured = runtime.block_on(fleet::datto());
    let vendor = Vendor { requests_per_second: datto.requests_per_second, concurrency: datto.concurrency };
    let mut all = Vec::new();
    for &tenants in fleets {
        for (policy, cadence) in [("before", before(&datto)), ("now", Cadence::of(&datto))] {
            let days = Days { vendor, tenants, cadence, measured: &measured, learns_refusals: true };
            all.push((policy, tenants, days.run()));
        }
    }
    println!("{}", report::requests("Datto", &all));
    println!("{}", report::ages("Datto", &all));
    assert!(missed.is_empty(), "missed: {missed:#?}");
}
