//! Finds what promtool does not report: alerts without a test, tests without an alert, and missing files.

use std::collections::BTreeSet;

use super::files::{TestFile, alerts, files, names, rule_files, yaml};

#[test]
fn every_alert_is_tested_firing_and_silent() {
    let (mut fires, mut is_silent) = (BTreeSet::new(), BTreeSet::new());
    for path in files("alerts/tests", ".test.yml") {
        let file: TestFile = yaml(&path);
        for expectation in file.tests.iter().flat_map(|case| &case.alert_rule_test) {
            for alert in &expectation.exp_alerts {
                fires.insert((expectation.alertname.clone(), alert.exp_labels["severity"].clone()));
            }
            if expectation.exp_alerts.is_empty() {
                is_silent.insert(expectation.alertname.clone());
            }
        }
    }
    for rule in alerts() {
        let severity = rule.severity();
        assert!(fires.contains(&(rule.alert.clone(), severity.to_owned())), "{} {severity} never fires", rule.alert);
        assert!(is_silent.contains(&rule.alert), "{} is never expected to be silent", rule.alert);
    }
}

#[test]
fn no_test_names_an_alert_or_a_file_that_does_not_exist() {
    let names = names();
    let mut loaded = BTreeSet::new();
    for path in files("alerts/tests", ".test.yml") {
        let file: TestFile = yaml(&path);
        assert!(!file.tests.is_empty() && !file.rule_files.is_empty(), "{}", path.display());
        for expectation in file.tests.iter().flat_map(|case| &case.alert_rule_test) {
            assert!(names.contains(&expectation.alertname), "{}: {}", path.display(), expectation.alertname);
        }
        for name in file.rule_files {
            let found = path.parent().unwrap().join(&name).canonicalize();
            loaded.insert(found.unwrap_or_else(|error| panic!("{}: {name}: {error}", path.display())));
        }
    }
    let all: BTreeSet<_> = rule_files().iter().map(|path| path.canonicalize().unwrap()).collect();
    assert_eq!(loaded, all, "every file of rules is tested");
}
