//! Finds the programs that some tests need besides the Rust toolchain; `scripts/install-test-tools` installs them.

use std::collections::BTreeSet;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Output};

use super::process::started;

/// A test that runs one of these is `#[ignore = "needs <name>"]`: `cargo test` passes without them, and `scripts/test`
/// runs what it leaves out.
pub(crate) const TOOLS: [&str; 17] = [
    "amtool",
    "bash",
    "chromium",
    "dpkg-query",
    "gzip",
    "hadolint",
    "kubectl",
    "kubernetes-validate",
    "prlimit",
    "prometheus",
    "prometheus-alertmanager",
    "promtool",
    "python3",
    "sed",
    "systemd-analyze",
    "victoria-metrics",
    "vmalert",
];
/// Those of them that are packages of Python, in an environment of their own.
const OF_PYTHON: [&str; 3] = ["hadolint", "kubernetes-validate", "python3"];

/// A program of the list.
pub(crate) fn tool(name: &str) -> Command {
    assert!(TOOLS.contains(&name), "{name} is not in the list of tools");
    if OF_PYTHON.contains(&name) {
        return Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools/python/bin").join(name));
    }
    // Looked up here: a test may start it with a PATH of its own.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    Command::new(found.unwrap_or_else(|| panic!("{name} is not on PATH; scripts/install-test-tools installs it")))
}

/// Runs a program to its end with `input` on its standard input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    command.stdin(file);
    started(command, Command::output)
}

#[test]
fn every_ignored_test_needs_a_program_of_the_list() {
    let ignore = regex::Regex::new(r#"#\[ignore(?: = "needs ([\w-]+)")?"#).unwrap();
    let (mut folders, mut needed) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("support/tools.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                needed.extend(ignore.captures_iter(&text).map(|found| {
                    let name = found.get(1).unwrap_or_else(|| panic!("{}: says no program", path.display()));
                    name.as_str().to_owned()
                }));
            }
        }
    }
    let unknown: Vec<_> = needed.iter().filter(|name| !TOOLS.contains(&name.as_str())).collect();
    assert!(unknown.is_empty() && needed.len() > 8, "{unknown:?} are not in the list of {needed:?}");
}
