//! Checks each rule against the catalogue, and for the annotations that every alert needs.

use std::collections::BTreeSet;

use regex::Regex;

use super::files::{alerts, names, rule_files, rules, vocabulary};

const RUNBOOKS: &str = "https://github.com/saasbackup-exporter/saasbackup-exporter/blob/main/docs/runbooks/";
const DASHBOARDS: [&str; 4] = ["saasbackup-overview", "saasbackup-tenant", "saasbackup-seats", "saasbackup-exporter"];

#[test]
fn every_expression_names_what_exists() {
    let vocabulary = vocabulary();
    let mut problems = Vec::new();
    for rule in alerts() {
        if let Err(found) = vocabulary.check(&rule.expr) {
            problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", rule.alert)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_text_names_no_label_that_the_alert_lacks() {
    let (vocabulary, used) = (vocabulary(), Regex::new(r"\$labels\.(\w+)").unwrap());
    for rule in alerts() {
        let labels = vocabulary.check(&rule.expr).unwrap();
        for text in rule.annotations.values() {
            for (_, [label]) in used.captures_iter(text).map(|found| found.extract()) {
                assert!(labels.contains(label), "{} has no label {label}: {text}", rule.alert);
            }
        }
    }
}

#[test]
fn an_alert_about_a_source_or_a_customer_does_not_depend_on_who_exports_it() {
    let vocabulary = vocabulary();
    for path in rule_files() {
        let is_about_the_exporter = path.ends_with("saasbackup-exporter.alerts.yml");
        for rule in rules(&path) {
            let labels = vocabulary.check(&rule.expr).unwrap();
            let target = labels.contains("instance") || labels.contains("job");
            let name = format!("{}{}", rule.alert, rule.record);
            assert!(!target || is_about_the_exporter, "{name} would fire once for each replica: {labels:?}");
            assert!(is_about_the_exporter || labels.contains("source"), "{name}: {labels:?}");
        }
    }
}

#[test]
fn every_alert_tells_a_person_what_to_do() {
    for rule in alerts() {
        let name = &rule.alert;
        assert!(name.starts_with("SaasBackup") && name.chars().all(char::is_alphanumeric), "{name}");
        assert!(rule.labels.keys().eq(["severity"]), "{name}: {:?}", rule.labels);
        assert!(["critical", "warning", "info"].contains(&rule.severity()), "{name}");
        let keys: Vec<_> = rule.annotations.keys().map(String::as_str).collect();
        assert_eq!(keys, ["dashboard_url", "description", "runbook_url", "summary"], "{name}");
        assert_eq!(rule.annotations["runbook_url"], format!("{RUNBOOKS}{name}.md"));
        let dashboard = rule.annotations["dashboard_url"].strip_prefix("/d/").unwrap_or_default();
        let uid = dashboard.split('?').next().unwrap_or_default();
        assert!(DASHBOARDS.contains(&uid), "{name}: {dashboard}");
        assert!(
            !rule.annotations["summary"].ends_with('.') && rule.annotations["description"].ends_with('.'),
            "{name}"
        );
        assert!(!rule.pending.is_empty(), "{name} would fire at a single evaluation");
    }
}

#[test]
fn two_rules_of_one_name_differ_in_severity() {
    let all = alerts();
    let severities: BTreeSet<_> = all.iter().map(|rule| (&rule.alert, rule.severity())).collect();
    assert_eq!(severities.len(), all.len());
    assert!(names().len() > 25, "the files were found");
}

#[test]
fn no_function_is_newer_than_prometheus_2_42_or_gone_in_3() {
    let words = ["holt_winters", "double_exponential_smoothing", "info(", "limitk", "sort_by_label", "mad_over_time"];
    for path in rule_files() {
        let text = super::files::read(&path);
        let found = words.iter().find(|word| text.contains(**word));
        assert_eq!(found, None, "{}", path.display());
    }
}
