//! Checks the receivers of docs/TICKETS.md against the example's routes, and the tickets that they write.

use serde::Deserialize;
use serde_json::{Value, json};

use super::alertmanager_example::{Route, route};
use crate::documents::markdown::page;
use crate::support::tools::{run, tool};

#[derive(Debug, Deserialize)]
struct Config {
    route: Route,
    receivers: Vec<Value>,
}

/// The configurations of the page.
fn configs() -> Vec<Config> {
    let page = page("docs/TICKETS.md");
    let blocks = page.blocks.iter().filter(|block| block.language == "yaml");
    blocks.map(|block| serde_saphyr::from_str(&block.text).unwrap()).collect()
}

#[test]
fn a_ticket_is_what_the_example_groups() {
    let is_of_tenants = |route: &&Route| route.group_by == ["provider", "source", "tenant_id"];
    let shipped = route().routes;
    let shipped = shipped.iter().find(is_of_tenants).expect("one route is for each customer");
    let [webhook, mail] = <[Config; 2]>::try_from(configs()).unwrap();
    let own = &webhook.route.routes[0];
    assert_eq!((&own.matchers, &own.group_by), (&shipped.matchers, &shipped.group_by));
    assert_eq!(own.repeat_interval, shipped.repeat_interval);
    assert_eq!(mail.route.group_by, shipped.group_by);
    for (config, kind) in [(&webhook, "webhook_configs"), (&mail, "email_configs")] {
        let receiver = config.receivers.iter().find(|receiver| receiver["name"] == "service-desk").unwrap();
        assert_eq!(receiver[kind][0]["send_resolved"], true, "the end of it closes the ticket");
    }
}

/// A template of the mail with these alerts, as Alertmanager renders it.
fn rendered(template: &Value, status: &str) -> String {
    let alert = |status: &str, words: &str| {
        let (labels, annotations) = (
            json!({ "severity": "warning", "tenant": "quo\"ted \\ Söhne" }),
            json!({ "summary": words, "description": "More.", "runbook_url": "https://runbook.example" }),
        );
        json!({ "status": status, "labels": labels, "annotations": annotations })
    };
    let data = json!({
        "receiver": "service-desk", "status": status, "externalURL": "",
        "groupLabels": { "provider": "dropsuite", "source": "us", "tenant_id": "440032-6" },
        "commonLabels": {}, "commonAnnotations": {},
        "alerts": [alert("firing", "Mail is late"), alert("resolved", "Drives are late")],
    });
    let folder = tempfile::tempdir().unwrap();
    let (templates, path) = (folder.path().join("none.tmpl"), folder.path().join("data.json"));
    std::fs::write(&templates, "{{ define \"none\" }}{{ end }}").unwrap();
    std::fs::write(&path, data.to_string()).unwrap();
    let mut amtool = tool("amtool");
    amtool.args(["template", "render", "--template.glob"]).arg(templates).arg("--template.data").arg(path);
    let output = run(amtool.arg(format!("--template.text={}", template.as_str().unwrap())), b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs amtool"]
fn a_mail_has_the_key_and_the_state_in_its_subject_and_every_alert_in_its_text() {
    let mail = &configs()[1].receivers[0]["email_configs"][0];
    for status in ["firing", "resolved"] {
        let subject = rendered(&mail["headers"]["Subject"], status);
        assert_eq!(subject, format!("[saasbackup dropsuite/us/440032-6] quo\"ted \\ Söhne: {status}"));
    }
    let text = rendered(&mail["text"], "firing");
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let expected = ["warning: Mail is late", "More.", "https://runbook.example", "resolved: Drives are late"];
    assert_eq!(lines, expected);
}
