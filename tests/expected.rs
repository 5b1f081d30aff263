//! Compares the list of expected tenants with a mock vendor over real sockets: found, missing and undecidable.

mod file;
mod findings;
mod labels;
mod listing;
mod restore;
mod seats;
mod shards;

use std::path::{Path, PathBuf};

use crate::support::exporter::{SOURCE, config_file};
use crate::support::process::text;
use saasbackup_simulator::dropsuite::Server;
use tempfile::TempDir;

const PRESENT: &str = "saasbackup_expected_tenant_present";
const TENANTS: &str = "saasbackup_expected_tenants";
const EXPECTED: &str = "saasbackup_tenant_expected";
const PROTECTED: &str = "saasbackup_expected_workload_protected";
const RELOADED: &str = "saasbackup_exporter_expected_last_reload_successful";

/// A list of expected tenants, in a folder of its own.
struct Sold {
    folder: TempDir,
}

impl Sold {
    fn new(lines: &str) -> Self {
        let sold = Self { folder: tempfile::tempdir().unwrap() };
        sold.replace(lines);
        sold
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sold.csv")
    }

    /// Writes another one below the header, in one step as a billing system should.
    fn replace(&self, lines: &str) {
        let new = self.folder.path().join("sold.new");
        std::fs::write(&new, format!("source,tenant_id,tenant,workloads,seats\n{lines}")).unwrap();
        std::fs::rename(new, self.path()).unwrap();
    }

    /// The configuration of an account, which is asked for little and only once, beside this file.
    fn config_file(&self, server: &Server, more: &str) -> String {
        let little = "    interval: 1h\n    parts: [seats]\n    workloads: [mail, onedrive]\n";
        format!("expected: {{ file: {} }}\n{}", text(&self.path()), config_file(server, &format!("{little}{more}")))
    }

    /// That, written beside the file.
    fn written(&self, server: &Server, more: &str) -> PathBuf {
        let path = self.folder.path().join("config.yaml");
        std::fs::write(&path, self.config_file(server, more)).unwrap();
        path
    }
}

/// A line of the file.
fn line(tenant_id: &str, tenant: &str, workloads: &str, seats: &str) -> String {
    format!("{SOURCE},{tenant_id},{tenant},{workloads},{seats}\n")
}

/// The arguments with which the binary serves a configuration.
fn serving(config: &Path) -> Vec<String> {
    vec![format!("--config.file={}", text(config)), "--web.listen-address=127.0.0.1:0".to_owned()]
}
