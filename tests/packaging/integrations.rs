//! Checks the configurations for other programs as far as possible without these programs.

use serde_json::{Value, json};

use super::files::{names, output, read, yaml};
use crate::support::tools::tool;

const FOLDER: &str = "deploy/integrations";

/// What Prometheus says of a configuration.
fn is_taken_by_prometheus(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prometheus.yml");
    std::fs::write(&path, text).unwrap();
    output(tool("promtool").args(["check", "config"]).arg(path));
}

#[test]
#[ignore = "needs promtool"]
fn prometheus_takes_what_is_meant_for_it() {
    for name in names(FOLDER, ".yml") {
        is_taken_by_prometheus(&read(&format!("{FOLDER}/{name}")));
    }
    let collector: Value = yaml(&read(&format!("{FOLDER}/opentelemetry-collector.yaml")));
    // JSON is YAML.
    is_taken_by_prometheus(&collector["receivers"]["prometheus"]["config"].to_string());
}

#[test]
fn every_scrape_has_the_job_name_of_the_rules() {
    for name in names(FOLDER, ".yml") {
        let config: Value = yaml(&read(&format!("{FOLDER}/{name}")));
        assert_eq!(config["scrape_configs"][0]["job_name"], "saasbackup", "{name}");
    }
    let collector: Value = yaml(&read(&format!("{FOLDER}/opentelemetry-collector.yaml")));
    let scrape = &collector["receivers"]["prometheus"]["config"]["scrape_configs"][0];
    assert_eq!(scrape["job_name"], "saasbackup");
    // What a pipeline names is defined.
    let pipeline = &collector["service"]["pipelines"]["metrics"];
    for kind in ["receivers", "exporters"] {
        let parts = pipeline[kind].as_array().unwrap();
        assert!(parts.iter().all(|part| collector[kind].get(part.as_str().unwrap()).is_some()), "{kind}");
    }
    assert!(read(&format!("{FOLDER}/alloy.alloy")).contains("job_name        = \"saasbackup\""));
}

#[test]
fn the_external_secret_is_the_one_that_the_pods_mount() {
    let secret: Value = yaml(&read(&format!("{FOLDER}/external-secret.yaml")));
    let set: Value = yaml(&read("deploy/kubernetes/statefulset.yaml"));
    let volumes = set["spec"]["template"]["spec"]["volumes"].as_array().unwrap();
    assert!(volumes.iter().any(|volume| volume["secret"]["secretName"] == secret["spec"]["target"]["name"]));
    assert!(read("deploy/kubernetes/namespace.yaml").contains(secret["metadata"]["namespace"].as_str().unwrap()));
}

#[test]
fn the_page_lists_every_file() {
    let page = read("docs/INTEGRATIONS.md");
    for name in names(FOLDER, "") {
        assert!(page.contains(&format!("(../{FOLDER}/{name})")), "{name}");
    }
}

/// A patch that finds nothing is an error of kustomize; one that changes the wrong thing is found here.
#[test]
#[ignore = "needs kubectl"]
fn the_overlay_changes_what_it_says() {
    let said = output(tool("kubectl").args(["kustomize", "deploy/kubernetes-overlay"]));
    let objects: Vec<Value> = said.split("\n---\n").map(yaml).collect();
    let object = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
    let set = object("StatefulSet");
    assert_eq!(set["spec"]["replicas"], 2);
    let container = &set["spec"]["template"]["spec"]["containers"][0];
    let shards = json!({ "name": "SAASBACKUP_EXPORTER_TOTAL_SHARDS", "value": "2" });
    assert!(container["env"].as_array().unwrap().contains(&shards), "{container}");
    assert_eq!(container["image"], concat!("registry.example/saasbackup-exporter:", env!("CARGO_PKG_VERSION")));
    for kind in ["ServiceMonitor", "PrometheusRule"] {
        assert_eq!(object(kind)["metadata"]["labels"]["release"], "prometheus", "{kind}");
    }
    let prometheus = &object("NetworkPolicy")["spec"]["ingress"][0]["from"][0]["namespaceSelector"]["matchLabels"];
    assert_eq!(*prometheus, json!({ "kubernetes.io/metadata.name": "observability" }));
    let config = read("deploy/kubernetes-overlay/config.yaml");
    assert!(objects.iter().any(|object| object["data"]["config.yaml"] == config.as_str()));
}
