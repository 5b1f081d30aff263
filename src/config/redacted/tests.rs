//! Looks for secrets in what is shown, wherever one can be written.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::serialize::SECRET;

/// A file with a secret in every place that takes one; `canary` is in all of them.
fn every_secret(canary: &str, folder: &Path) -> (String, Config) {
    let file = folder.join("token");
    std::fs::write(&file, format!("Bearer {canary}\n")).unwrap();
    let text = format!(
        "\
sources:
  - name: inline
    provider: dropsuite
    base_url: dropsuite.us
    reseller_token: {canary}-r
    access_token: 'Token {canary}'
    proxy_url: http://{canary}:{canary}@proxy.example:3128
  - name: environment
    provider: datto
    public_key: ${{CANARY}}
    secret_key: ${{CANARY}}
    proxy_url: ${{PROXY}}
  - name: files
    provider: datto
    public_key_file: token
    secret_key_file: {}
",
        file.display(),
    );
    let environment = |name: &str| match name {
        "CANARY" => Some(canary.to_owned()),
        "PROXY" => Some(format!("socks5h://user:{canary}@proxy.example")),
        _ => None,
    };
    let config = Config::parse(&text, &environment, folder).unwrap_or_else(|errors| panic!("{errors}"));
    (text, config)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_secret_is_shown_wherever_it_was_written(canary in "[A-Z][A-Za-z0-9_.~-]{11,40}") {
        let folder = tempfile::tempdir().unwrap();
        let (_, config) = every_secret(&canary, folder.path());
        let shown = config.redacted();
        prop_assert!(!shown.contains(&canary), "{}", shown);
        prop_assert_eq!(shown.matches(SECRET).count(), 4, "{}", shown);
        prop_assert_eq!(shown.matches("[REDACTED]@proxy.example").count(), 2, "{}", shown);
    }
}

/// Reads a configuration as it is shown; `<secret>` passes for a token.
fn read(shown: &str) -> Config {
    Config::parse(shown, &|_| None, Path::new("")).unwrap_or_else(|errors| panic!("{errors}\n{shown}"))
}

#[test]
fn what_is_shown_is_a_configuration_that_means_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (_, config) = every_secret("Canary-1234567", folder.path());
    let shown = config.redacted();
    assert_eq!(read(&shown).redacted(), shown);
}

#[test]
fn every_default_is_filled_in() {
    let text = "\
collection: { timeout: 30s, part_intervals: { coverage: 12h } }
rpo: { default: 24h, workloads: { mail: 12h }, tenants: { \"yes: no # \\\"x\\\"\": { workloads: { onedrive: 7d } } } }
coverage_objective: { default: none, tenants: { \"440032-6\": 0.95, Acme: none } }
state: { path: state }
log: { level: warn }
sources:
  - name: dropsuite-us
    provider: dropsuite
    base_url: dropsuite.us
    reseller_token: 8f3a-a
    access_token: b
    tenants: { include: ['^acme: \\d+$'], exclude: [test] }
    interval: 5m
";
    let config = Config::parse(text, &|_| None, Path::new("/etc/exporter")).unwrap();
    crate::golden::assert_golden("src/config/redacted/golden/defaults.yaml", &config.redacted());
    assert_eq!(read(&config.redacted()).redacted(), config.redacted());
}
