//! Runs the subcommands, and compares their output with golden files.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::exporter::config_file;
use crate::support::exposition::Exposition;
use crate::support::golden::assert_golden;
use crate::support::process::{Process, exporter, run, text};
use crate::support::vendor::Vendor;
use saasbackup_simulator::faults::{Fault, Injection};
use tempfile::TempDir;

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
    let mut page =
        "# Command line\n\nGenerated from `--help`; do not edit. Each subcommand also takes the options of\n\
                    `saasbackup-exporter`, which are not repeated.\n"
            .to_owned();
    for command in [""].iter().chain(&commands) {
        let title = format!("saasbackup-exporter {command}");
        let text = if command.is_empty() { program.clone() } else { without_options_of(&program, &help(command)) };
        page += &format!("\n## `{}`\n\n```text\n{text}```\n", title.trim_end());
    }
    assert_golden("docs/CLI.md", &page);
}

/// The help of a subcommand without the options that the help of the program has in the same words.
fn without_options_of(program: &str, help: &str) -> String {
    let Some((head, options)) = help.split_once("\nOptions:\n") else { return help.to_owned() };
    // Paragraphs of one option are indented deeper than its first line.
    let starts = |line: &str| line.trim_start().starts_with('-') && line.len() - line.trim_start().len() <= 6;
    let mut own: Vec<String> = Vec::new();
    for line in options.split_inclusive('\n') {
        match own.last_mut() {
            Some(option) if !starts(line) => option.push_str(line),
            _ => own.push(line.to_owned()),
        }
    }
    own.retain(|option| !program.contains(option.trim()));
    if own.is_empty() {
        return head.to_owned();
    }
    format!("{head}\nOptions:\n{}\n", own.concat().trim_end_matches('\n'))
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
    let ended = run(&["completions", "tcsh"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("bash, elvish, fish, powershell, zsh"), "{}", ended.stderr);
}

#[test]
fn the_manual_has_a_page_for_the_program_and_for_each_subcommand() {
    for (command, title) in [(None, ".TH saasbackup-exporter 1"), (Some("once"), ".TH saasbackup-exporter-once 1")] {
        let arguments: Vec<_> = ["man"].into_iter().chain(command).collect();
        let ended = run(&arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ended.stdout.contains(title) && ended.stdout.contains(".SH OPTIONS"), "{}", ended.stdout);
    }
    let ended = run(&["man", "no-such-command"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(
        ended.stderr.contains(
            "accepted: demo, once, doctor, record, replay, report, health, metrics, hash-password, completions, man"
        ),
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
    assert_golden("docs/METRICS.md", &ended.stdout);
}

#[test]
fn without_a_file_it_says_what_is_needed() {
    for arguments in [&[][..], &["once"], &["--config.check"]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains("--config.file=FILE is required"), "{arguments:?}: {}", ended.stderr);
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
    assert_eq!(ended.stdout, "configuration is valid (1 source)\n");

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
    // Progress is for terminals, and there is nothing to log.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_collection_of_seats_is_private_and_never_of_fewer_tenants() {
    let vendor = Vendor::start(2).await;
    let (folder, path) = file(&config_file(&vendor.server, ""));
    let printed = run(&["once", "--format=csv", "--config.file", text(&path)]);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    assert_eq!(printed.stdout.matches("\r\ndropsuite-test,dropsuite,").count(), 2, "{}", printed.stdout);
    let output = folder.path().join("seats.csv");
    let written = run(&["once", "--format=csv", "--config.file", text(&path), "--output", text(&output)]);
    assert_eq!((written.code, written.stdout.as_str(), written.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(std::fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read_to_string(&output).unwrap();

    vendor.server.inject(Injection::new(Fault::Unauthorized).on("/users"));
    let ended = run(&["once", "--format=csv", "--config.file", text(&path), "--output", text(&output)]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("nothing was written: the tenants of source \"dropsuite-test\""), "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), before);
}

#[test]
fn a_file_that_node_exporter_would_pass_over_is_refused() {
    for name in ["saasbackup.txt", "saasbackup.prom.tmp", ".prom", "prom", "folder.prom/"] {
        let ended = run(&["once", "--config.file", "no-such-file.yaml", "--output", name]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(ended.stderr.contains("a name that ends in .prom"), "{name}: {}", ended.stderr);
    }
    let ended = run(&["once", "--config.file", "no-such-file.yaml", "--format=csv", "--output=saasbackup.prom"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("a name that ends in .csv"), "{}", ended.stderr);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_stays_and_its_target_is_replaced() {
    let vendor = Vendor::start(1).await;
    let (folder, path) = file(&config_file(&vendor.server, ""));
    let (link, target) = (folder.path().join("link.prom"), folder.path().join("saasbackup.prom"));
    std::os::unix::fs::symlink("saasbackup.prom", &link).unwrap();
    for before in [None, Some("what stood here before\n")] {
        before.iter().for_each(|before| std::fs::write(&target, before).unwrap());
        let ended = run(&["once", "--config.file", text(&path), "--output", text(&link)]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        let scrape = Exposition::parse(&std::fs::read_to_string(&target).unwrap());
        assert_eq!(scrape.value("saasbackup_up", &[]), 1.0);
        assert_eq!(names_in(&folder), ["config.yaml", "link.prom", "saasbackup.prom"]);
    }
    std::fs::remove_file(&link).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(&link).unwrap();
    let ended = run(&["once", "--config.file", text(&path), "--output", text(&link)]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("is not a regular file"), "{}", ended.stderr);
    assert!(!std::fs::symlink_metadata(&link).unwrap().is_file());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_would_become_too_large_is_named_and_the_old_one_stays() {
    let vendor = Vendor::start(2).await;
    let (folder, path) = file(&config_file(&vendor.server, ""));
    let output = folder.path().join("saasbackup.prom");
    std::fs::write(&output, "what stood here before\n").unwrap();
    let past = folder.path().join("past");
    let program = env!("CARGO_BIN_EXE_saasbackup-exporter");
    for (arguments, left) in [
        (&["once", "--config.file", text(&path), "--output", text(&output)][..], "what stood here before\n"),
        (&["demo", "--tenants=1", "--backfill-days=1", "--backfill", text(&past)], ""),
    ] {
        // Of half a kilobyte each.
        let script = "ulimit -f 8; exec \"$@\"";
        let ended = Command::new("/bin/sh").args(["-c", script, "sh", program]).args(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {told}");
        let written = arguments.last().unwrap();
        assert!(told.contains(&format!("{written} failed: File too large")), "{told}");
        if !left.is_empty() {
            assert_eq!(std::fs::read_to_string(written).unwrap(), left);
        }
    }
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
async fn an_empty_fleet_is_complete() {
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
        let words = "--shard, --total-shards: shard 3 of 3 does not exist: shards are zero-based";
        assert!(ended.stderr.contains(words), "{command:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.contains("sources"), command != ["demo"], "with the file's problems: {}", ended.stderr);
    }
}

/// Good, but for what only the set-up of a source finds.
const DATTO: &str = "sources:\n  - { name: a, provider: datto, public_key: p, secret_key: s";

#[test]
fn what_the_check_accepts_starts_and_what_it_refuses_does_not() {
    let (folder, path) = file(&format!("{DATTO}, ca_file: ca.pem }}\n"));
    // PEM that holds something, and no certificate.
    std::fs::write(folder.path().join("ca.pem"), "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n")
        .unwrap();
    for arguments in [&["--config.check"][..], &[], &["once"]] {
        let ended = run(&[&["--config.file", text(&path)], arguments].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("source \"a\": "), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_check_is_answered_by_nothing_else() {
    let (_folder, path) = file(&format!("{DATTO} }}\n"));
    let config = format!("--config.file={}", text(&path));
    for (arguments, code) in [
        (&["--config.check", &config][..], 0),
        (&["--config.check", &config, "once"], 0),
        (&["--config.check", &config, "doctor"], 0),
        (&["--config.check", "demo"], 0),
        (&["--config.check", "demo", "--web.config.file=no-such-file.yaml"], 2),
        (&["--config.check", "metrics"], 2),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout.starts_with("configuration is valid"), code == 0, "{arguments:?}: {}", ended.stdout);
    }
}

#[test]
fn a_variable_that_is_set_to_nothing_is_unset() {
    let (_folder, path) = file(&format!("{DATTO} }}\n"));
    let help = run(&["--help"]).stdout;
    let names = regex::Regex::new(r"\[env: (\w+)\]").unwrap();
    let names: Vec<_> = names.captures_iter(&help).map(|found| found[1].to_owned()).collect();
    assert!(names.len() >= 12, "{names:?}");
    let mut command = exporter(&["--config.check", "--config.file", text(&path)]);
    let output = command.envs(names.iter().map(|name| (name, ""))).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for arguments in [&["metrics"][..], &["completions", "bash"], &["man"]] {
        let mut child = exporter(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[test]
fn a_device_in_the_place_of_a_file_is_refused() {
    let (folder, path) = file(&format!("{DATTO} }}\n"));
    let large = folder.path().join("large.yaml");
    std::fs::File::create(&large).unwrap().set_len((16 << 20) + 1).unwrap();
    let with = |more: &str| {
        let other = folder.path().join("other.yaml");
        std::fs::write(&other, format!("{DATTO}, {more} }}\n")).unwrap();
        run(&["--config.check", "--config.file", text(&other)])
    };
    for (ended, words) in [
        (run(&["--config.check", "--config.file=/dev/zero"]), "cannot read /dev/zero: not a regular file"),
        (run(&["--config.check", "--config.file", text(&large)]), "is larger than 16 MiB"),
        (
            run(&["--config.check", "--config.file", text(&path), "--web.config.file=/dev/zero"]),
            "cannot read /dev/zero: not a regular file",
        ),
        (with("ca_file: /dev/zero"), "sources[0].ca_file: cannot read /dev/zero: not a regular file"),
        (with("client_cert_file: /dev/zero, client_key_file: /dev/zero"), "client_key_file: cannot read /dev/zero"),
    ] {
        assert_eq!(ended.code, Some(2), "{words}");
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
}

/// Opening it would wait for a writer for ever.
#[test]
fn a_pipe_in_the_place_of_a_file_hangs_nothing() {
    let (folder, good) = file(&format!("{DATTO} }}\n"));
    let (pipe, other) = (folder.path().join("pipe"), folder.path().join("other.yaml"));
    assert!(Command::new("/usr/bin/mkfifo").arg(&pipe).status().unwrap().success());
    let (pipe, other) = (text(&pipe), text(&other));
    let secret = DATTO.replace("secret_key: s", &format!("secret_key_file: {pipe}"));
    for (config, problem) in [
        (secret, "secret_key_file: cannot read"),
        (format!("{DATTO}, ca_file: {pipe}"), "ca_file: cannot read"),
        (format!("expected: {{ file: {pipe} }}\n{DATTO}"), "expected.file: cannot read"),
        (format!("restore_tests: {{ file: {pipe} }}\n{DATTO}"), "restore_tests.file: cannot read"),
    ] {
        std::fs::write(other, format!("{config} }}\n")).unwrap();
        let ended = run(&["--config.file", other, "--config.check"]);
        assert!(ended.stderr.contains(problem) && ended.stderr.contains("not a regular file"), "{}", ended.stderr);
    }
    for arguments in [
        &["--config.file", pipe][..],
        &["--config.file", pipe, "--config.check"],
        &["--config.file", pipe, "doctor"],
        &["--config.file", pipe, "once"],
        &["--config.file", text(&good), "--web.config.file", pipe],
        &["--web.config.file", pipe, "demo", "--backfill", other],
        &["replay", pipe],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("not a regular file"), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn once_needs_no_web_configuration() {
    let (_folder, path) = file(&format!("{DATTO}, base_url: \"http://127.0.0.1:9\" }}\n"));
    let ended = run(&["once", "--config.file", text(&path), "--web.config.file=no-such-file.yaml"]);
    assert_eq!(ended.code, Some(1), "the vendor cannot be reached: {}", ended.stderr);
    assert!(ended.stdout.contains("saasbackup_up"), "{}", ended.stdout);
}

#[test]
fn any_number_of_scrapes_may_be_allowed() {
    for number in ["0", "18446744073709551615"] {
        let flag = format!("--web.max-requests={number}");
        let mut process = Process::start(&["demo", "--tenants=1", "--web.listen-address=127.0.0.1:0", &flag]);
        process.address();
        process.signal("TERM");
        assert_eq!(process.wait().code, Some(0), "{number}");
    }
}

#[test]
fn the_password_of_a_url_is_not_shown() {
    let url = "https://user:canary@monitoring.example/";
    let variable = ("SAASBACKUP_EXPORTER_WEB_EXTERNAL_URL", url);
    for (arguments, environment) in [
        (vec![format!("--web.external-url={url}")], None),
        (vec!["health".to_owned(), format!("--url={url}")], None),
        (vec!["--config.check".to_owned()], Some(variable)),
        (vec!["--help".to_owned()], Some(variable)),
    ] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = exporter(&arguments).envs(environment).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(!told.is_empty() && !told.contains("canary"), "{arguments:?}: {told}");
    }
}

#[test]
fn what_may_be_a_secret_on_the_command_line_is_not_shown() {
    for secret in ["canaryABCDEFGHIJKLMNOPQRSTUVWXYZ", "7d4e2c1a-90b3-4f0e-8a51-canary0c9d3f", "user:canary@host"] {
        for variable in ["LOG_LEVEL", "LOG_FORMAT", "SHARD", "TOTAL_SHARDS", "WEB_MAX_REQUESTS", "WEB_LISTEN_ADDRESS"] {
            let environment = [(format!("SAASBACKUP_EXPORTER_{variable}"), secret)];
            let told = exporter(&["--config.check"]).envs(environment).output().unwrap().stderr;
            let told = String::from_utf8_lossy(&told);
            assert!(told.contains("'...'") && !told.contains("canary"), "{variable}: {told}");
        }
        let flags = ["--log.level=", "--no-such-flag=", "--", ""].map(|before| format!("{before}{secret}"));
        for argument in flags.iter().map(String::as_str) {
            let ended = run(&[argument]);
            assert_eq!(ended.code, Some(2));
            assert!(!ended.stderr.is_empty() && !ended.stderr.contains("canary"), "{argument}: {}", ended.stderr);
        }
    }
    let ended = run(&["--log.level=verbose"]);
    assert!(ended.stderr.contains("'verbose'"), "what is no secret helps: {}", ended.stderr);
}

#[test]
fn the_password_of_the_environments_proxy_is_not_shown() {
    let (_folder, path) = file(&format!("{DATTO}, base_url: \"https://vendor.example\" }}\n"));
    for command in ["once", "doctor"] {
        let mut process = exporter(&["--log.level=trace", "--config.file", text(&path), command]);
        let output = process.env("HTTPS_PROXY", "http://user:canary@127.0.0.1:9").output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert_eq!(output.status.code(), Some(1), "the proxy cannot be reached: {told}");
        assert!(!told.contains("canary"), "{command}: {told}");
    }
}
