//! Reads the Dockerfile as its builder would.

use std::collections::BTreeSet;
use std::path::Path;

use saasbackup_exporter::commands::serve::DEFAULT_PORT;

use super::files::{names, output, read, repository};
use crate::support::process::run;
use crate::support::tools::tool;

/// The instructions: words, with continued lines joined and without comments.
fn instructions() -> Vec<Vec<String>> {
    let text = read("Dockerfile");
    let lines: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let instructions = joined.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    instructions.filter(|words| !words.is_empty()).collect()
}

/// What follows this word, for each instruction that begins with it.
fn arguments(instruction: &str) -> Vec<Vec<String>> {
    let all = instructions().into_iter().filter(|words| words[0] == instruction);
    let found: Vec<_> = all.map(|words| words[1..].to_vec()).collect();
    assert!(!found.is_empty(), "no {instruction}");
    found
}

/// The value that `key` has in the manifest.
fn manifest(key: &str) -> String {
    let manifest = read("Cargo.toml");
    let value = manifest.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    value.unwrap().trim().trim_matches('"').to_owned()
}

#[test]
#[ignore = "needs hadolint"]
fn the_linter_finds_nothing() {
    output(tool("hadolint").arg("Dockerfile"));
}

#[test]
fn what_is_copied_exists_and_is_sent_to_the_builder() {
    let ignored = read(".dockerignore");
    let mut patterns = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(patterns.next(), Some("*"), "nothing is sent but what is named");
    let sent: Vec<_> = patterns.map(|pattern| pattern.strip_prefix('!').unwrap()).collect();
    let copied: Vec<_> = arguments("COPY").into_iter().filter(|words| !words[0].starts_with("--from=")).collect();
    let sources: Vec<_> = copied.iter().flat_map(|words| &words[..words.len() - 1]).collect();
    for source in &sources {
        assert!(repository().join(source).exists(), "{source} does not exist");
        let is_sent = sent.iter().any(|path| Path::new(source).starts_with(path));
        assert!(is_sent, "{source} is not in .dockerignore");
    }
    for path in sent {
        let is_copied = sources.iter().any(|source| Path::new(source).starts_with(path));
        assert!(is_copied, "{path} is sent for nothing");
    }
}

#[test]
#[ignore = "needs sed"]
fn every_benchmark_of_the_manifest_gets_a_file() {
    let text = read("Dockerfile");
    let (_, command) = text.split_once("sed -n '").unwrap();
    let (script, _) = command.split_once("' Cargo.toml").unwrap();
    let printed = output(tool("sed").args(["-n", script, "Cargo.toml"]));
    let expected: BTreeSet<_> = names("benches", ".rs").into_iter().map(|name| format!("benches/{name}")).collect();
    assert_eq!(printed.lines().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
}

/// Files outside of `src` that the product is compiled with would be missing in the builder.
#[test]
fn the_product_includes_nothing_that_is_not_copied() {
    let mut folders = vec![repository().join("src")];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]").next().unwrap();
            let is_test = path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
            let is_outside = product.lines().any(|line| line.contains("include_") && line.contains("../"));
            assert!(is_test || !is_outside, "{}", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 80, "{looked_at}");
}

#[test]
fn the_versions_are_those_of_the_manifest() {
    let builder = format!("rust:{}-slim-bookworm", manifest("rust-version"));
    let froms = arguments("FROM");
    assert_eq!(froms, [vec![builder, "AS".to_owned(), "build".to_owned()], vec!["scratch".to_owned()]]);
    let version = concat!("org.opencontainers.image.version=\"", env!("CARGO_PKG_VERSION"), "\"").to_owned();
    assert!(arguments("LABEL")[0].contains(&version), "{:?}", arguments("LABEL"));
    let licence = format!("org.opencontainers.image.licenses=\"{}\"", manifest("license"));
    assert!(arguments("LABEL")[0].contains(&licence), "{:?}", arguments("LABEL"));
}

#[test]
fn the_user_is_a_number_and_not_root() {
    let users = arguments("USER");
    let [ref user] = users[..] else { panic!("{users:?}") };
    assert!(user[0].split(':').all(|id| id.parse::<u32>().unwrap() > 0), "{user:?}");
    // Nothing is done as root after that.
    let all = instructions();
    let last_copy = all.iter().rposition(|words| words[0] == "COPY").unwrap();
    let place = all.iter().position(|words| words[0] == "USER").unwrap();
    assert!(last_copy < place);
    assert!(read("scripts/image-root").contains(&format!("saasbackup:x:{}::", user[0])), "{user:?}");
}

#[test]
fn the_port_and_the_health_check_are_the_programs() {
    assert_eq!(arguments("EXPOSE"), [[DEFAULT_PORT.to_string()]]);
    let entry = arguments("ENTRYPOINT");
    assert_eq!(entry, [["[\"/usr/bin/saasbackup-exporter\"]"]]);
    let check = arguments("HEALTHCHECK").remove(0);
    let check: Vec<_> = check.iter().skip_while(|word| *word != "CMD").skip(1).map(String::as_str).collect();
    let check: Vec<String> = serde_json::from_str(&check.join(" ")).unwrap();
    assert_eq!(check[0], "/usr/bin/saasbackup-exporter");
    let mut command: Vec<_> = check[1..].iter().map(String::as_str).collect();
    command.push("--help");
    let ended = run(&command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(command.len() > 1 && ended.stdout.contains("Probe a running exporter"), "{}", ended.stdout);
}
