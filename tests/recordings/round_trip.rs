//! A recording leads to the same states and counts as the vendor itself, on whatever day it is replayed.

use std::sync::Arc;
use std::time::Duration;

use saasbackup_exporter::app::App;
use saasbackup_exporter::commands::once;
use saasbackup_exporter::commands::replay::Replay;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::Workload;
use saasbackup_exporter::exposition::{Format, render};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::recording::{Ended, Recording};
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::faults::{Fault, Injection};
use tokio_util::sync::CancellationToken;

use super::{config, recorded};
use crate::datto::vendor::{Vendor as Datto, options};
use crate::support::exposition::Exposition;
use crate::support::process::{Process, text};
use crate::support::vendor::Vendor;

/// States and counts of each tenant's workloads, sorted: a recording has no names.
fn verdicts(exposition: &Exposition) -> Vec<Vec<String>> {
    let tenants = exposition.all("saasbackup_tenant_info", &[]);
    let mut verdicts: Vec<_> = tenants
        .iter()
        .map(|(tenant, _)| {
            let id = [("tenant_id", tenant.label("tenant_id"))];
            let states = exposition.all("saasbackup_workload_state", &id);
            let counts = exposition.all("saasbackup_resources", &id);
            let all = states.iter().chain(&counts).filter(|(_, value)| *value > 0.0);
            let mut words: Vec<_> = all
                .map(|(series, value)| {
                    // The name of an unknown application is not in a recording.
                    let workload = series.label("workload");
                    let is_known = workload.parse::<Workload>().is_ok();
                    format!("{} {} {value}", if is_known { workload } else { "other" }, series.label("state"))
                })
                .collect();
            words.sort();
            words
        })
        .collect();
    verdicts.sort();
    verdicts
}

async fn leads_to_the_same(config: Config, tenants: usize) -> Recording {
    let app = App::new(&config, ServerOptions::default()).unwrap();
    let collected = once::collect(app, once::Format::Prometheus, CancellationToken::new()).await.unwrap();
    let expected = verdicts(&Exposition::parse(std::str::from_utf8(&collected.document.unwrap()).unwrap()));
    assert_eq!(expected.len(), tenants);
    let states = expected.concat();
    assert!(states.iter().any(|state| state.contains("late")) && states.iter().any(|state| state.contains(" ok ")));

    let recording = recorded(&config, tenants).await;
    assert_eq!(recording.ended, Ended::Complete);
    let read = Recording::parse(recording.to_json().as_bytes()).unwrap();
    for days in [0, 9] {
        let now = clock::now().after(Duration::from_secs(days * 86_400));
        let replay = Replay::start(read.clone(), now).await.unwrap();
        let found = render(&[Arc::new(replay.state().clone())], Vec::new(), Format::Text);
        assert_eq!(verdicts(&Exposition::parse(&found)), expected, "{}", replay.conclusion());
        assert!(replay.conclusion().ends_with("that are not in the recording\n"), "{}", replay.conclusion());
    }
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_dropsuite_leads_to_the_same_states_and_counts() {
    let vendor = Vendor::start(16).await;
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    let config = config("dropsuite", &vendor.server.base_url(), [&secrets[0], &secrets[1]]);
    leads_to_the_same(config, 16).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_datto_leads_to_the_same_states_and_counts() {
    let vendor = Datto::serving(options()).await;
    let secrets = [vendor.server.public_key(), vendor.server.secret_key()];
    let config = config("datto", &vendor.server.base_url(), [&secrets[0], &secrets[1]]);
    let tenants = vendor.server.customers().len();
    leads_to_the_same(config, tenants).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_refuses_leaves_a_recording_that_says_so_and_replaces_nothing() {
    let vendor = Vendor::start(2).await;
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    let config = config("dropsuite", &vendor.server.base_url(), [&secrets[0], &secrets[1]]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.json");
    for (fault, words) in [(Fault::Unauthorized, "listing unauthorized"), (Fault::Html200, "listing decode")] {
        vendor.server.clear_faults();
        vendor.server.inject(Injection::new(fault).on("/users"));
        let recording = recorded(&config, 2).await;
        assert_eq!(recording.ended, Ended::ListingFailed);
        let replay = Replay::start(recording.clone(), clock::now()).await.unwrap();
        assert!(replay.conclusion().contains(words), "{}", replay.conclusion());
        std::fs::write(&path, "precious").unwrap();
        assert!(recording.write(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_recording_is_valid_and_says_so() {
    let vendor = Vendor::start(3).await;
    let id = vendor.id(Quirk::Healthy);
    vendor.server.inject(Injection::new(Fault::Stall).for_organization(&id));
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    let folder = tempfile::tempdir().unwrap();
    let (file, output) = (folder.path().join("config.yaml"), folder.path().join("recording.json"));
    let source = format!("provider: dropsuite, base_url: \"{}\"", vendor.server.base_url());
    let tokens = format!("reseller_token: {}, access_token: {}", secrets[0], secrets[1]);
    let timeout = "collection: { timeout: 10m, requests_per_second: 1000 }";
    std::fs::write(&file, format!("{timeout}\nsources: [{{ name: us, {source}, {tokens} }}]\n")).unwrap();
    let command = ["--config.file", text(&file), "record", "--output", text(&output)];
    let process = Process::start(&command);
    crate::support::wait::until("a request stalls", async || (vendor.server.requests().total >= 2).then_some(())).await;
    process.signal("INT");
    let ended = process.wait();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stdout.contains("incomplete: it was interrupted"), "{}", ended.stdout);
    assert_eq!(Recording::read(&output).unwrap().ended, Ended::Interrupted);
}
