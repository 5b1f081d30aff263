//! Checks that every environment variable that is set anywhere belongs to a flag.

use std::collections::BTreeSet;

use regex::Regex;

use super::files::{names, read};
use crate::support::process::run;

/// The pod of the chart.
const CHART: &str = "deploy/helm/saasbackup-exporter/templates/statefulset.yaml";

/// The variables that a text names.
fn variables(text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(r"SAASBACKUP_EXPORTER_[A-Z_]+").unwrap();
    pattern.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}

#[test]
fn every_variable_is_a_flags() {
    let helps = [run(&["--help"]), run(&["report", "--help"])];
    let mut known: BTreeSet<_> = helps.iter().flat_map(|help| variables(&help.stdout)).collect();
    assert!(known.contains("SAASBACKUP_EXPORTER_CONFIG_FILE"), "{known:?}");
    // Read while it is compiled.
    known.insert("SAASBACKUP_EXPORTER_REVISION".to_owned());
    let kubernetes = names("deploy/kubernetes", ".yaml").into_iter().map(|name| format!("deploy/kubernetes/{name}"));
    let systemd = names("deploy/systemd", "").into_iter().map(|name| format!("deploy/systemd/{name}"));
    let others = ["Dockerfile", "deploy/compose.yaml", "docs/INSTALL.md", CHART].map(str::to_owned);
    let mut used = 0;
    for path in kubernetes.chain(systemd).chain(others) {
        for variable in variables(&read(&path)) {
            assert!(known.contains(&variable), "{path}: {variable}");
            used += 1;
        }
    }
    assert!(used >= 4, "{used}");
}
