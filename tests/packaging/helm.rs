//! Renders the chart with Helm's own engine, and compares it with the plain manifests, the rules and the dashboards.

use std::path::Path;

use serde_json::{Value, json};

use super::files::{names, output, read, repository, yaml};
use crate::support::tools::{run, tool};

const CHART: &str = "deploy/helm/saasbackup-exporter";
/// What the chart says beside the plain manifests: these labels, and the checksum that restarts the pods.
const OF_HELM: [&str; 6] = [
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "checksum/config",
    "helm.sh/chart",
    "imagePullPolicy",
];

/// What the engine says of these values: the manifests, each with the path of its template, or what is wrong.
fn told(values: &Value) -> Result<Vec<[String; 2]>, String> {
    let script = repository().join("tests/packaging/render_chart.py");
    let ended = run(tool("python3").arg(script).arg(repository().join(CHART)), values.to_string().as_bytes());
    let [stdout, stderr] = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    if ended.status.success() { Ok(serde_json::from_str(&stdout).unwrap()) } else { Err(stderr) }
}

/// The text of all manifests, without the notes.
fn rendered(values: &Value) -> String {
    let manifests = told(values).unwrap_or_else(|problem| panic!("{values}: {problem}"));
    let manifests = manifests.into_iter().filter(|[name, text]| name.ends_with(".yaml") && !text.trim().is_empty());
    manifests.map(|[_, text]| text.trim_start_matches("\n---\n").to_owned()).collect::<Vec<_>>().join("\n---\n")
}

fn objects(values: &Value) -> Vec<Value> {
    rendered(values).split("\n---\n").map(yaml::<Value>).collect()
}

fn object(values: &Value, kind: &str) -> Value {
    let found: Vec<_> = objects(values).into_iter().filter(|object| object["kind"] == kind).collect();
    found.into_iter().next().unwrap_or_else(|| panic!("no {kind} of {values}"))
}

/// Without what only Helm or only kustomize adds.
fn plain(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            map.retain(|key, _| !OF_HELM.contains(&key.as_str()));
            for value in map.values_mut() {
                *value = plain(value.take());
            }
            // Labels of an object whose plain manifest needs none.
            map.retain(|key, value| !(key == "annotations" && *value == json!({})));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| *value = plain(value.take())),
        _ => {}
    }
    value
}

#[test]
#[ignore = "needs python3"]
fn the_chart_says_what_the_plain_manifests_say() {
    let objects = objects(&json!({}));
    let names = ["serviceaccount", "statefulset", "service", "networkpolicy", "servicemonitor", "prometheusrule"];
    for name in names {
        let expected: Value = yaml(&read(&format!("deploy/kubernetes/{name}.yaml")));
        let mut found = objects.iter().filter(|object| object["kind"] == expected["kind"]).cloned();
        let (mut found, mut expected) = (plain(found.next().unwrap()), plain(expected));
        for object in [&mut found, &mut expected] {
            // Only some of the plain manifests have labels, and none has a namespace: the kustomization sets it.
            let metadata = object["metadata"].as_object_mut().unwrap();
            metadata.remove("labels");
            metadata.remove("namespace");
        }
        if name == "statefulset" {
            let container = &mut found["spec"]["template"]["spec"]["containers"][0];
            assert_eq!(container["image"], concat!("saasbackup-exporter:", env!("CARGO_PKG_VERSION")));
            // The kustomization sets the tag.
            container["image"] = json!("saasbackup-exporter");
        }
        assert_eq!(found, expected, "{name}");
    }
    let maps: Vec<_> = objects.iter().filter(|object| object["kind"] == "ConfigMap").collect();
    let config = maps.iter().find_map(|map| map["data"].get("config.yaml")).unwrap().as_str().unwrap();
    assert_eq!(config.trim_end(), read("deploy/kubernetes/config.yaml").trim_end());
    let mut dashboards = Vec::new();
    for map in maps.iter().filter(|map| map["metadata"]["labels"]["grafana_dashboard"] == "1") {
        for (name, text) in map["data"].as_object().unwrap() {
            let kustomization = read("dashboards/kustomization.yaml");
            let both = format!("name: {}\n    files: [{name}]\n", map["metadata"]["name"].as_str().unwrap());
            assert!(kustomization.contains(&both), "{both}");
            let [found, expected]: [Value; 2] = [text.as_str().unwrap(), &read(&format!("dashboards/{name}"))]
                .map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(found, expected, "{name}");
            dashboards.push(name.clone());
        }
    }
    dashboards.sort();
    assert_eq!(dashboards, super::files::names("dashboards", ".json"));
    assert_eq!(objects.len(), names.len() + 1 + dashboards.len());
}

