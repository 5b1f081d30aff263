//! Reads configuration files; no error may contain a secret.

#![no_main]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::config::{Config, Errors};
use saasbackup_exporter::domain::{Policy, SourceIdentity, SourceState};
use saasbackup_exporter::exposition::{Format, render};
use saasbackup_exporter_fuzz::canary::{CANARY, assert_silent};

/// No file of the machine is to be found below it.
const NOWHERE: &str = "/nonexistent/fuzz";

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // Absolute paths may lead to devices that never answer.
    if text.contains("/dev") || text.contains("/proc") || text.contains("/sys") {
        return;
    }
    check(&Config::parse(text, &environment, Path::new(NOWHERE)));
    check(&Config::parse(&around_a_secret(text), &environment, Path::new(NOWHERE)));
});

/// All that the environment holds is secret.
fn environment(name: &str) -> Option<String> {
    match name.len() {
        0..=2 => None,
        3 => Some(format!("{CANARY} with a space")),
        4 => Some(format!("https://{CANARY}:{CANARY}@{CANARY}.example")),
        _ => Some(CANARY.to_owned()),
    }
}

fn check(result: &Result<Config, Errors>) {
    match result {
        Err(errors) => {
            assert!(!errors.problems().is_empty(), "refused for nothing");
            assert_silent(errors);
        }
        Ok(config) => {
            for source in &config.sources {
                let secrets = format!("{:?} {:?}", source.provider, source.network);
                let base_url = source.provider.base_url();
                // The addresses are shown, and may come from the environment.
                assert!(!secrets.replace(base_url, "").contains(CANARY) || is_path_or_host(source), "{secrets}");
            }
            assert!(!config.sources.is_empty());
            shown(config);
        }
    }
}

/// Whether an address or a path, which are shown, came from the environment.
fn is_path_or_host(source: &saasbackup_exporter::config::Source) -> bool {
    let ca_file = source.network.ca_file.as_deref().map(|path| path.display().to_string());
    let proxy = source.network.proxy_url.as_ref().map(ToString::to_string);
    [ca_file, proxy]
        .into_iter()
        .flatten()
        .any(|shown| shown.to_ascii_lowercase().contains(&CANARY.to_ascii_lowercase()))
}

/// The names of sources are labels.
fn shown(config: &Config) {
    let state = |source: &saasbackup_exporter::config::Source| {
        let policy = Policy {
            stale_after: source.collection.stale_after,
            workloads: source.collection.workloads.iter().copied().collect(),
            objectives: config.objectives.clone(),
        };
        let identity = SourceIdentity { provider: source.provider.vendor(), name: source.name.as_str().into() };
        Arc::new(SourceState::new(identity, Arc::new(policy)))
    };
    let states: Vec<_> = config.sources.iter().map(state).collect();
    for line in render(&states, Vec::new(), Format::Text).lines() {
        let value = line.rsplit(' ').next().unwrap_or_default();
        assert!(line.starts_with('#') || value.parse::<f64>().is_ok_and(|value| !value.is_nan()), "{line:?}");
    }
}

/// A file that is good but for what the input makes of the secrets.
fn around_a_secret(secret: &str) -> String {
    let mut quoted = String::new();
    for letter in secret.chars().take(200) {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() || letter > '\u{ffff}' => {
                write!(quoted, "\\U{:08x}", u32::from(letter)).expect("writing to a String cannot fail");
            }
            _ => quoted.push(letter),
        }
    }
    let secret = format!("\"{CANARY}{quoted}\"");
    format!(
        "sources:\n  - name: one\n    provider: dropsuite\n    base_url: \"https://{CANARY}:{CANARY}@vendor.example\"\n    \
         reseller_token: {secret}\n    access_token: \"{quoted}{CANARY}\"\n    proxy_url: \"http://{CANARY}:{quoted}@p\"\n  \
         - name: two\n    provider: datto\n    base_url: https://vendor.example\n    public_key: {secret}\n    \
         secret_key: {secret}\n    access_token: {secret}\n"
    )
}
