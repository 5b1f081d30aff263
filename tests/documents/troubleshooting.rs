//! Checks each message on the troubleshooting page against the program: in golden files, or by causing it.

use std::process::Command;

use regex::Regex;

use super::markdown::page;
use crate::alerts::files::files;
use crate::support::demo::{Exporter, client};
use crate::support::process::Process;

/// Stands for what differs.
const ANYTHING: char = '…';

/// The quoted texts: what stands in the first column of the tables.
fn quoted() -> Vec<String> {
    let row = Regex::new(r"(?m)^\| `([^`]+)`(?: at `seats`)? \|").unwrap();
    let page = page("docs/TROUBLESHOOTING.md").text;
    let quoted: Vec<_> = row.captures_iter(&page).map(|found| found[1].to_owned()).collect();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Message")).count();
    assert_eq!(quoted.len(), rows, "every row quotes an error");
    quoted
}

/// What the program says in the golden files, which other tests hold to it.
fn golden() -> String {
    let folders = [("tests/testdata/config/bad", ".txt"), ("tests/testdata/doctor", ".txt")];
    folders
        .iter()
        .flat_map(|(folder, ending)| files(folder, ending))
        .map(|path| crate::alerts::files::read(&path))
        .collect()
}

/// What the program prints when it is started like this, in a folder with these files.
fn told(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"));
    let output = command.args(arguments).current_dir(folder.path()).env_clear().output().unwrap();
    assert!(!output.status.success(), "{arguments:?} is no mistake");
    String::from_utf8(output.stderr).unwrap()
}

/// A configuration that is good, of a vendor that does not answer.
fn unreachable(more: &str) -> String {
    format!(
        "sources:\n  - {{ name: us, provider: dropsuite, base_url: \"http://127.0.0.1:1\", reseller_token: a, access_token: b }}\n{more}"
    )
}

/// Mistakes that no golden file shows.
async fn mistakes() -> String {
    let good = unreachable("");
    let config: (&str, &str) = ("config.yaml", &good);
    let mut said = vec![
        told(&[], &[]),
        told(&[], &["--config.file=none.yaml"]),
        told(&[config], &["--config.file=config.yaml", "--web.systemd-socket"]),
        told(&[config], &["--config.file=config.yaml", "--shard=3", "--total-shards=3"]),
        told(&[config], &["--config.file=config.yaml", "once"]),
        told(
            &[config, ("web.yaml", "tls_server_config: { min_version: TLS12 }")],
            &["--config.file=config.yaml", "--web.config.file=web.yaml"],
        ),
        told(
            &[("config.yaml", &good.replace("access_token: b", "access_token_file: token")), ("token", "two words")],
            &["--config.file=config.yaml"],
        ),
    ];
    let exporter = Exporter::demo().await;
    said.push(told(&[], &["demo", &format!("--web.listen-address={}", exporter.address)]));
    for query in ["metrics?tenant=Nobody", "metrics?source=no", "metrics?collect=no", "metrics?tenat=no"] {
        said.push(
            client().get(format!("http://{}/{query}", exporter.address)).send().await.unwrap().text().await.unwrap(),
        );
    }
    let reload = client().post(format!("http://{}/-/reload", exporter.address)).send().await.unwrap();
    said.push(reload.text().await.unwrap());
    said.push(without_a_place_for_its_state());
    said.push(with_a_state_file_of_another_format());
    said.push(refusing_tenants().await);
    said.concat()
}

fn without_a_place_for_its_state() -> String {
    serving_with_state("no-such-folder/state", "")
}

fn with_a_state_file_of_another_format() -> String {
    serving_with_state("state", "saasbackup-exporter-state format=0001 bytes=1 crc32=0\n")
}

/// What the exporter logs up to the moment it listens.
fn serving_with_state(path: &str, state: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    if !state.is_empty() {
        std::fs::write(folder.path().join(path), state).unwrap();
    }
    let config = folder.path().join("config.yaml");
    std::fs::write(&config, unreachable(&format!("state: {{ path: {path} }}\n"))).unwrap();
    let file = format!("--config.file={}", config.display());
    let mut process = Process::start(&[&file, "--web.listen-address=127.0.0.1:0"]);
    process.until("it was listening", |process| process.stderr().contains("message=listening").then_some(()));
    process.stderr()
}

async fn refusing_tenants() -> String {
    let vendor = crate::support::vendor::Vendor::start(3).await;
    let config = crate::support::exporter::config_file(&vendor.server, "    series_limit: 400\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, config).unwrap();
    let file = format!("--config.file={}", path.display());
    let ended = tokio::task::spawn_blocking(move || crate::support::process::run(&["once", &file])).await.unwrap();
    ended.stderr
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_error_that_is_quoted_is_one_that_the_program_says() {
    let said = golden() + &mistakes().await.replace("\\\"", "\"");
    let mut missing = Vec::new();
    let quoted = quoted();
    for text in &quoted {
        let parts: Vec<_> = text.split(ANYTHING).map(regex::escape).collect();
        if !Regex::new(&parts.join(".*")).unwrap().is_match(&said) {
            missing.push(text.as_str());
        }
    }
    assert!(missing.is_empty(), "no message says\n{}\namong\n{said}", missing.join("\n"));
    assert!(quoted.len() > 30, "{}", quoted.len());
}
