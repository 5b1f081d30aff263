//! Holds the modules to who may know whom: what is easy to break by one careless `use` and costly to mend later.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

use std::path::{Path, PathBuf};

/// A module, and words that must not occur in it.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "crate::app",
            "crate::config",
            "crate::exposition",
            "crate::instrumentation",
            "crate::poller",
            "crate::process",
            "crate::provider",
            "crate::server",
            "crate::store",
            "serde",
            "url::",
            "secrecy",
            "regex",
            "reqwest",
            "prometheus_client",
            "tokio",
            "tracing",
            "axum",
            "jiff",
            "SystemTime",
        ],
    ),
    (
        "provider",
        &["crate::exposition", "crate::store", "crate::server", "saasbackup_simulator", "crate::config", "axum::"],
    ),
    ("exposition", &["crate::provider", "crate::server", "crate::poller", "reqwest", "axum", "async fn", ".await"]),
    ("server", &["crate::cli", "crate::provider", "crate::poller", "reqwest", "prometheus_client"]),
    ("commands", &["crate::cli"]),
    ("poller", &["crate::exposition", "crate::server", "prometheus_client", "axum", "reqwest"]),
    ("config/web", &["crate::provider", "crate::server", "crate::store", "crate::exposition", "tokio", "reqwest"]),
    ("domain/expected", &["std::fs"]),
    ("commands/health", &["crate::provider", "crate::server", "crate::store", "reqwest"]),
    ("state_file", &["crate::provider", "crate::exposition", "crate::server", "crate::poller", "reqwest", "axum"]),
    (
        "server/status_page",
        &["crate::provider", "crate::poller", "crate::server::metrics", "axum", "tokio", "async fn"],
    ),
    ("domain/shard", &["crate::", "DefaultHasher"]),
    ("store", &["crate::provider", "crate::exposition", "crate::server", "tokio"]),
];

/// A word, and the only modules in which it may occur.
const RESERVED: &[(&str, &[&str])] = &[
    ("prometheus_client::", &["exposition", "instrumentation"]),
    ("jiff::Timestamp::now", &["process/clock"]),
    ("arc_swap", &["store"]),
    ("reqwest::Client", &["provider/transport"]),
    ("process::exit", &["process/shutdown"]),
];

/// Every file of the product as its module's path (`provider/transport`) and its code: neither tests nor comments.
fn modules() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut modules = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.file_stem().unwrap() == "tests" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).unwrap().with_extension("").to_str().unwrap().to_owned();
                modules.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(modules.len() > 80, "the sources were found: {}", modules.len());
    modules
}

fn code(text: &str) -> impl Iterator<Item = &str> {
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn is_within(module: &str, area: &str) -> bool {
    module.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[test]
fn no_module_names_what_it_must_not_know() {
    let mut found = Vec::new();
    for (module, text) in &modules() {
        for line in code(text) {
            let forbidden = FORBIDDEN.iter().filter(|(area, _)| is_within(module, area)).flat_map(|(_, words)| *words);
            let reserved = RESERVED.iter().filter(|(_, areas)| !areas.iter().any(|area| is_within(module, area)));
            let mut words = forbidden.chain(reserved.map(|(word, _)| word));
            found.extend(words.find(|word| line.contains(**word)).map(|word| format!("{module} names {word}: {line}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_area_and_every_reserved_word_exists() {
    let modules = modules();
    for area in FORBIDDEN.iter().map(|(area, _)| area).chain(RESERVED.iter().flat_map(|(_, areas)| *areas)) {
        assert!(modules.iter().any(|(module, _)| module == area), "no module {area}");
    }
    for (word, _) in RESERVED {
        assert!(modules.iter().any(|(_, text)| code(text).any(|line| line.contains(word))), "nothing names {word}");
    }
}

#[test]
fn every_module_begins_with_a_sentence_about_itself() {
    for (module, text) in modules() {
        let first = text.lines().next().unwrap_or_default();
        let verb = first.strip_prefix("//! ").and_then(|sentence| sentence.split_whitespace().next());
        let is_verb = verb.is_some_and(|verb| verb.starts_with(char::is_uppercase) && verb.ends_with('s'));
        assert!(is_verb, "src/{module}.rs begins with {first:?}");
    }
}
