//! Checks that every flag, metric, alert and path on any page exists.

use std::collections::BTreeSet;

use regex::Regex;

use super::commands::named_paths_exist;
use super::markdown::{Page, pages};
use crate::alerts::files::{files, names, read, repository, vocabulary};

/// Flags of others' programs that the pages name.
const OF_OTHERS: [(&str, &str); 11] = [
    ("--data.retention", "alertmanager"),
    ("--storage.path", "alertmanager"),
    ("--rules.alert.for-outage-tolerance", "prometheus"),
    ("--query.lookback-delta", "prometheus"),
    ("--read-only", "docker run"),
    ("--cap-drop", "docker run"),
    ("--provenance", "docker buildx"),
    ("--sbom", "docker buildx"),
    ("--build-arg", "docker build"),
    ("--version", "every program"),
    ("--help", "every program"),
];

/// What anybody reads: the pages, the rules, the dashboards and the manifests.
fn texts() -> Vec<(String, String)> {
    let folders =
        [("alerts", ".yml"), ("alerts/tests", ".yml"), ("dashboards", ".json"), ("deploy/kubernetes", ".yaml")];
    let others = folders.iter().flat_map(|(folder, ending)| files(folder, ending));
    let others = others.chain([repository().join("config.example.yaml"), repository().join("deploy/compose.yaml")]);
    let others = others.map(|path| (path.strip_prefix(repository()).unwrap().display().to_string(), read(&path)));
    let pages = pages().into_iter().map(|page| {
        let is_changelog = page.path == "CHANGELOG.md";
        (page.path, if is_changelog { without_former_names(&page.text) } else { page.text })
    });
    pages.chain(others).collect()
}

/// The changelog without the first column of its tables, which holds the former names of what was renamed.
fn without_former_names(changelog: &str) -> String {
    Regex::new(r"(?m)^\|[^|]*\|").unwrap().replace_all(changelog, "|").into_owned()
}

#[test]
fn every_flag_that_a_page_names_exists() {
    let reference = read(&repository().join("docs/CLI.md"));
    let flag = Regex::new(r"--[a-z][a-z0-9.-]*[a-z0-9]").unwrap();
    let ours: BTreeSet<_> = flag.find_iter(&reference).map(|found| found.as_str()).collect();
    let mut seen = BTreeSet::new();
    for page in pages() {
        // Whole commands are held to their program elsewhere.
        let alone = page.code.iter().filter(|(_, code)| code.starts_with("--"));
        for (line, code) in alone {
            for found in flag.find_iter(code).map(|found| found.as_str()) {
                let known = ours.contains(found) || OF_OTHERS.iter().any(|(other, _)| *other == found);
                assert!(known, "{}: there is no {found}", page.at(*line));
                seen.insert(found.to_owned());
            }
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
    for (other, program) in OF_OTHERS {
        let named = pages().iter().any(|page| page.text.contains(other));
        assert!(named, "{other} of {program} is an exception for nothing");
    }
}

#[test]
fn every_metric_that_is_named_exists() {
    let vocabulary = vocabulary();
    // Not what follows a path or a dot, and not the program's own name.
    let name = Regex::new(r"(?:^|[^\w/.$-])((?:[a-z_]+:)?saasbackup_[a-z0-9_]*(?::[a-z0-9_]+)?)").unwrap();
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (path, text) in texts() {
        for (_, [name]) in name.captures_iter(&text).map(|found| found.extract()) {
            // A family of families, as in `saasbackup_exporter_...`.
            let is_start = name.ends_with('_') && vocabulary.names().any(|known| known.starts_with(name));
            if !is_start && !vocabulary.has(name) && name != "saasbackup_exporter" {
                problems.push(format!("{path}: there is no {name}"));
            }
            seen.insert(name.to_owned());
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(seen.len() > 60, "{seen:?}");
}

#[test]
fn every_alert_that_is_named_exists() {
    let alert = Regex::new(r"\bSaasBackup[A-Z]\w+").unwrap();
    let names = names();
    for (path, text) in texts() {
        for found in alert.find_iter(&text) {
            assert!(names.contains(found.as_str()), "{path}: {}", found.as_str());
        }
    }
}

#[test]
fn every_path_that_a_page_names_exists() {
    let problems: Vec<_> = pages().iter().flat_map(paths_that_are_missing).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn paths_that_are_missing(page: &Page) -> Vec<String> {
    let beside = |code: &str| repository().join(&page.path).parent().unwrap().join(code).exists();
    let spans = page.code.iter().filter(|(_, code)| !code.contains(' ') && !beside(code));
    spans
        .filter_map(|(line, code)| {
            let problem = named_paths_exist(&[code.as_str()]).err()?;
            Some(format!("{}: {problem}", page.at(*line)))
        })
        .collect()
}
