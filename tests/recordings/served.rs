//! `replay --serve` as a user runs it: until Ctrl-C it serves the metrics of a recording.

use clap::Parser as _;
use saasbackup_exporter::cli::{Cli, Command};
use saasbackup_exporter::recording::Recording;

use crate::alerts::files::repository;
use crate::support::exposition::Exposition;
use crate::support::http;
use crate::support::process::{Process, run, text};
use crate::support::wait::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_served_until_a_signal() {
    let file = repository().join("tests/recordings/datto.json");
    let conclusion = std::fs::read_to_string(file.with_extension("txt")).unwrap();
    let mut process = Process::start(&["replay", text(&file), "--serve", "--web.listen-address=127.0.0.1:0"]);
    let address = process.address();
    assert_eq!(process.stdout(), conclusion);
    let http = http::client();
    let scrape = async || {
        let reply = http.get(format!("http://{address}/metrics")).send().await.unwrap();
        Exposition::parse(&reply.text().await.unwrap())
    };
    // Every tenant and workload is as in the conclusion.
    let states: Vec<_> = conclusion.split("\ntenant ").skip(1).flat_map(states).collect();
    assert!(states.len() > 10, "{states:?}");
    eventually(async || {
        let scrape = scrape().await;
        let is_other = |(tenant, workload, state): &&(&str, &str, &str)| {
            let labels = [("tenant_id", *tenant), ("workload", *workload), ("state", *state)];
            scrape.get("saasbackup_workload_state", &labels) != Some(1.0)
        };
        states.iter().find(is_other).map_or(Ok(()), |state| Err(format!("{state:?}")))
    })
    .await;
    process.signal("INT");
    let ended = process.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("level=warn") || conclusion.contains("forbidden"), "{}", ended.stderr);
}

/// The tenant, workload and state of each workload.
fn states(tenant: &str) -> Vec<(&str, &str, &str)> {
    let (id, rest) = tenant.split_once(',').unwrap();
    let workloads = rest.split("\n\n").next().unwrap().lines().skip(1);
    let states = workloads.filter_map(|line| {
        let (workload, state) = line.trim().split_once(' ')?;
        let state = state.trim().split([':', ' ']).next()?;
        let is_workload = !["seats", "coverage", "lifecycle"].contains(&workload);
        is_workload.then_some((id, workload, state))
    });
    states.collect()
}

#[test]
fn what_is_no_recording_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.json");
    for (content, words) in [
        (Some("{}"), "recording.json: is not a recording: missing field `version`"),
        (None, "recording.json: No such file or directory"),
    ] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
            assert!(Recording::read(&file).is_err());
        }
        let path = if content.is_some() { file.clone() } else { folder.path().join("other-recording.json") };
        let ended = run(&["replay", text(&path)]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}

#[test]
fn the_issue_template_asks_for_a_recording_by_a_command_that_there_is() {
    let template = std::fs::read_to_string(repository().join(".github/ISSUE_TEMPLATE/recording.md")).unwrap();
    let commands = template.split('`').filter(|code| code.starts_with("saasbackup-exporter --config.file"));
    let commands: Vec<_> = commands.map(|command| Cli::try_parse_from(command.split_whitespace()).unwrap()).collect();
    assert!(matches!(commands[..], [Cli { command: Some(Command::Record(_)), .. }]), "{commands:?}");
    assert!(template.contains("docs/RECORDINGS.md") && template.contains("review it before you attach it"));
}
