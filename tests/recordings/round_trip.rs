//! A recording leads to the same states and counts as the vendor itself, on whatever day it is replayed.

use std::sync::Arc;
use std::time::Duration;

use saasbackup_exporter::app::App;
use saasbackup_exporter::commands::once;
use saasbackup_exporter::commands::replay::Replay;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::{Part, Workload};
use saasbackup_exporter::exposition::{Format, render};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::recording::{Ended, Recording};
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::datto::Shape;
use tokio_util::sync::CancellationToken;

use super::{config, recorded};
use crate::datto::vendor::{Vendor as Datto, options};
use crate::support::exposition::{Exposition, Series};
use crate::support::vendor::Vendor;

/// What a recording rounds or moves: amounts and times.
const INEXACT: [&str; 4] = ["_timestamp_seconds", "_bytes", "_items", "_backup_ratio"];
/// What a recording has no values of.
const ANONYMOUS: [&str; 4] = ["tenant", "tenant_id", "source", "domain"];

/// All that is exact of each tenant, its states, counts and seats, sorted: a recording has no names.
fn verdicts(exposition: &Exposition) -> Vec<Vec<String>> {
    let tenants = exposition.all("saasbackup_tenant_info", &[]);
    let mut verdicts: Vec<_> = tenants
        .iter()
        .map(|(tenant, _)| {
            let all = exposition.of_tenant(tenant.label("tenant_id")).into_iter();
            let mut words: Vec<_> = all
                .filter(|(series, _)| !INEXACT.iter().any(|ending| series.name.ends_with(ending)))
                .filter(|(series, _)| series.name != "saasbackup_tenant_info")
                .map(|(series, value)| format!("{} {value}", anonymous(series)))
                .collect();
            words.sort();
            words
        })
        .collect();
    verdicts.sort();
    verdicts
}

/// The same without names; nor is that of an unknown application in a recording.
fn anonymous(Series { name, labels }: Series) -> Series {
    let others = [Part::Listing, Part::Seats, Part::Domains, Part::Coverage, Part::Lifecycle].map(Part::as_str);
    let is_known = |part: &str| part.parse::<Workload>().is_ok() || others.contains(&part);
    let labels = labels.into_iter().filter(|(name, _)| !ANONYMOUS.contains(&name.as_str())).map(|(name, value)| {
        let is_other = ["workload", "part"].contains(&name.as_str()) && !is_known(&value);
        (name, if is_other { "other".to_owned() } else { value })
    });
    Series { name, labels: labels.collect() }
}

/// The seats that the exposition has are those of the conclusion.
fn assert_says_seats(conclusion: &str, exposition: &Exposition) {
    let seats = exposition.all("saasbackup_seats", &[]).into_iter().filter(|(_, value)| *value > 0.0);
    let used = exposition.all("saasbackup_seats_used", &[]).into_iter();
    for (series, value) in seats.chain(used) {
        let of_tenant = format!("\ntenant {}, ", series.label("tenant_id"));
        let tenant = conclusion.split(&of_tenant).nth(1).unwrap().split("\n\n").next().unwrap();
        let (begin, count) = match series.label("seat_type") {
            "" => ("  seats ".to_owned(), format!(" {value} used")),
            seat_type => (format!("  seats of type {seat_type}: "), format!(" {value} {}", series.label("state"))),
        };
        let is_said = tenant.lines().any(|line| line.starts_with(&begin) && line.contains(&count));
        assert!(is_said, "{begin}{count} of {series}:\n{tenant}");
    }
}

async fn leads_to_the_same(config: &Config, tenants: usize) -> Vec<String> {
    let app = App::new(config, ServerOptions::default()).unwrap();
    let collected = once::collect(app, once::Format::Prometheus, CancellationToken::new()).await.unwrap();
    let expected = verdicts(&Exposition::parse(std::str::from_utf8(&collected.document.unwrap()).unwrap()));
    assert_eq!(expected.len(), tenants);
    let recording = recorded(config, tenants).await;
    assert_eq!(recording.ended, Ended::Complete);
    let read = Recording::parse(recording.to_json().as_bytes()).unwrap();
    for days in [0, 9] {
        let now = clock::now().after(Duration::from_secs(days * 86_400));
        let replay = Replay::start(read.clone(), now).await.unwrap();
        let found = render(&[Arc::new(replay.state().clone())], Vec::new(), Format::Text);
        let found = Exposition::parse(&found);
        let conclusion = replay.conclusion();
        assert_eq!(verdicts(&found), expected, "{conclusion}");
        assert!(conclusion.ends_with("\nrequests that are not in the recording: none\n"), "{conclusion}");
        assert_says_seats(&conclusion, &found);
    }
    expected.concat()
}

fn assert_has_states(verdicts: &[String], states: &[&str]) {
    for state in states {
        let label = format!("state=\"{state}\"");
        let is_state = |verdict: &String| verdict.contains(&label) && verdict.ends_with("} 1");
        let mut all = verdicts.iter().filter(|verdict| verdict.starts_with("saasbackup_workload_state{"));
        assert!(all.any(is_state), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_dropsuite_leads_to_the_same_states_and_counts() {
    let vendor = Vendor::start(16).await;
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    let config = config("dropsuite", &vendor.server.base_url(), [&secrets[0], &secrets[1]]);
    let verdicts = leads_to_the_same(&config, 16).await;
    assert_has_states(&verdicts, &["late", "ok"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_datto_leads_to_the_same_states_and_counts() {
    for (shape, states) in [(Shape::Live, &["late", "ok"][..]), (Shape::Documented, &["unknown"])] {
        let vendor = Datto::serving(saasbackup_simulator::datto::Options { shape, ..options() }).await;
        let secrets = [vendor.server.public_key(), vendor.server.secret_key()];
        let config = config("datto", &vendor.server.base_url(), [&secrets[0], &secrets[1]]);
        let tenants = vendor.server.customers().len();
        let verdicts = leads_to_the_same(&config, tenants).await;
        assert_has_states(&verdicts, states);
        assert!(verdicts.iter().any(|verdict| verdict.starts_with("saasbackup_seats{")), "{shape:?}");
    }
}
