//! Runs the commands that operators type, and holds what they print to golden files.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use saasbackup_simulator::faults::{Fault, Injection};
use support::exporter::config_file;
use support::exposition::Exposition;
use support::process::{run, text};
use support::vendor::Vendor;
use tempfile::TempDir;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with the file, which the variable `update` makes this rewrite.
fn is_as_in(path: &Path, found: &str, update: &str) {
    if std::env::var_os(update).is_some() {
        std::fs::write(path, found).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == golden,
        "{} differs; if that is meant, run the test with {update}=1 and review the change. Found:\n{found}",
        path.display()
    );
}

#[test]
fn the_help_is_as_it_was() {
    let folder = repository().join("tests/testdata/cli");
    let commands = [
        ("help", None),
        ("help-demo", Some("demo")),
        ("help-once", Some("once")),
        ("help-doctor", Some("doctor")),
        ("help-health", Some("health")),
        ("help-metrics", Some("metrics")),
        ("help-hash-password", Some("hash-password")),
        ("help-completions", Some("completions")),
        ("help-man", Some("man")),
    ];
    for (name, command) in commands {
        let arguments: Vec<_> = command.into_iter().chain(["--help"]).collect();
        let ended = run(&arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        is_as_in(&folder.join(name).with_extension("txt"), &ended.stdout, "UPDATE_GOLDEN");
    }
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files = files.filter(|name| name.starts_with("help")).count();
    assert_eq!(files, commands.len(), "no golden file is left over");
}

/// The help of every command on one page, for those who read before they install.
#[test]
fn the_reference_of_the_command_line_is_up_to_date() {
    let help = |command: &str| run(&[command, "--help"][usize::from(command.is_empty())..]).stdout;
    let program = help("");
    let commands: Vec<_> = program
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 6 && commands.contains(&"demo"), "{commands:?}");
    let mut page = "# Command line\n\nGenerated from `--help`; do not edit.\n".to_owned();
    for command in [""].iter().chain(&commands) {
        let title = format!("saasbackup-exporter {command}");
        page += &format!("\n## `{}`\n\n```text\n{}```\n", title.trim_end(), help(command));
    }
    is_as_in(&repository().join("docs/CLI.md"), &page, "UPDATE_DOCS");
}

#[test]
fn every_shell_is_helped_to_complete() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = run(&["completions", shell]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["saasbackup-exporter", "config.file", "doctor", "once"] {
            assert!(ended.stdout.contains(word), "{shell}: {word}");
        }
    }
    let folder = repository().join("tests/testdata/cli");
    is_as_in(&folder.join("completions.fish"), &run(&["completions", "fish"]).stdout, "UPDATE_GOLDEN");
    let ended = run(&["completions", "tcsh"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("bash, elvish, fish, powershell, zsh"), "{}", ended.stderr);
}

