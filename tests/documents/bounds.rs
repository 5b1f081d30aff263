//! Checks the bounds in SECURITY.md against the constants of the program, and that each has a test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use regex::Regex;

use super::markdown::page;
use crate::alerts::files::repository;

/// A row of the tables: what is bounded, by how much, where that stands and what holds it.
struct Row {
    resource: String,
    bound: String,
    constant: String,
    test: String,
}

fn rows() -> Vec<Row> {
    let text = page("SECURITY.md").text;
    let bounds = text.split("\n## Bounds\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let lines = bounds.lines().filter(|line| line.starts_with('|')).map(cells);
    let rows = lines.filter(|cells| cells[0] != "resource" && !cells[0].starts_with('-'));
    rows.map(|cells| {
        let [resource, bound, constant, test] = <[String; 4]>::try_from(cells).unwrap();
        Row { resource, bound, constant, test }
    })
    .collect()
}

/// The file of a module.
fn file_of(module: &[&str]) -> PathBuf {
    repository().join("src").join(module.join("/")).with_extension("rs")
}

/// What the constant is at such a path, such as `server::limits::MAX_WAIT`.
fn value_of(path: &str) -> Option<u64> {
    let parts: Vec<_> = path.split("::").collect();
    let (name, module) = parts.split_last().unwrap();
    let text = std::fs::read_to_string(file_of(module)).ok()?;
    let declared = Regex::new(&format!(r"const {name}: [\w:]+ = ([^;]+);")).unwrap();
    evaluated(&declared.captures(&text)?[1])
}

/// A number, a product or shift of two, or a number of seconds.
fn evaluated(expression: &str) -> Option<u64> {
    let expression = expression.trim();
    if let Some(seconds) = expression.strip_prefix("Duration::from_secs(") {
        return evaluated(seconds.strip_suffix(')')?);
    }
    if let Some((left, right)) = expression.split_once("<<") {
        return Some(evaluated(left)? << evaluated(right)?);
    }
    if expression.contains('*') {
        return expression.split('*').map(evaluated).product();
    }
    expression.replace('_', "").parse().ok()
}

/// The ways in which a person writes it.
fn written(value: u64) -> Vec<String> {
    let digits = value.to_string();
    let grouped: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|three| std::str::from_utf8(three).unwrap()).collect();
    let mut ways = vec![grouped.join(",")];
    for (unit, name) in [(1 << 20, "MiB"), (1 << 10, "KiB"), (1, "s"), (60, "min"), (3600, "h")] {
        if value.is_multiple_of(unit) {
            ways.push(format!("{} {name}", value / unit));
        }
    }
    if value == 1 {
        ways.push("one".to_owned());
    }
    ways
}

#[test]
fn every_bound_is_that_of_the_program() {
    let constant = Regex::new("^`([a-z_:]+::[A-Z_]+)`$").unwrap();
    let mut compared = 0;
    for Row { resource, bound, constant: named, .. } in rows() {
        let Some(found) = constant.captures(&named) else { continue };
        let value = value_of(&found[1]).unwrap_or_else(|| panic!("{resource}: {named} is no number in the program"));
        let has = |way: &String| {
            Regex::new(&format!(r"(^|[^\d,]){}($|[^\d,]|,\D)", regex::escape(way))).unwrap().is_match(&bound)
        };
        assert!(written(value).iter().any(has), "{resource}: {bound:?}, and {named} is {value}");
        compared += 1;
    }
    assert!(compared >= 25, "the tables were found: {compared}");
}

#[test]
fn the_times_of_a_connection_are_those_of_the_program() {
    let code = std::fs::read_to_string(file_of(&["server", "activity"])).unwrap();
    let times = |name: &str| -> BTreeMap<String, u64> {
        let block = code.split(&format!("const {name}: Self = Self {{")).nth(1).unwrap().split("};").next().unwrap();
        let field = Regex::new(r"(\w+): (Duration::from_secs\(\d+\))").unwrap();
        field.captures_iter(block).map(|found| (found[1].to_owned(), evaluated(&found[2]).unwrap())).collect()
    };
    let (usual, short) = (times("USUAL"), times("SHORT"));
    let bounds: Vec<_> =
        rows().into_iter().filter(|row| row.constant.contains("Timeouts")).map(|row| row.bound).collect();
    for (bound, field) in bounds.iter().zip(["head", "idle", "answer", "stalled"]) {
        let (usual, short) = (Duration::from_secs(usual[field]), Duration::from_secs(short[field]));
        for time in [usual, short] {
            assert!(written(time.as_secs()).iter().any(|way| bound.contains(way)), "{field} is {time:?}: {bound}");
        }
    }
    assert_eq!(bounds.len(), 4);
}

#[test]
fn every_bound_has_a_test() {
    let sources = text_of_all(&["src", "tests", "examples", "simulator/src"]);
    let named = Regex::new("`([a-z0-9_:]+)`").unwrap();
    let mut tests = 0;
    for Row { resource, test, .. } in rows() {
        for found in named.captures_iter(&test) {
            let last = found[1].rsplit("::").next().unwrap().to_owned();
            let is_there = match found[1].strip_suffix("::tests") {
                Some(module) => file_of(&module.split("::").collect::<Vec<_>>()).is_file(),
                None => sources.contains(&format!("fn {last}(")) || sources.contains(&format!("mod {last};")),
            };
            assert!(is_there, "{resource}: there is no test {}", &found[1]);
            tests += 1;
        }
    }
    assert!(tests >= 30, "the tables were found: {tests}");
}

fn text_of_all(folders: &[&str]) -> String {
    let mut text = String::new();
    let mut rest: Vec<_> = folders.iter().map(|folder| repository().join(folder)).collect();
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension() == Some(Path::new("rs").as_os_str()) {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    text
}
