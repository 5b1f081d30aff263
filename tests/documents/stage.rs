//! Sets up the environment of the pages: the demo of the README, a Prometheus that scrapes it as in the README with the
//! rules, and a folder as the README creates it.

use std::process::Stdio;

use super::markdown::page;
use super::workshop::Workshop;
use crate::alerts::files::{repository, rule_files};
use crate::support::demo::Exporter;
use crate::support::generation::Generation;
use crate::support::prometheus::Prometheus;
use crate::support::tools::tool;
use crate::support::wait::eventually;

/// The address that the pages name.
const NAMED: &str = "localhost:10047";

pub(crate) struct Stage {
    pub(crate) exporter: Exporter,
    pub(crate) prometheus: [Prometheus; Generation::ALL.len()],
    pub(crate) workshop: Workshop,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let (exporter, workshop) = tokio::join!(Exporter::demo(), Workshop::open());
        let config = scrape_config(&exporter.address);
        let [oldest, current] = Generation::ALL.map(|generation| Prometheus::configured(&config, generation));
        let prometheus: [Prometheus; _] = tokio::join!(oldest, current).into();
        for prometheus in &prometheus {
            eventually(async || {
                // The last word of the rules: everything that it is made of was scraped and recorded.
                let recorded = prometheus.query("count(workload:saasbackup_stale:bool)").await;
                if recorded.is_empty() { Err(format!("nothing is recorded: {}", prometheus.log())) } else { Ok(()) }
            })
            .await;
        }
        Self { exporter, prometheus, workshop }
    }

    /// Runs a command line as it stands, but for the address; gives what it prints.
    pub(crate) fn shell(&self, line: &str) -> Result<String, String> {
        let line = line.replace(NAMED, &self.exporter.address);
        let mut command = tool("bash");
        // A pipe of which any part fails has failed.
        command.args(["--noprofile", "--norc", "-o", "pipefail", "-c", &line]).env_remove("http_proxy");
        let output = command.current_dir(repository()).stdin(Stdio::null()).output().unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        if output.status.success() { Ok(stdout) } else { Err(format!("{}: {stdout}{stderr}", output.status)) }
    }
}

/// The README's own lines, at the demo's address and without a minute's wait.
fn scrape_config(address: &str) -> String {
    let readme = page("README.md");
    let blocks = readme.blocks.iter().filter(|block| block.language == "yaml");
    let config = blocks.map(|block| &block.text).find(|text| text.starts_with("scrape_configs:")).unwrap();
    for words in [NAMED, "scrape_interval: 1m"] {
        assert!(config.contains(words), "{words}: {config}");
    }
    let rules: Vec<_> = rule_files().iter().map(|path| format!("  - {}\n", path.display())).collect();
    format!(
        "global: {{ evaluation_interval: 1s }}\nrule_files:\n{}{}",
        rules.concat(),
        config.replace(NAMED, address).replace("scrape_interval: 1m", "scrape_interval: 5s\n    scrape_timeout: 5s")
    )
}
