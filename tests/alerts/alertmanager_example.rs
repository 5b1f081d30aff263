//! Checks the example Alertmanager configuration with amtool, against the rules, and against its comments.

use std::time::Duration;

use regex::Regex;
use serde::Deserialize;

use super::files::{Rule, alerts, names, repository, vocabulary, yaml};
use crate::support::generation::Generation;
use crate::support::tools::run;

/// What Alertmanager keeps of the notifications that it has sent, unless `--data.retention` says otherwise.
const RETENTION: Duration = Duration::from_secs(120 * 3600);

#[derive(Debug, Deserialize)]
struct Example {
    route: Route,
    inhibit_rules: Vec<Inhibition>,
}

/// A route with the ones below it.
#[derive(Debug, Deserialize)]
pub(super) struct Route {
    #[serde(default)]
    pub(super) matchers: Vec<String>,
    #[serde(default)]
    pub(super) group_by: Vec<String>,
    #[serde(default)]
    pub(super) repeat_interval: Option<String>,
    #[serde(default)]
    pub(super) routes: Vec<Route>,
}

#[derive(Debug, Deserialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Vec<String>,
}

fn path() -> String {
    repository().join("alerts/alertmanager.example.yml").to_str().unwrap().to_owned()
}

fn amtool(generation: Generation, arguments: &[&str]) -> (bool, String) {
    let output = run(generation.tool("amtool").args(arguments), b"");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether all matchers about the alert's name and severity hold; `tenant_id` stands for being about a customer.
fn holds(matchers: &[String], rule: &Rule, labels: &crate::support::promql::Labels) -> bool {
    let shape = Regex::new(r#"^(\w+)(=~|!=|=)"(.*)"$"#).unwrap();
    matchers.iter().all(|matcher| {
        let (_, [label, operator, value]) = shape.captures(matcher).unwrap().extract();
        let own = match label {
            "alertname" => &rule.alert,
            "severity" => rule.severity(),
            other if labels.contains(other) => "something",
            _ => "",
        };
        match operator {
            "=~" => Regex::new(&format!("^(?:{value})$")).unwrap().is_match(own),
            "!=" => own != value,
            _ => own == value,
        }
    })
}

/// The example's routes.
pub(super) fn route() -> Route {
    let example: Example = yaml(path().as_ref());
    example.route
}

fn inhibitions() -> Vec<Inhibition> {
    let example: Example = yaml(path().as_ref());
    example.inhibit_rules
}

#[test]
#[ignore = "needs amtool"]
fn amtool_accepts_the_example() {
    for generation in Generation::ALL {
        let (is_good, output) = amtool(generation, &["check-config", &path()]);
        assert!(is_good, "{generation:?}: {output}");
    }
}

#[test]
#[ignore = "needs amtool"]
fn an_alert_goes_to_those_who_can_act() {
    for (labels, receiver) in [
        (&["alertname=SaasBackupExporterDown", "severity=critical", "job=saasbackup"][..], "on-call"),
        (&["alertname=SaasBackupManyTenantsStale", "severity=critical", "source=us"], "on-call"),
        (&["alertname=SaasBackupThrottled", "severity=warning", "source=us"], "operations"),
        (&["alertname=SaasBackupSchemaDrift", "severity=info", "source=us"], "operations"),
        (&["alertname=SaasBackupWorkloadStale", "severity=critical", "tenant_id=1"], "service-desk"),
        (&["alertname=SaasBackupWorkloadStale", "severity=warning", "tenant_id=1"], "service-desk"),
        (&["alertname=SaasBackupSeatsJumped", "severity=info", "tenant_id=1"], "account-managers"),
        (&["alertname=SomethingElse", "severity=critical"], "operations"),
    ] {
        let config = format!("--config.file={}", path());
        let verify = format!("--verify.receivers={receiver}");
        let arguments = [&["config", "routes", "test", &config, &verify], labels].concat();
        for generation in Generation::ALL {
            let (is_right, output) = amtool(generation, &arguments);
            assert!(is_right, "{generation:?}: {labels:?} goes to {output}");
        }
    }
}

#[test]
fn nothing_is_repeated_after_it_is_forgotten() {
    let route = route();
    let repeats: Vec<_> =
        [&route].into_iter().chain(&route.routes).filter_map(|route| route.repeat_interval.as_deref()).collect();
    assert_eq!(repeats.len(), 4, "{repeats:?}");
    for repeat in repeats {
        assert!(humantime::parse_duration(repeat).unwrap() <= RETENTION, "{repeat}");
    }
}

#[test]
fn every_inhibition_names_alerts_that_exist() {
    let (names, list) = (names(), Regex::new(r#"^alertname=~?"(\w*)\(?([\w|]+)\)?"$"#).unwrap());
    let mut found = 0;
    for inhibition in inhibitions() {
        for matcher in inhibition.source_matchers.iter().chain(&inhibition.target_matchers) {
            let Some((_, [prefix, alternatives])) = list.captures(matcher).map(|found| found.extract()) else {
                continue;
            };
            // The pattern's first part takes all of a name that stands alone or first.
            let names_here: Vec<String> = if matcher.contains('(') {
                alternatives.split('|').map(|name| format!("{prefix}{name}")).collect()
            } else {
                format!("{prefix}{alternatives}").split('|').map(str::to_owned).collect()
            };
            for name in names_here {
                assert!(names.contains(&name), "{matcher}: there is no {name}");
                found += 1;
            }
        }
    }
    assert!(found > 20, "the matchers were read: {found}");
}

#[test]
fn what_inhibits_comes_before_what_it_inhibits() {
    let (vocabulary, alerts) = (vocabulary(), alerts());
    let mut pairs = 0;
    for inhibition in inhibitions() {
        if inhibition.source_matchers.iter().any(|matcher| matcher.starts_with("severity")) {
            // The worse level of the same alert: either may come first.
            continue;
        }
        for source in &alerts {
            let source_labels = vocabulary.check(&source.expr).unwrap();
            if !holds(&inhibition.source_matchers, source, &source_labels) {
                continue;
            }
            for label in &inhibition.equal {
                assert!(source_labels.contains(label), "{} has no {label} to compare", source.alert);
            }
            for target in &alerts {
                if holds(&inhibition.target_matchers, target, &vocabulary.check(&target.expr).unwrap()) {
                    assert!(source.pending() <= target.pending(), "{} before {}", source.alert, target.alert);
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 30, "the inhibitions were read: {pairs}");
}
