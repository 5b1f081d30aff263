//! Checks the page on dependencies, and all versions of Rust, against the manifest.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::markdown::{page, pages};
use crate::alerts::files::{read, repository};

/// The names below each heading of the manifest that ends in `dependencies]`.
fn manifest() -> BTreeMap<bool, BTreeSet<String>> {
    let mut found: BTreeMap<bool, BTreeSet<String>> = BTreeMap::new();
    let mut section = String::new();
    for line in read(&repository().join("Cargo.toml")).lines() {
        if line.starts_with('[') {
            line.clone_into(&mut section);
        } else if let Some((name, from)) = line.split_once(" = ").filter(|_| section.ends_with("dependencies]")) {
            if from.contains("path = ") || section.contains("workspace") {
                continue;
            }
            let name = name.trim_end_matches(".workspace");
            found.entry(section.contains("dev-")).or_default().insert(name.to_owned());
        }
    }
    found
}

#[test]
fn the_page_lists_what_the_manifest_lists() {
    let text = page("docs/DEPENDENCIES.md").text;
    let (program, tests) = text.split_once("## Test dependencies").unwrap();
    let row = Regex::new(r"(?m)^\| `([\w-]+)` \| \S.+ \|$").unwrap();
    let names = |text: &str| row.captures_iter(text).map(|found| found[1].to_owned()).collect::<BTreeSet<_>>();
    let manifest = manifest();
    assert_eq!(names(program), manifest[&false]);
    assert_eq!(names(tests), manifest[&true]);
}

/// The image's is held to the manifest by `tests/packaging.rs`.
#[test]
fn every_page_names_the_rust_of_the_manifest() {
    let manifest = read(&repository().join("Cargo.toml"));
    let version = Regex::new(r#"rust-version = "([\d.]+)""#).unwrap().captures(&manifest).unwrap()[1].to_owned();
    let named = Regex::new(r"(?:Rust |rust:)(1\.\d+)").unwrap();
    let mut found = 0;
    for page in pages() {
        for name in named.captures_iter(&page.text) {
            assert_eq!(name[1], version, "{}", page.path);
            found += 1;
        }
    }
    assert!(found >= 3, "{found}");
}
