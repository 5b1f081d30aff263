//! Runs the binary with a configuration, and compares its output with a golden file.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use regex::Regex;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet;
use saasbackup_simulator::{datto, dropsuite};
use tempfile::TempDir;

use crate::support::golden::assert_golden;
use crate::support::process::{Ended, Process, exporter, text};

/// What every configuration of these tests begins with.
pub(crate) const COLLECTION: &str = "collection: { timeout: 20s, requests_per_second: 20 }\n";

/// A folder with a configuration file that only its owner can read.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new(config: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.write("config.yaml", config, 0o600);
        bench
    }

    pub(crate) fn write(&self, name: &str, content: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Runs `doctor` with nothing of this process's environment but `environment`.
    pub(crate) async fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let config = self.folder.path().join("config.yaml");
        let mut command = exporter(&["--config.file", text(&config), "doctor"]);
        command.args(arguments).envs(environment.iter().copied());
        let ended = tokio::task::spawn_blocking(move || Process::spawn(&mut command).wait()).await.unwrap();
        for shown in [&ended.stdout, &ended.stderr] {
            assert!(!shown.contains("canary") && !shown.contains(fleet::PRIVATE_MARKER), "{shown}");
            assert!(!shown.contains('\u{1b}'), "no colour without a terminal: {shown}");
        }
        ended
    }

    /// Runs it and gives what it prints, with what differs from run to run replaced.
    pub(crate) async fn told(&self, code: i32) -> String {
        let ended = self.run(&[], &[]).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{}", ended.stdout);
        self.masked(&ended.stdout)
    }

    pub(crate) fn masked(&self, text: &str) -> String {
        let text = text.replace(self.folder.path().to_str().unwrap(), "<folder>");
        let text = text.replace(env!("CARGO_MANIFEST_DIR"), "<repository>");
        let ports = Regex::new(r"127\.0\.0\.1:\d+").unwrap();
        let text = ports.replace_all(&text, "127.0.0.1:<port>");
        let times = Regex::new(r"\b(in|about) (less than )?\d+(ms|s|m|h|days?)( \d+(ms|s|m))*").unwrap();
        let text = times.replace_all(&text, "$1 <time>");
        // On a busy machine it may be the latency that limits.
        let possible = Regex::new(r"at \d+\.\d req/s \(limited by \w+\)").unwrap();
        let text = possible.replace_all(&text, "at <rate> req/s (limited by <key>)");
        let needed = Regex::new(r"of \d+\.\d req/s").unwrap();
        needed.replace_all(&text, "of <rate> req/s").into_owned()
    }
}

/// The fails and warnings with what to do, in place of a whole page.
pub(crate) fn complaints(text: &str) -> String {
    let mut is_complaint = false;
    let lines = text.lines().filter(|line| {
        if !line.trim_start().starts_with("->") {
            is_complaint = line.starts_with("  fail") || line.starts_with("  warn");
        }
        is_complaint
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// Compares with the golden file of this name.
pub(crate) fn is_golden(name: &str, found: &str) {
    assert_golden(format!("tests/testdata/doctor/{name}.txt"), found);
}

pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/doctor")
}

pub(crate) const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A fake Dropsuite with the first organizations of the named fleet.
pub(crate) async fn dropsuite(organizations: usize) -> dropsuite::Server {
    let options = dropsuite::Options::new(fleet::Fleet::demo(organizations, 7), Clock::system());
    dropsuite::Server::bind(HERE, options).await.unwrap()
}

/// A fake Datto with the first customers of the named fleet.
pub(crate) async fn datto(customers: usize) -> datto::Server {
    let options = datto::Options::new(datto::fleet::Fleet::demo(customers, 7), Clock::system());
    datto::Server::bind(HERE, options).await.unwrap()
}

/// The configuration of a Dropsuite source; `more` are further lines of it.
pub(crate) fn dropsuite_config(base_url: &str, reseller_token: &str, access_token: &str, more: &str) -> String {
    format!(
        "{COLLECTION}sources:
  - name: dropsuite-us
    provider: dropsuite
    base_url: {base_url}
    reseller_token: {reseller_token}
    access_token: {access_token}
{more}"
    )
}

/// The configuration of a Datto source.
pub(crate) fn datto_config(base_url: &str, public_key: &str, secret_key: &str, more: &str) -> String {
    format!(
        "{COLLECTION}sources:
  - name: datto
    provider: datto
    base_url: {base_url}
    public_key: {public_key}
    secret_key: {secret_key}
{more}"
    )
}
