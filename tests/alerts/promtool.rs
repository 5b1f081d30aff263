//! Checks the rule files and runs their unit tests with promtool.

use std::path::Path;
use std::thread;

use super::files::{files, rule_files};
use crate::support::generation::Generation;
use crate::support::tools::run;

/// Runs promtool; fails with all that it wrote.
pub(crate) fn promtool(generation: Generation, arguments: &[&str], paths: &[&Path]) -> Result<(), String> {
    // Unit tests leave much garbage of short life: collecting it rarely takes a fifth less time.
    let output = run(generation.tool("promtool").env("GOGC", "400").args(arguments).args(paths), b"");
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{generation:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

#[test]
#[ignore = "needs promtool"]
fn the_rules_are_good() {
    let files = rule_files();
    let paths: Vec<_> = files.iter().map(AsRef::as_ref).collect();
    for generation in Generation::ALL {
        promtool(generation, &["check", "rules"], &paths).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[test]
#[ignore = "needs promtool"]
fn the_alerts_fire_and_end_as_their_tests_say() {
    let files = files("alerts/tests", ".test.yml");
    let problems: Vec<_> = thread::scope(|scope| {
        // The files do not share anything, and some simulate days.
        let both = files.iter().flat_map(|path| Generation::ALL.map(|generation| (generation, path)));
        let running: Vec<_> = both
            .map(|(generation, path)| scope.spawn(move || promtool(generation, &["test", "rules"], &[path.as_ref()])))
            .collect();
        running.into_iter().filter_map(|thread| thread.join().unwrap().err()).collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