#[test]
fn the_manual_has_a_page_for_the_program_and_for_each_subcommand() {
    let folder = repository().join("tests/testdata/cli");
    for (file, command) in [("saasbackup-exporter.1", None), ("saasbackup-exporter-once.1", Some("once"))] {
        let arguments: Vec<_> = ["man"].into_iter().chain(command).collect();
        let ended = run(&arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        is_as_in(&folder.join(file), &ended.stdout, "UPDATE_GOLDEN");
    }
    let ended = run(&["man", "no-such-command"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(
        ended.stderr.contains("accepted: demo, once, doctor, health, metrics, hash-password, completions, man"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_version_is_the_packages() {
    let ended = run(&["--version"]);
    let expected = concat!("saasbackup-exporter ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), expected));
}

#[test]
fn the_reference_of_the_metrics_is_up_to_date() {
    let ended = run(&["metrics"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    is_as_in(&repository().join("docs/METRICS.md"), &ended.stdout, "UPDATE_DOCS");
}

#[test]
fn without_a_file_it_says_what_is_needed() {
    for arguments in [&[][..], &["once"], &["--config.check"]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains("--config.file=FILE is needed"), "{arguments:?}: {}", ended.stderr);
    }
    let ended = run(&["--config.file=no-such-file.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("cannot read no-such-file.yaml"), "{}", ended.stderr);
    let ended = run(&["--no-such-flag"]);
    assert_eq!(ended.code, Some(2), "bad usage: {}", ended.stderr);
}

#[test]
fn a_configuration_is_checked_without_being_used() {
    let (folder, path) = file(
        "sources:\n  - { name: us, provider: dropsuite, base_url: dropsuite.us, reseller_token: canary-1, access_token: canary-2 }\n",
    );
    let ended = run(&["--config.check", "--config.file", text(&path)]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, "the configuration is good: 1 sources\n");

    let bad = folder.path().join("bad.yaml");
    std::fs::write(
        &bad,
        "collection: { interval: 5 parsecs }\nsources:\n  - { name: us, provider: dropsuite, reseller_token: canary-1, acces_token: canary-2 }\n",
    )
    .unwrap();
    for arguments in [&["--config.check", "--config.file", text(&bad)][..], &["--config.file", text(&bad)]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        for words in ["collection.interval", "sources[0].acces_token", "sources[0].base_url"] {
            assert!(ended.stderr.contains(words), "every problem at once, {words} too: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    }
}

fn file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_collection_is_printed_without_a_word_beside_it() {
    let vendor = Vendor::start(3).await;
    let (_folder, path) = file(&config_file(&vendor.server, ""));
    let ended = run(&["--config.file", text(&path), "once"]);
    // Progress is for terminals, and the log has nothing to tell.
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let scrape = Exposition::parse(&ended.stdout);
    assert_eq!(scrape.value("saasbackup_exporter_tenants", &[("state", "collected")]), 3.0);
    for organization in vendor.server.organizations() {
        assert_eq!(scrape.workload_state(&organization.login_id, "mail"), "ok");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_collection_replaces_a_file_in_one_step() {
    let vendor = Vendor::start(2).await;
    let (folder, path) = file(&config_file(&vendor.server, ""));
    let output = folder.path().join("saasbackup.prom");
    std::fs::write(&output, "what stood here before\n").unwrap();
    std::fs::set_permissions(&output, PermissionsExt::from_mode(0o600)).unwrap();
    let ended = run(&["once", "--config.file", text(&path), "--output", text(&output)]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
    let scrape = Exposition::parse(&std::fs::read_to_string(&output).unwrap());
    assert_eq!(scrape.value("saasbackup_up", &[]), 1.0);
    let mode = std::fs::metadata(&output).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "another user's process reads it");
    assert_eq!(names_in(&folder), ["config.yaml", "saasbackup.prom"], "nothing is left behind");

    // The rest is written even so, for what is known is worth more than nothing.
    vendor.server.inject(Injection::new(Fault::Unauthorized).on("/users"));
    let ended = run(&["once", "--config.file", text(&path), "--output", text(&output)]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("401"), "{}", ended.stderr);
    let scrape = Exposition::parse(&std::fs::read_to_string(&output).unwrap());
    assert_eq!(scrape.value("saasbackup_up", &[]), 0.0);
    assert_eq!(scrape.all("saasbackup_workload_state", &[]), []);
    assert_eq!(names_in(&folder), ["config.yaml", "saasbackup.prom"]);
}

fn names_in(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_that_node_exporter_would_pass_over_is_refused() {
    for name in ["saasbackup.txt", "saasbackup.prom.tmp", ".prom", "prom", "folder.prom/"] {
        let ended = run(&["once", "--config.file", "no-such-file.yaml", "--output", name]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(ended.stderr.contains("a name that ends in .prom"), "{name}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_can_be_read_by_others_under_any_umask_and_says_nothing_of_the_process() {
    let vendor = Vendor::start(1).await;
    let (folder, path) = file(&config_file(&vendor.server, ""));
    let output = folder.path().join("saasbackup.prom");
    let script = "umask 077; exec \"$0\" once --config.file \"$1\" --output \"$2\"";
    let program = env!("CARGO_BIN_EXE_saasbackup-exporter");
    let ended = Command::new("/bin/sh").args(["-c", script, program, text(&path), text(&output)]).status().unwrap();
    assert!(ended.success());
    assert_eq!(std::fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o644);
    let scrape = Exposition::parse(&std::fs::read_to_string(&output).unwrap());
    assert!(scrape.kinds.keys().all(|name| name.starts_with("saasbackup_")), "{:?}", scrape.kinds);
    assert!(scrape.kinds.contains_key("saasbackup_exporter_api_requests_total"));
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let (_folder, path) = file(
        "sources:\n  - { name: us, provider: dropsuite, base_url: \"http://127.0.0.1:9\", reseller_token: canary-1, access_token: canary-2 }\n",
    );
    let ended = run(&["once", "--config.file", text(&path), "--output", "/no-such-folder/saasbackup.prom"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("writing /no-such-folder/saasbackup.prom"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_of_nobody_is_complete() {
    let vendor = Vendor::start(0).await;
    let (_folder, path) = file(&config_file(&vendor.server, ""));
    let ended = run(&["once", "--config.file", text(&path)]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let scrape = Exposition::parse(&ended.stdout);
    assert_eq!((scrape.value("saasbackup_up", &[]), scrape.value("saasbackup_listing_complete", &[])), (1.0, 1.0));
    assert_eq!(scrape.sum("saasbackup_exporter_tenants", &[]), 0.0);
}

#[test]
fn a_shard_that_cannot_be_is_bad_usage_and_both_numbers_are_named() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("config.yaml");
    std::fs::write(&config, "sources: []\n").unwrap();
    for command in [&["once"][..], &["demo"], &["--config.check"], &[]] {
        let config_file = format!("--config.file={}", text(&config));
        let flags = ["--shard=3", "--total-shards=3", &config_file];
        let ended = run(&[command, &flags[..]].concat());
        assert_eq!(ended.code, Some(2), "{command:?}: {}", ended.stderr);
        let words = "--shard, --total-shards: there is no shard 3 of 3: shards are counted from 0";
        assert!(ended.stderr.contains(words), "{command:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.contains("sources"), command != ["demo"], "with the file's problems: {}", ended.stderr);
    }
}
