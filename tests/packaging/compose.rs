//! Reads the compose file and what it mounts.

use std::collections::BTreeMap;

use saasbackup_exporter::commands::serve::DEFAULT_PORT;
use serde::Deserialize;

use super::files::{output, read, repository, yaml};
use crate::support::generation::Generation;
use crate::support::process::run;

#[derive(Debug, Deserialize)]
struct Compose {
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct Service {
    image: String,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    healthcheck: Option<Healthcheck>,
    #[serde(default)]
    volumes: Vec<String>,
    ports: Vec<String>,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    cap_drop: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Healthcheck {
    test: Vec<String>,
}

fn compose() -> Compose {
    yaml(&read("deploy/compose.yaml"))
}

impl Service {
    /// The pairs of a place outside and one inside.
    fn mounts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.volumes.iter().map(|volume| volume.trim_end_matches(":ro").split_once(':').unwrap())
    }
}

#[test]
fn everything_that_is_mounted_exists_and_cannot_be_changed() {
    let compose = compose();
    let mut files = 0;
    for (name, service) in &compose.services {
        for volume in &service.volumes {
            let source = volume.split(':').next().unwrap();
            if compose.volumes.contains_key(source) {
                continue;
            }
            assert!(repository().join("deploy").join(source).exists(), "{name}: {source}");
            assert!(volume.ends_with(":ro"), "{name}: {volume}");
            files += 1;
        }
    }
    assert!(files >= 6, "{files}");
}

#[test]
fn nothing_is_open_to_other_machines_and_every_image_has_a_version() {
    for (name, service) in &compose().services {
        assert!(service.ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{name}: {:?}", service.ports);
        let version = service.image.rsplit_once(':').map(|(_, version)| version.trim_start_matches('v'));
        assert!(version.unwrap().split('.').count() == 3, "{name}: {}", service.image);
    }
}

#[test]
fn the_exporter_is_started_with_flags_that_there_are() {
    let exporter = &compose().services["exporter"];
    assert_eq!(exporter.image, concat!("saasbackup-exporter:", env!("CARGO_PKG_VERSION")));
    assert_eq!(exporter.environment["SAASBACKUP_EXPORTER_WEB_LISTEN_ADDRESS"], format!(":{DEFAULT_PORT}"));
    assert_eq!(exporter.ports, [format!("127.0.0.1:{DEFAULT_PORT}:{DEFAULT_PORT}")]);
    assert!(exporter.read_only && exporter.cap_drop == ["ALL"]);
    // An image in the format of OCI has none of its own.
    let check = &exporter.healthcheck.as_ref().unwrap().test;
    let (kind, command) = check.split_first().unwrap();
    assert!(kind == "CMD" && read("Dockerfile").contains(&format!("CMD {command:?}")), "{check:?}");
    let arguments: Vec<_> = exporter.command.iter().map(String::as_str).chain(["--help"]).collect();
    let ended = run(&arguments);
    assert_eq!((ended.code, arguments[0]), (Some(0), "demo"), "{}", ended.stderr);
}

#[test]
#[ignore = "needs promtool"]
fn prometheus_takes_its_configuration_and_finds_the_rules() {
    let compose = compose();
    let prometheus = &compose.services["prometheus"];
    let (rules, inside) = prometheus.mounts().find(|(outside, _)| *outside == "../alerts").unwrap();
    let (config, _) = prometheus.mounts().find(|(_, inside)| *inside == "/etc/prometheus/prometheus.yml").unwrap();
    let text = read(&format!("deploy/{config}"));
    assert!(text.contains("job_name: saasbackup\n"), "the rules know no other name");
    assert!(text.contains(&format!("exporter:{DEFAULT_PORT}")) && compose.services.contains_key("alertmanager"));
    let outside = repository().join("deploy").join(rules).canonicalize().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prometheus.yml");
    std::fs::write(&path, text.replace(inside, outside.to_str().unwrap())).unwrap();
    for generation in Generation::ALL {
        let said = output(generation.tool("promtool").args(["check", "config"]).arg(&path));
        let has_all = said.contains("saasbackup.rules.yml") && said.contains("saasbackup-seats.alerts.yml");
        assert!(has_all, "{generation:?}: {said}");
    }
}

#[test]
fn grafana_finds_its_data_source_and_the_dashboards() {
    let compose = compose();
    let grafana = &compose.services["grafana"];
    let (outside, inside) = grafana.mounts().find(|(outside, _)| *outside == "../dashboards").unwrap();
    let home = &grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    let file = home.strip_prefix(inside).unwrap().trim_start_matches('/');
    assert!(repository().join("deploy").join(outside).join(file).is_file(), "{home}");
    let providers: serde_json::Value = yaml(&read("deploy/compose/grafana-dashboards.yaml"));
    assert_eq!(providers["providers"][0]["options"]["path"], inside);
    let sources: serde_json::Value = yaml(&read("deploy/compose/grafana-datasource.yaml"));
    assert_eq!(sources["datasources"][0]["type"], "prometheus");
    assert_eq!(sources["datasources"][0]["url"], "http://prometheus:9090");
}
