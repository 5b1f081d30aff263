//! Checks the units with systemd.

use clap::Parser as _;
use saasbackup_exporter::cli::Cli;

use super::files::{is_good_configuration, output, read};
use crate::support::tools::tool;

const SERVICE: &str = "deploy/systemd/saasbackup-exporter.service";

/// The value of a line `key=value`.
fn value(text: &str, key: &str) -> String {
    let found = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {key}")).to_owned()
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_saasbackup-exporter");
    let mut command = tool("systemd-analyze");
    command.args(["verify", "--man=no", "--recursive-errors=no"]);
    let units = ["exporter.service", "exporter.socket", "report.service", "report.timer"];
    for name in units.map(|unit| format!("saasbackup-{unit}")) {
        let text = read(&format!("deploy/systemd/{name}"));
        let path = folder.path().join(&name);
        // The program is not installed here.
        std::fs::write(&path, text.replace("/usr/bin/saasbackup-exporter", program)).unwrap();
        command.arg(path);
    }
    let ended = command.output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && said.is_empty(), "{said}");
}

/// How much a break-in could do, from 0 to 10, in systemd's own reckoning.
#[test]
#[ignore = "needs systemd-analyze"]
fn the_service_may_do_no_more_than_the_unit_says() {
    let mut command = tool("systemd-analyze");
    let said = output(command.args(["security", "--offline=true", "--no-pager", SERVICE]));
    let line = said.lines().find(|line| line.contains("Overall exposure level")).unwrap();
    let exposure = line.split(": ").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(exposure.parse::<f64>().unwrap() < 1.5, "{said}");
    assert!(read(SERVICE).contains(&format!("says {exposure} (OK)")), "{line}");
}

#[test]
fn the_configuration_is_good_and_stands_where_the_unit_says() {
    let names = [
        "saasbackup_dropsuite-reseller-token",
        "saasbackup_dropsuite-access-token",
        "saasbackup_datto-public-key",
        "saasbackup_datto-secret-key",
    ];
    is_good_configuration("deploy/systemd/config.yaml", "${CREDENTIALS_DIRECTORY}", &names);
    let unit = read(SERVICE);
    // A start with an invalid configuration fails instead of only ending soon afterwards.
    assert_eq!(value(&unit, "ExecStartPre"), format!("{} --config.check", value(&unit, "ExecStart")));
    // What systemd calls the files of a folder begins with this.
    assert!(value(&unit, "LoadCredential").starts_with("saasbackup:/"), "{unit}");
    let state = format!("path: /var/lib/{}/", value(&unit, "StateDirectory"));
    assert!(read("deploy/systemd/config.yaml").contains(&state), "{state}");
}

/// Whether the command line takes the flags of this command.
fn report_flags(command: &str) -> Result<(), String> {
    let (_, arguments) = command.split_once("/usr/bin/saasbackup-exporter ").ok_or("not our program")?;
    let program = ["saasbackup-exporter", "--prometheus.url=http://p"];
    let mut words: Vec<_> = arguments.split_whitespace().collect();
    words.insert(1, program[1]);
    Cli::try_parse_from([program[0]].into_iter().chain(words)).map(drop).map_err(|problem| problem.to_string())
}

#[test]
fn the_scheduled_reports_are_commands_of_the_program() {
    report_flags(&value(&read("deploy/systemd/saasbackup-report.service"), "ExecStart")).unwrap();
    let table = read("deploy/cron/saasbackup-report");
    let jobs: Vec<_> = table.lines().filter(|line| line.starts_with(|letter: char| letter.is_ascii_digit())).collect();
    assert_eq!(jobs.len(), 2);
    for job in jobs {
        // Five fields of time and the user; a percent sign would be the end of the command.
        assert_eq!(job.split_whitespace().position(|word| word.starts_with("/usr/bin/")), Some(6), "{job}");
        assert!(!job.contains('%'), "{job}");
        report_flags(job).unwrap();
    }
}

#[test]
fn the_socket_is_the_port_of_the_program() {
    let port = value(&read("deploy/systemd/saasbackup-exporter.socket"), "ListenStream");
    assert_eq!(port, saasbackup_exporter::commands::serve::DEFAULT_PORT.to_string());
}
