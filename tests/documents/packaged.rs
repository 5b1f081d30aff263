//! Checks commands for other machines (Docker, a cluster, systemd) against the files of `deploy/`.

use saasbackup_exporter::commands::serve::DEFAULT_PORT;

use super::commands::{is_ours, is_there, succeeds};
use crate::alerts::files::{read, repository};
use crate::support::tools::tool;

const IMAGE: &str = concat!("saasbackup-exporter:", env!("CARGO_PKG_VERSION"));
const UNIT: &str = "deploy/systemd/saasbackup-exporter.service";
const INSIDE: &str = "/usr/bin/saasbackup-exporter";

fn holds(condition: bool, problem: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(problem.to_owned()) }
}

fn says(path: &str, words: &str) -> Result<(), String> {
    holds(read(&repository().join(path)).contains(words), &format!("{path} does not say {words}"))
}

/// Whether the command fits what the repository ships.
pub(crate) fn is_good(words: &[&str]) -> Result<(), String> {
    match *words {
        ["docker", "build", ref arguments @ ..] => image_is_built(arguments),
        ["docker", "buildx", "imagetools", "inspect", image] => says("Dockerfile", &format!("FROM {image} ")),
        ["docker", "buildx", "build", ..] => Ok(()),
        ["docker", "run", ref arguments @ ..] => container_runs(arguments),
        ["docker", "exec", "saasbackup-exporter", INSIDE, ref ours @ ..] => is_ours(ours),
        ["docker", "compose", "--file", file, "up", ref rest @ ..] => {
            is_there(file)?;
            holds(rest.iter().all(|flag| *flag == "--build"), "an unknown flag of docker compose up")
        }
        ["helm", "install", release, chart, ref arguments @ ..] => {
            is_there(&format!("{chart}/Chart.yaml"))?;
            says("deploy/kubernetes/statefulset.yaml", &format!("name: {release}\n"))?;
            let known = ["--namespace", "saasbackup", "--set", "--values", "values.yaml"];
            let unknown = arguments.iter().find(|word| !known.contains(word) && !word.starts_with("image.repository="));
            unknown.map_or(Ok(()), |word| Err(format!("an unknown argument of helm install: {word}")))
        }
        ["kubectl", "apply", "--kustomize", folder] => {
            succeeds(tool("kubectl").arg("kustomize").arg(repository().join(folder)))
        }
        // A sentence about a command rather than the command.
        ["kubectl", "apply", "--dry-run=server"] => Ok(()),
        ["kubectl", command] | ["kubectl", command @ "delete", "pod"] => {
            succeeds(tool("kubectl").args([command, "--help"]))
        }
        ["kubectl", "exec", "--namespace", namespace, pod, "--", INSIDE, ref ours @ ..] => {
            says("deploy/kubernetes/namespace.yaml", &format!("name: {namespace}\n"))?;
            let set = pod.strip_suffix("-0").ok_or("no pod of a StatefulSet")?;
            says("deploy/kubernetes/statefulset.yaml", &format!("name: {set}\n"))?;
            is_ours(ours)
        }
        ["systemctl", "start" | "restart" | "reload" | "enable" | "status", ref rest @ ..] => {
            let units: Vec<_> = rest.iter().filter(|word| !word.starts_with('-')).collect();
            units.iter().try_for_each(|unit| match unit.rsplit_once('.') {
                Some((_, "service" | "socket")) => is_there(&format!("deploy/systemd/{unit}")),
                _ => is_there(&format!("deploy/systemd/{unit}.service")),
            })
        }
        ["systemd-analyze", "security" | "verify", unit] => is_there(&format!("deploy/systemd/{unit}.service")),
        ["systemd-run", ref arguments @ ..] => {
            let ours = arguments.iter().position(|word| *word == "saasbackup-exporter").ok_or("not our program")?;
            for word in arguments[..ours].iter().filter(|word| word.contains('=')) {
                says(UNIT, word)?;
            }
            is_ours(&arguments[ours + 1..])
        }
        ["apt", "install", package] => {
            let built = concat!("./target/debian/saasbackup-exporter_", env!("CARGO_PKG_VERSION"), "-1_amd64.deb");
            holds(package == built, &format!("scripts/build-deb makes {built}"))
        }
        ["install", "-m", "600", _, "credentials/"] => says(UNIT, "/etc/saasbackup-exporter/credentials\n"),
        ["sudoedit", "config.yaml"] => says("Cargo.toml", "conf-files = [\"/etc/saasbackup-exporter/config.yaml\"]"),
        ["cd", folder] => says("Cargo.toml", &format!("\"{folder}/config.yaml\"")),
        _ => Err(format!("no test runs {}", words.join(" "))),
    }
}

fn image_is_built(arguments: &[&str]) -> Result<(), String> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--build-arg" => {
                let name = words.next().and_then(|pair| pair.split('=').next()).unwrap_or_default();
                says("Dockerfile", &format!("ARG {name}="))?;
            }
            "--tag" => {
                let tag = words.next().copied().unwrap_or_default();
                holds(tag == IMAGE, &format!("{tag} is not {IMAGE}"))?;
            }
            "." => {}
            other => return Err(format!("no test knows docker build {other}")),
        }
    }
    Ok(())
}

fn container_runs(arguments: &[&str]) -> Result<(), String> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().unwrap_or_default();
        match *word {
            "--rm" | "--read-only" => {}
            "--name" | "--cap-drop" | "--security-opt" | "--user" => drop(value()),
            "--publish" => {
                let value = value();
                holds(value.ends_with(&format!(":{DEFAULT_PORT}")), &format!("{value}: the port is {DEFAULT_PORT}"))?;
            }
            "--volume" => {
                let value = value();
                let inside = value.trim_end_matches(":ro").rsplit(':').next().unwrap_or_default();
                // The secrets are where the example of a configuration looks for them.
                let known = [says("Dockerfile", inside), says("config.example.yaml", &format!("{inside}/"))];
                holds(known.iter().any(Result::is_ok), &format!("{inside} is no place in the image"))?;
            }
            "--env" => {
                let name = value().split('=').next().unwrap_or_default();
                says("docs/CLI.md", &format!("[env: {name}="))?;
            }
            "demo" => return Ok(()),
            image => {
                holds(image == IMAGE, &format!("{image} is not {IMAGE}"))?;
                return is_ours(words.as_slice());
            }
        }
    }
    Ok(())
}
