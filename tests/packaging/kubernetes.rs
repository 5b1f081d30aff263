//! Renders the manifests, and checks them against the schemas of Kubernetes, the program and the rules.

use std::path::Path;

use saasbackup_exporter::commands::serve::DEFAULT_PORT;
use serde_json::{Value, json};

use super::files::{is_good_configuration, names, output, read, repository, yaml};
use crate::support::golden::assert_golden;
use crate::support::tools::tool;

/// The oldest release that the manifests are meant for, and the newest whose schemas are here.
pub(super) const RELEASES: [&str; 2] = ["1.28", "1.37"];

fn rendered() -> String {
    output(tool("kubectl").args(["kustomize", "deploy/kubernetes"]))
}

/// The rendered objects of a kind; there is at least one.
fn objects(kind: &str) -> Vec<Value> {
    let rendered = rendered();
    let objects = rendered.split("\n---\n").map(yaml::<Value>);
    let objects: Vec<_> = objects.filter(|object| object["kind"] == kind).collect();
    assert!(!objects.is_empty(), "no {kind}");
    objects
}

fn manifest(name: &str) -> Value {
    yaml(&read(&format!("deploy/kubernetes/{name}.yaml")))
}

#[test]
#[ignore = "needs kubectl"]
fn the_manifests_are_what_kubernetes_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rendered.yaml");
    std::fs::write(&path, rendered()).unwrap();
    for release in RELEASES {
        let mut validator = tool("kubernetes-validate");
        let said = output(validator.args(["--strict", "-k", release]).arg(&path));
        for kind in ["namespace", "serviceaccount", "statefulset", "service", "networkpolicy", "configmap"] {
            assert!(said.contains(&format!("passed for resource {kind}/")), "{release}, {kind}: {said}");
        }
        // Whose schemas are not those of Kubernetes.
        let unknown: Vec<_> = said.lines().filter(|line| !line.contains(" passed for resource ")).collect();
        assert_eq!(unknown.len(), 2, "{unknown:?}");
        assert!(unknown.iter().all(|line| line.contains("monitoring.coreos.com/v1")), "{unknown:?}");
    }
    the_prometheus_operator_takes(&path);
}

/// Holds the `ServiceMonitor` and the `PrometheusRule` of a file to the operator's definitions.
pub(super) fn the_prometheus_operator_takes(manifests: &Path) {
    let script = repository().join("tests/packaging/prometheus_operator.py");
    let said = output(tool("python3").arg(script).arg(manifests));
    let mut passed: Vec<_> = said.lines().collect();
    passed.sort_unstable();
    assert_eq!(passed, ["passed PrometheusRule/saasbackup-exporter", "passed ServiceMonitor/saasbackup-exporter"]);
}

/// Prometheus reads the same groups from files and from this object.
#[test]
fn the_rules_are_those_of_the_files() {
    let mut expected = "\
# Generated from alerts/ by a test (UPDATE_GOLDEN=1 cargo test packaging); do not edit.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: saasbackup-exporter
spec:
  groups:
"
    .to_owned();
    for name in [names("alerts", ".rules.yml"), names("alerts", ".alerts.yml")].concat() {
        let text = read(&format!("alerts/{name}"));
        let (_, groups) = text.split_once("groups:\n").unwrap();
        for line in groups.lines() {
            expected += &if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") };
        }
    }
    assert_golden("deploy/kubernetes/prometheusrule.yaml", &expected);
    let found = manifest("prometheusrule")["spec"]["groups"].as_array().unwrap().len();
    let files = [names("alerts", ".rules.yml"), names("alerts", ".alerts.yml")].concat();
    let groups = files.iter().map(|name| {
        let file: Value = yaml(&read(&format!("alerts/{name}")));
        file["groups"].as_array().unwrap().len()
    });
    assert_eq!(found, groups.sum::<usize>());
}

#[test]
#[ignore = "needs kubectl"]
fn each_dashboard_is_a_map_of_its_own_that_is_small_enough_to_be_applied() {
    let maps = objects("ConfigMap");
    let mut dashboards = Vec::new();
    for map in maps.iter().filter(|map| map["metadata"]["labels"]["grafana_dashboard"] == "1") {
        let data = map["data"].as_object().unwrap();
        assert_eq!(data.len(), 1, "{}", map["metadata"]["name"]);
        // kubectl apply keeps the whole object in an annotation.
        assert!(map.to_string().len() < 262_144, "{}", map["metadata"]["name"]);
        for (name, text) in data {
            assert_eq!(text.as_str().unwrap(), read(&format!("dashboards/{name}")));
            dashboards.push(name.clone());
        }
    }
    dashboards.sort();
    assert_eq!(dashboards, names("dashboards", ".json"));
}