/// Values that turn on and set what is off or empty, and the objects that they lead to.
fn everything() -> Value {
    json!({
        "existingSecret": "of-vault",
        "config": { "sources": [{ "name": "datto", "provider": "datto", "public_key_file": "a", "secret_key_file": "b" }] },
        "shards": 3,
        "image": { "repository": "registry.example/exporter", "digest": format!("sha256:{}", "0".repeat(64)) },
        "imagePullSecrets": [{ "name": "registry" }],
        "extraEnv": [{ "name": "SAASBACKUP_EXPORTER_WEB_CONFIG_FILE", "value": "/run/web/web.yaml" }],
        "extraVolumes": [{ "name": "web", "secret": { "secretName": "web" } }],
        "extraVolumeMounts": [{ "name": "web", "mountPath": "/run/web" }],
        "probes": "exec",
        "podAnnotations": { "example/note": "yes" },
        "podLabels": { "team": "backup" },
        "nodeSelector": { "kubernetes.io/arch": "amd64" },
        "tolerations": [{ "key": "infra", "operator": "Exists" }],
        "affinity": { "nodeAffinity": {} },
        "topologySpreadConstraints": [{
            "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
        }],
        "priorityClassName": "monitoring",
        "persistence": { "enabled": false },
        "serviceMonitor": {
            "labels": { "release": "prometheus" }, "scrapeTimeout": "30s", "scheme": "https",
            "tlsConfig": { "insecureSkipVerify": true },
            "basicAuth": { "username": { "name": "web", "key": "user" }, "password": { "name": "web", "key": "password" } },
        },
        "prometheusRule": { "labels": { "release": "prometheus" } },
        "dashboards": { "annotations": { "grafana_folder": "Backups" } },
        "networkPolicy": { "publicHttps": false, "extraEgress": [{ "ports": [{ "protocol": "TCP", "port": 3128 }] }] },
        "podDisruptionBudget": { "enabled": true },
    })
}

#[test]
#[ignore = "needs kubernetes-validate"]
fn kubernetes_takes_the_chart_with_each_of_its_values() {
    for (values, own) in [(json!({}), 5), (everything(), 6)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rendered.yaml");
        std::fs::write(&path, rendered(&values)).unwrap();
        for release in super::kubernetes::RELEASES {
            let said = output(tool("kubernetes-validate").args(["--strict", "-k", release]).arg(&path));
            let passed = said.lines().filter(|line| line.contains(" passed for resource ")).count();
            assert_eq!(passed, own + names("dashboards", ".json").len(), "{release}: {said}");
            // Whose schemas are not those of Kubernetes.
            let unknown: Vec<_> = said.lines().filter(|line| !line.contains(" passed for resource ")).collect();
            assert!(
                unknown.len() == 2 && unknown.iter().all(|line| line.contains("monitoring.coreos.com/v1")),
                "{said}"
            );
        }
        super::kubernetes::the_prometheus_operator_takes(&path);
    }
}

#[test]
#[ignore = "needs python3"]
fn values_reach_the_objects() {
    let values = everything();
    let set = object(&values, "StatefulSet");
    let pod = &set["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    // One value for what has to be equal.
    assert_eq!(set["spec"]["replicas"], 3);
    let environment = container["env"].as_array().unwrap();
    let shards = environment.iter().find(|variable| variable["name"] == "SAASBACKUP_EXPORTER_TOTAL_SHARDS").unwrap();
    assert_eq!(shards["value"], "3");
    assert_eq!(container["image"], format!("registry.example/exporter@sha256:{}", "0".repeat(64)));
    for probe in ["livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["exec"]["command"], json!(["/usr/bin/saasbackup-exporter", "health"]));
        assert!(container[probe].get("httpGet").is_none(), "{container}");
    }
    assert!(set["spec"].get("volumeClaimTemplates").is_none(), "{set}");
    let volumes = pod["volumes"].as_array().unwrap();
    let volume = |name: &str| volumes.iter().find(|volume| volume["name"] == name).unwrap();
    assert_eq!(volume("state")["emptyDir"], json!({}));
    assert_eq!(volume("credentials")["secret"]["secretName"], "of-vault");
    let config: Value = yaml(object(&values, "ConfigMap")["data"]["config.yaml"].as_str().unwrap());
    assert_eq!(config, values["config"], "it replaces the default, and is not merged with it");
    let budget = object(&values, "PodDisruptionBudget");
    assert_eq!(budget["spec"]["selector"], set["spec"]["selector"]);
    // A changed configuration restarts the pods.
    let checksum = |set: &Value| set["spec"]["template"]["metadata"]["annotations"]["checksum/config"].clone();
    assert_ne!(checksum(&set), checksum(&object(&json!({}), "StatefulSet")));
}

#[test]
#[ignore = "needs python3"]
fn values_that_cannot_be_meant_are_rejected() {
    for (values, words) in [
        (json!({ "shard": 3 }), "shard"),
        (json!({ "shards": 0 }), "shards"),
        (json!({ "shards": "3" }), "shards"),
        (json!({ "existingSecret": "" }), "existingSecret"),
        (json!({ "config": { "sources": [] } }), "sources"),
        (json!({ "image": { "digest": "latest" } }), "digest"),
        (json!({ "probes": "tcp" }), "probes"),
    ] {
        let problem = told(&values).unwrap_err();
        assert!(problem.contains(words), "{values}: {problem}");
    }
}

/// Whatever the chart ships of other folders is those folders' own: links, which `helm package` follows.
#[test]
fn the_chart_has_no_copies() {
    for (link, target) in
        [("alerts", "alerts"), ("dashboards", "dashboards"), ("config.yaml", "deploy/kubernetes/config.yaml")]
    {
        let path = repository().join(CHART).join("files").join(link);
        assert!(path.symlink_metadata().unwrap().is_symlink(), "{link}");
        assert_eq!(path.canonicalize().unwrap(), repository().join(target).canonicalize().unwrap());
    }
    let values: Value = yaml(&read(&format!("{CHART}/values.yaml")));
    let schema: Value = serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    for key in values.as_object().unwrap().keys() {
        assert!(schema["properties"].get(key).is_some(), "values.schema.json has no {key}");
    }
    let chart: Value = yaml(&read(&format!("{CHART}/Chart.yaml")));
    assert_eq!(chart["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
    assert!(Path::new(CHART).ends_with(chart["name"].as_str().unwrap()), "{chart}");
}
