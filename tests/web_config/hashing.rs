//! Tests the hashes of the binary with other programs.

use std::process::Command;

use super::bench::{Bench, repository};
use crate::support::generation::Generation;
use crate::support::process::text;
use crate::support::tools::run;

fn hash_password(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"));
    let ended = run(command.arg("hash-password").args(arguments), input.as_bytes());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_was_made_lets_its_user_in() {
    let (code, line, log) = hash_password(&["--user", "ada", "--cost", "4"], "canary pässword\n");
    assert_eq!((code, log.as_str()), (Some(0), ""));
    let bench = Bench::start(&format!("basic_auth_users:\n  {line}"));
    assert_eq!(bench.status_for("ada", "canary pässword").await, 200);
    assert_eq!(bench.status_for("ada", "canary password").await, 401);
}

#[test]
fn what_cannot_be_a_password_is_refused_without_a_word_of_it() {
    for input in ["", "\n", "canary\u{7}\n", &"canary".repeat(20)] {
        let (code, line, log) = hash_password(&["--cost", "4"], input);
        assert_eq!((code, line.as_str()), (Some(1), ""), "{input:?}");
        assert!(log.contains("password") && !log.contains("canary"), "{log}");
    }
    let (code, line, _) = hash_password(&["canary"], "canary\n");
    assert_eq!((code, line.as_str()), (Some(2), ""), "a password is no argument");
}

#[test]
fn equal_passwords_have_different_hashes() {
    let [first, second] = [(); 2].map(|()| hash_password(&["--cost", "4"], "canary\n").1);
    assert!(first.starts_with("$2y$04$") && first != second, "{first} {second}");
}

/// The example of the documentation, beside certificates that it names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs promtool"]
async fn the_example_is_good_to_prometheus_and_to_the_exporter() {
    let bench = Bench::start("");
    let issued = bench.authority.issue(&["127.0.0.1"]);
    bench.replace("server.crt", &issued.certificate);
    bench.replace("server.key", &issued.key);
    let example = std::fs::read_to_string(repository("docs/web-config.example.yaml")).unwrap();
    bench.replace("example.yaml", &example);
    let path = bench.path("example.yaml");
    let known = bench.path("known.yaml");
    std::fs::write(&known, without_what_is_new(&example)).unwrap();
    for generation in Generation::ALL {
        let judged = generation.tool("promtool").args(["check", "web-config", text(&known)]).output().unwrap();
        let judged = String::from_utf8_lossy(&[judged.stdout, judged.stderr].concat()).into_owned();
        assert!(judged.contains("SUCCESS"), "{generation:?}: {judged}");
    }
    let config = saasbackup_exporter::config::web::WebConfig::load(&path).unwrap();
    assert!(config.tls.is_some() && !config.users.is_empty() && config.rate_limit.is_some());
    assert_eq!(config.headers.len(), 5);
    assert!(!format!("{config:?}").contains("$2y$"), "debug output shows no hash");
    assert!(bcrypt::verify("example", example.split("prometheus: ").nth(1).unwrap().lines().next().unwrap()).unwrap());
}

/// The example without the two keys that packaged versions of promtool may be too old for.
fn without_what_is_new(example: &str) -> String {
    let (known, rate_limit) = example.split_once("# At most 20 requests").unwrap();
    assert!(rate_limit.contains("rate_limit:") && !rate_limit.contains("basic_auth_users:"), "it stands last");
    let lines = known.lines().filter(|line| !line.trim_start().starts_with("client_allowed_sans:"));
    lines.map(|line| format!("{line}\n")).collect()
}