#[test]
fn there_are_as_many_pods_as_shards_and_each_knows_its_own() {
    let set = manifest("statefulset");
    let environment = set["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let variable = |name: &str| environment.iter().find(|variable| variable["name"] == name).unwrap();
    let shards = variable("SAASBACKUP_EXPORTER_TOTAL_SHARDS")["value"].as_str().unwrap();
    assert_eq!(set["spec"]["replicas"].to_string(), shards);
    let index = "metadata.labels['apps.kubernetes.io/pod-index']";
    assert_eq!(variable("SAASBACKUP_EXPORTER_SHARD")["valueFrom"], json!({ "fieldRef": { "fieldPath": index } }));
}

#[test]
fn the_pod_may_do_as_little_as_the_restricted_standard_asks_and_less() {
    let set = manifest("statefulset");
    let pod = &set["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    for (found, expected) in [
        (&pod["securityContext"]["runAsNonRoot"], json!(true)),
        (&pod["securityContext"]["seccompProfile"]["type"], json!("RuntimeDefault")),
        (&pod["automountServiceAccountToken"], json!(false)),
        (&container["securityContext"]["allowPrivilegeEscalation"], json!(false)),
        (&container["securityContext"]["readOnlyRootFilesystem"], json!(true)),
        (&container["securityContext"]["capabilities"], json!({ "drop": ["ALL"] })),
    ] {
        assert_eq!(*found, expected, "{set}");
    }
    let user = pod["securityContext"]["runAsUser"].to_string();
    assert!(read("Dockerfile").contains(&format!("\nUSER {user}:{user}\n")), "{user}");
    assert!(container.get("envFrom").is_none(), "secrets are files");
}

#[test]
#[ignore = "needs kubectl"]
fn the_parts_name_each_other_as_they_are_called() {
    let set = manifest("statefulset");
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    let service = manifest("service");
    let monitor = manifest("servicemonitor");
    let policy = manifest("networkpolicy");
    for selector in [
        &set["spec"]["selector"]["matchLabels"],
        &service["spec"]["selector"],
        &service["metadata"]["labels"],
        &monitor["spec"]["selector"]["matchLabels"],
        &policy["spec"]["podSelector"]["matchLabels"],
    ] {
        assert_eq!(selector, labels);
    }
    assert_eq!(set["spec"]["serviceName"], service["metadata"]["name"]);
    let container = &set["spec"]["template"]["spec"]["containers"][0];
    let port = &container["ports"][0];
    assert_eq!(port["containerPort"], DEFAULT_PORT);
    for name in [
        &container["livenessProbe"]["httpGet"]["port"],
        &container["readinessProbe"]["httpGet"]["port"],
        &service["spec"]["ports"][0]["targetPort"],
        &service["spec"]["ports"][0]["name"],
        &policy["spec"]["ingress"][0]["ports"][0]["port"],
        &monitor["spec"]["endpoints"][0]["port"],
    ] {
        assert_eq!(*name, port["name"]);
    }
    // The rules know no other job.
    assert_eq!(monitor["spec"]["endpoints"][0]["relabelings"][0]["replacement"], "saasbackup");
    let rendered = &objects("StatefulSet")[0]["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(*rendered, concat!("saasbackup-exporter:", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_configuration_is_good_and_stands_where_the_program_looks() {
    let credentials = ["dropsuite-reseller-token", "dropsuite-access-token", "datto-public-key", "datto-secret-key"];
    is_good_configuration("deploy/kubernetes/config.yaml", "/run/secrets/saasbackup-exporter", &credentials);
    let set = manifest("statefulset");
    let mounts = set["spec"]["template"]["spec"]["containers"][0]["volumeMounts"].as_array().unwrap();
    let places: Vec<_> = mounts.iter().map(|mount| mount["mountPath"].as_str().unwrap()).collect();
    let config: Value = yaml(&read("deploy/kubernetes/config.yaml"));
    let state = config["state"]["path"].as_str().unwrap();
    for path in ["/etc/saasbackup-exporter/config.yaml", "/run/secrets/saasbackup-exporter/datto-secret-key", state] {
        assert!(places.contains(&path.rsplit_once('/').unwrap().0), "{path}: {places:?}");
    }
}
