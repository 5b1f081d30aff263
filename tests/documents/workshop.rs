//! Prepares a folder as a reader of the README would, with mocks instead of the vendors, and runs the
//! program there.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet;
use saasbackup_simulator::{datto, dropsuite};
use tempfile::TempDir;

use super::markdown::page;
use crate::support::process::{Process, exporter, run};

/// The folder, and the vendors that its configuration leads to.
pub(crate) struct Workshop {
    pub(crate) folder: TempDir,
    dropsuite: dropsuite::Server,
    datto: datto::Server,
}

impl Workshop {
    /// Follows the section of the README about one's own tenants, up to its commands.
    pub(crate) async fn open() -> Self {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = dropsuite::Options::new(fleet::Fleet::demo(3, 7), Clock::system());
        let dropsuite = dropsuite::Server::bind(here, options).await.unwrap();
        let options = datto::Options::new(datto::fleet::Fleet::demo(3, 7), Clock::system());
        let datto = datto::Server::bind(here, options).await.unwrap();
        let workshop = Self { folder: tempfile::tempdir().unwrap(), dropsuite, datto };
        let readme = page("README.md");
        let blocks = readme.blocks.iter().filter(|block| block.language == "yaml");
        let config = blocks.map(|block| &block.text).find(|text| text.starts_with("sources:")).unwrap();
        workshop.write("config.yaml", &workshop.pointed_at_the_fakes(config));
        workshop.write("dropsuite-reseller-token", &workshop.dropsuite.reseller_token());
        workshop.write("dropsuite-access-token", &workshop.dropsuite.admin_token());
        workshop.write("datto-public-key", &workshop.datto.public_key());
        workshop.write("datto-secret-key", &workshop.datto.secret_key());
        let sold = page("docs/EXPECTED.md");
        let mut lists = sold.blocks.iter().filter(|block| block.language == "csv");
        workshop.write("sold.csv", &lists.next().unwrap().text);
        workshop.write("customers.csv", &lists.next_back().unwrap().text);
        let tests = page("docs/RESTORE-TESTS.md");
        let tests = tests.blocks.iter().find(|block| block.language == "csv").unwrap();
        workshop.write("tests.csv", &tests.text);
        workshop.write("password", "of a scraper");
        let user = workshop.run(&["hash-password", "--user", "prometheus", "--cost", "4"]).unwrap();
        workshop.write("web.yaml", &format!("basic_auth_users:\n  {user}"));
        workshop
    }

    /// The configuration, with the fakes in place of the vendors and no patience needed.
    fn pointed_at_the_fakes(&self, config: &str) -> String {
        let vendor = "https://dropsuite.us/api";
        assert!(config.contains(vendor) && config.contains("provider: datto\n"), "{config}");
        let config = config.replace(vendor, &self.dropsuite.base_url());
        let datto = format!("provider: datto\n    base_url: {}\n", self.datto.base_url());
        format!("collection: {{ requests_per_second: 1000 }}\n{}", config.replace("provider: datto\n", &datto))
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        // What others can read, `doctor` warns of.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs the program with these arguments to its end, or until it serves; gives what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let config = self.folder.path().join("config.yaml");
        let installed = "/etc/saasbackup-exporter/config.yaml";
        let mut arguments: Vec<_> =
            arguments.iter().map(|argument| argument.replace(installed, config.to_str().unwrap())).collect();
        let serves = serves(&arguments);
        if serves {
            arguments.push("--web.listen-address=127.0.0.1:0".to_owned());
        }
        let file = |name: &str| self.folder.path().join(name);
        std::fs::write(file("stdin"), "a password\n").unwrap();
        let mut command = exporter(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        // As in the examples of Kubernetes and of several shards on one machine.
        command.env("SAASBACKUP_EXPORTER_SHARD", "0").env("SAASBACKUP_EXPORTER_TOTAL_SHARDS", "1");
        command.current_dir(self.folder.path());
        let mut running = Process::reading(&mut command, File::open(file("stdin")).unwrap().into());
        if serves {
            running.until("it is ready", |process| is_ready(&process.stderr()).then_some(()));
            return Ok(running.stdout());
        }
        let ended = running.wait();
        if ended.code == Some(0) { Ok(ended.stdout) } else { Err(ended.stderr + &ended.stdout) }
    }
}

/// Whether the exporter goes on until it is stopped.
fn serves(arguments: &[String]) -> bool {
    use clap::Parser as _;
    use saasbackup_exporter::cli::{Cli, Command};
    let cli = Cli::try_parse_from(["saasbackup-exporter".to_owned()].iter().chain(arguments));
    cli.is_ok_and(|cli| match cli.command {
        None => !cli.config_check,
        Some(Command::Demo(demo)) => demo.backfill.is_none(),
        _ => false,
    })
}

/// Whether the exporter that logs this has asked each source once, successfully or not.
fn is_ready(log: &str) -> bool {
    let Some((_, rest)) = log.split_once("message=listening address=") else { return false };
    let Some(address) = rest.split_whitespace().next() else { return false };
    run(&["health", &format!("--url=http://{address}/-/ready")]).code == Some(0)
}

/// Makes sure that these files are in the folder; new ones hold nothing of interest.
pub(crate) fn with_files(folder: &Path, names: &[&str]) {
    for path in names.iter().map(|name| folder.join(name)).filter(|path| !path.exists()) {
        std::fs::write(path, "nothing-of-interest").unwrap();
    }
}
