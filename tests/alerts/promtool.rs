//! Has promtool judge the rule files and run their unit tests.

use std::path::Path;
use std::thread;

use super::files::{files, rule_files};
use crate::support::tools::{run, tool};

/// Runs promtool; fails with all that it wrote.
pub(crate) fn promtool(arguments: &[&str], paths: &[&Path]) -> Result<(), String> {
    let output = run(tool("promtool").args(arguments).args(paths), b"");
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
#[ignore = "needs promtool"]
fn the_rules_are_good() {
    let files = rule_files();
    let paths: Vec<_> = files.iter().map(AsRef::as_ref).collect();
    promtool(&["check", "rules"], &paths).unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
#[ignore = "needs promtool"]
fn the_alerts_fire_and_end_as_their_tests_say() {
    let files = files("alerts/tests", ".test.yml");
    let problems: Vec<_> = thread::scope(|scope| {
        // The files do not share anything, and some simulate days.
        let running: Vec<_> =
            files.iter().map(|path| scope.spawn(|| promtool(&["test", "rules"], &[path.as_ref()]))).collect();
        running.into_iter().filter_map(|thread| thread.join().unwrap().err()).collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
