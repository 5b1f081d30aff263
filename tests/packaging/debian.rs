//! Checks the description of the Debian package against the files and the program.

use std::collections::BTreeSet;
use std::process::Command;

use regex::Regex;

use super::files::{names, output, read, repository};
use crate::support::process::run;

/// What is installed: the file here, where it goes, and with which mode.
fn assets() -> Vec<[String; 3]> {
    let manifest = read("Cargo.toml");
    let (_, after) = manifest.split_once("\nassets = [\n").unwrap();
    let (lines, _) = after.split_once("\n]").unwrap();
    let assets: Vec<[String; 3]> =
        lines.lines().map(|line| serde_json::from_str(line.trim().trim_end_matches(',')).unwrap()).collect();
    assert!(assets.len() > 8, "{assets:?}");
    assets
}

#[test]
fn everything_that_the_package_installs_exists() {
    for [source, place, mode] in assets() {
        assert!(place.ends_with('/') && !place.starts_with('/'), "{place}");
        assert_eq!(mode, if place == "usr/bin/" { "755" } else { "644" }, "{source}");
        if source.starts_with("target/") {
            continue;
        }
        match source.split_once('*') {
            Some((folder, ending)) => drop(names(folder, ending)),
            None => assert!(repository().join(&source).is_file(), "{source}"),
        }
    }
    let manifest = read("Cargo.toml");
    assert!(
        manifest.contains("conf-files = [\"/etc/saasbackup-exporter/config.yaml\"]"),
        "changes of the user are kept"
    );
    assert!(manifest.contains("unit-scripts = \"deploy/systemd\""));
    assert!(manifest.contains("maintainer-scripts = \"deploy/debian\""));
}

#[test]
fn the_script_makes_all_that_the_package_takes_from_it() {
    let script = read("scripts/stage-package");
    let made = Regex::new(r#"gzip_as ([^\s<]+)|"\$package/([^"$]+)""#).unwrap();
    let made: BTreeSet<String> = made
        .captures_iter(&script)
        .map(|found| found.get(1).map_or_else(|| found[2].to_owned(), |name| format!("{}.gz", name.as_str())))
        .collect();
    for [source, ..] in assets() {
        if let Some(name) = source.strip_prefix("target/package/") {
            let ending = name.trim_start_matches('*');
            assert!(made.iter().any(|made| made.ends_with(ending)), "{name}: {made:?}");
        }
    }
    // A page of the manual for each subcommand that is more than a help to installers.
    let help = run(&["--help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands = commands.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands = commands.filter_map(|line| line.split_whitespace().next());
    let expected: Vec<_> = commands.filter(|name| !["help", "completions", "man"].contains(name)).collect();
    assert!(script.contains(&format!("for command in {}; do", expected.join(" "))), "{expected:?}");
}

/// A package contains few of the files that the pages link to.
#[test]
#[ignore = "needs sed"]
fn the_links_of_packaged_pages_lead_into_the_repository() {
    let address = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
    let links = Regex::new(r"\]\(([^)]*)\)").unwrap();
    for (page, least) in [("README.md", 40), ("CHANGELOG.md", 3)] {
        let text = std::fs::File::open(repository().join(page)).unwrap();
        let made = Command::new(repository().join("scripts/absolute-links")).stdin(text).output().unwrap();
        let text = String::from_utf8(made.stdout).unwrap();
        let mut within = 0;
        for link in links.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()) {
            let Some(path) = link.strip_prefix(address) else {
                assert!(link.starts_with("https://") || link.starts_with('#'), "{page}: {link}");
                continue;
            };
            assert!(repository().join(path.split('#').next().unwrap()).exists(), "{page}: {link}");
            within += 1;
        }
        assert!(within >= least, "{page}: {within} links");
        let places: Vec<_> = assets().into_iter().map(|[source, ..]| source).collect();
        assert!(!places.contains(&page.to_owned()), "{page} is packaged as it is");
        assert!(!read("scripts/release").contains(&format!(" {page} ")), "{page} is packaged as it is");
    }
    assert!(assets().iter().any(|[source, ..]| source == "target/package/README.md"));
}

#[test]
fn a_shell_can_read_every_script() {
    let scripts = [
        "deploy/debian/postinst",
        "deploy/debian/postrm",
        "scripts/absolute-links",
        "scripts/build-deb",
        "scripts/image-root",
        "scripts/release",
        "scripts/stage-package",
        "scripts/try-program",
    ];
    for script in scripts {
        output(Command::new("/bin/sh").args(["-n", script]));
    }
}
