//! Runs or parses every block of every page.

use std::collections::BTreeMap;

use super::commands::{is_good, run};
use super::configuration;
use super::markdown::{Block, Page, pages};
use super::shell::{Invocation, invocations};
use super::stage::Stage;
use crate::alerts::files::{repository, vocabulary};

/// Runs or parses the block; an error says what is wrong with it.
async fn tried(page: &Page, block: &Block, stage: &Stage) -> Result<(), String> {
    match block.language.as_str() {
        "sh" => {
            let invocations = invocations(&block.text)?;
            if invocations.iter().all(is_plain) {
                return stage.shell(&block.text).map(drop);
            }
            invocations.iter().try_for_each(|invocation| run(invocation, page, stage))
        }
        "console" => says(&block.text, stage),
        "yaml" => configuration::tried(&block.text, stage),
        "promql" => answered(&block.text, stage).await,
        "csv" if page.path == "docs/RESTORE-TESTS.md" => configuration::restore_tests(&block.text, stage),
        "csv" => configuration::sold(&block.text, "excerpt-of-sold.csv", stage),
        "text" if page.path == "docs/EXPECTED.md" => refuses_a_misspelt_workload(&block.text, stage),
        "text" => is_current(page, &block.text),
        _ => Err("no test runs this block: its language is none of sh, console, yaml, csv, promql and text".to_owned()),
    }
}

/// Whether it is a tool of every system that changes nothing.
fn is_plain(invocation: &Invocation) -> bool {
    ["grep", "sed", "sha256sum", "sort", "tail"].contains(&invocation[0].as_str())
}

/// Runs what stands after each `$ `, and compares what follows with what it prints.
fn says(text: &str, stage: &Stage) -> Result<(), String> {
    for session in text.split("$ ").skip(1) {
        let (command, expected) = session.split_once('\n').unwrap_or((session, ""));
        let found = stage.shell(command)?;
        if found != expected {
            return Err(format!("{command} prints\n{found}"));
        }
    }
    if text.starts_with("$ ") { Ok(()) } else { Err("a console begins with \"$ \"".to_owned()) }
}

/// Asks a Prometheus that scraped the demo for each expression; blank lines stand between them.
async fn answered(text: &str, stage: &Stage) -> Result<(), String> {
    let vocabulary = vocabulary();
    for expression in text.trim_end().split("\n\n") {
        vocabulary.check(expression).map_err(|problems| problems.join(", "))?;
        for prometheus in &stage.prometheus {
            prometheus.query(expression).await;
        }
    }
    Ok(())
}

/// Text is what another test writes or compares, or a drawing of the modules.
fn is_current(page: &Page, text: &str) -> Result<(), String> {
    match page.path.as_str() {
        // Compared to the letter by tests/cli.rs.
        "docs/CLI.md" => Ok(()),
        // Figures that scripts/bench measured and wrote there.
        "benches/README.md" if page.text.contains(&format!(" -->\n```text\n{text}```\n<!-- end of ")) => Ok(()),
        "ARCHITECTURE.md" => modules_exist(text),
        _ => Err("no test checks this text".to_owned()),
    }
}

/// The table of the page with two more lines, of which the seventh is wrong, is refused in these words.
fn refuses_a_misspelt_workload(words: &str, stage: &Stage) -> Result<(), String> {
    let path = stage.workshop.folder.path().join("sold.csv");
    let good = std::fs::read_to_string(path).unwrap();
    let told = configuration::sold(&format!("{good}datto,7,,mail,\ndatto,8,,maill,\n"), "sold.csv", stage);
    stage.workshop.write("sold.csv", &good);
    match told {
        Err(problem) if problem.contains(words.trim_end()) => Ok(()),
        other => Err(format!("it says {other:?}")),
    }
}

/// Words in the drawing of the architecture that are no modules, and that are no paths to something in one.
const NOT_MODULES: [&str; 9] = ["file", "env", "vendor", "wire", "convert", "sockets", "only", "tests", "with_plans"];

fn modules_exist(drawing: &str) -> Result<(), String> {
    let mut found = 0;
    let paths = drawing.split(|character: char| !character.is_alphanumeric() && !"_:.".contains(character));
    for name in paths.filter_map(|path| path.split([':', '.']).next()).filter(|name| !name.is_empty()) {
        if NOT_MODULES.contains(&name) || name.starts_with(char::is_uppercase) {
            continue;
        }
        let rooms = ["", "provider/", "process/", "commands/", "config/", "domain/", "server/"];
        let mut places = rooms.map(|room| format!("src/{room}{name}.rs")).to_vec();
        places.push(format!("{name}/src/lib.rs"));
        if !places.iter().any(|place| repository().join(place).exists()) {
            return Err(format!("there is no module {name}"));
        }
        found += 1;
    }
    if found > 10 { Ok(()) } else { Err(format!("only {found} modules were found")) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn every_block_is_run_or_parsed() {
    let stage = Stage::set().await;
    let mut problems = Vec::new();
    let mut blocks: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages() {
        for block in &page.blocks {
            if let Err(problem) = tried(&page, block, &stage).await {
                problems.push(format!("{}: {problem}", page.at(block.line)));
            }
            *blocks.entry(block.language.clone()).or_default() += 1;
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(blocks["sh"] >= 8 && blocks["promql"] >= 60 && blocks["yaml"] >= 6, "{blocks:?}");
}

/// Commands within a sentence hold placeholders at times: they are not run, but have to be possible.
#[test]
#[ignore = "needs kubectl"]
fn every_command_in_a_sentence_is_possible() {
    let mut problems = Vec::new();
    let mut commands = 0;
    for page in pages() {
        for (line, code) in page.code.iter().filter(|(_, code)| super::commands::is_command(code)) {
            commands += 1;
            let tried = invocations(&code.replace("...", "").replace(['<', '>', '[', ']'], ""))
                .and_then(|found| found.iter().try_for_each(is_good));
            if let Err(problem) = tried {
                problems.push(format!("{}: {code}: {problem}", page.at(*line)));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(commands > 30, "{commands}");
}
