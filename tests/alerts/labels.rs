//! Adds labels of the operator to the shipped alerts as docs/TICKETS.md says, and lets promtool judge them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::files::{files, repository};
use super::promtool::promtool;
use crate::documents::markdown::page;
use crate::support::generation::Generation;
use crate::support::tools::{run, tool};

/// The alerts with the label, in files of the same names, as the page's command writes them.
fn write_labelled(folder: &Path) -> Vec<PathBuf> {
    let page = page("docs/TICKETS.md");
    let command = page.blocks.iter().find(|block| block.language == "sh" && block.text.starts_with("sed -E ")).unwrap();
    let file = "alerts/saasbackup-protection.alerts.yml";
    assert!(command.text.contains(file), "{}", command.text);
    let labelled = |path: PathBuf| {
        let command = command.text.replace(file, path.to_str().unwrap());
        let output = run(tool("bash").args(["--noprofile", "--norc", "-c", &command]), b"");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let written = folder.join(path.file_name().unwrap());
        std::fs::write(&written, output.stdout).unwrap();
        written
    };
    files("alerts", ".alerts.yml").into_iter().map(labelled).collect()
}

/// The same without what the alerts say, which other tests compare.
fn without_annotations(rules: &str) -> String {
    let mut rules = rules.to_owned();
    let begin = "        annotations:\n";
    while let Some(at) = rules.find(begin) {
        let end = rules[at..].find("\n\n").map_or(rules.len(), |length| at + length + 1);
        rules.replace_range(at..end, "");
    }
    rules
}

fn series(name: &str, tenant_id: &str, more: &str, values: &str) -> [Value; 2] {
    ["a", "b"].map(|instance| {
        let labels = format!("provider=\"dropsuite\",source=\"us\",tenant_id=\"{tenant_id}\",tenant=\"{tenant_id}\"");
        let series = format!("saasbackup_{name}{{{labels}{more},job=\"saasbackup\",instance=\"{instance}\"}}");
        json!({ "series": series, "values": values })
    })
}

/// Both customers fire after four hours; ten scrapes are missed, and the first one gets another owner.
fn case() -> Value {
    let known = "1x290 _x9 1x200";
    let (north, south) = (",owner=\"quo\\\"ted & North\",tier=\"gold\"", ",owner=\"South\",tier=\"gold\"");
    let of_tenants = ["1-1", "1-2"].into_iter().flat_map(|id| {
        let until = "expected_unprotected_accepted_until_timestamp_seconds";
        [
            series("accounts", id, ",state=\"unprotected\"", known),
            series("expected_unprotected_accepted", id, "", known),
            series(until, id, "", "10800x290 _x9 10800x200"),
        ]
    });
    let labels = [
        series("tenant_labels", "1-1", north, "1x290 _x9 1x59 stale"),
        series("tenant_labels", "1-1", south, "_x360 1x140"),
    ];
    let fires = |owner: Option<&str>, tenant_id: &str| {
        let labels = [("provider", "dropsuite"), ("source", "us"), ("severity", "warning")];
        let own = [("tenant_id", tenant_id), ("tenant", tenant_id)];
        let labels: serde_json::Map<_, _> = labels
            .into_iter()
            .chain(own)
            .chain(owner.map(|owner| ("owner", owner)))
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        json!({ "exp_labels": labels })
    };
    let at = |time: &str, owner: Option<&str>| {
        let mut alerts = vec![fires(None, "1-2")];
        alerts.extend(owner.map(|owner| fires(Some(owner), "1-1")));
        json!({ "eval_time": time, "alertname": "SaasBackupUnprotectedExceptionExpired", "exp_alerts": alerts })
    };
    let owner = "quo\"ted & North";
    let alerts = [at("290m", Some(owner)), at("299m", Some(owner)), at("359m", Some(owner)), at("430m", Some("South"))];
    let series: Vec<_> = of_tenants.chain(labels).flatten().collect();
    json!({ "interval": "1m", "input_series": series, "alert_rule_test": alerts })
}

#[test]
#[ignore = "needs promtool"]
fn an_alert_has_the_labels_of_its_customer_and_fires_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let labelled = write_labelled(folder.path());
    let expected = folder.path().join("saasbackup-expected.alerts.yml");
    let rules = without_annotations(&std::fs::read_to_string(&expected).unwrap());
    std::fs::write(&expected, rules).unwrap();
    let test = folder.path().join("labels.test.yml");
    let recorded = repository().join("alerts/saasbackup.rules.yml");
    // JSON is YAML.
    let content = json!({ "rule_files": [recorded, expected], "evaluation_interval": "1m", "tests": [case()] });
    std::fs::write(&test, content.to_string()).unwrap();
    for generation in Generation::ALL {
        let paths: Vec<_> = labelled.iter().map(AsRef::as_ref).collect();
        promtool(generation, &["check", "rules"], &paths).unwrap_or_else(|problem| panic!("{problem}"));
        promtool(generation, &["test", "rules"], &[&test]).unwrap_or_else(|problem| panic!("{problem}"));
    }
}
