//! Kills and restarts the exporter, and compares its data with that of before.

mod binary;
mod file;
mod recovery;
mod restart;
mod restraint;
mod trouble;

use std::path::Path;
use std::sync::Arc;

use saasbackup_exporter::commands::demo::Demo;
use saasbackup_exporter::config::{self, Config};
use saasbackup_exporter::domain::shard::Shard;
use saasbackup_exporter::domain::{Policy, SourceIdentity, SourceState};
use saasbackup_exporter::exposition::{Format, render};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::provider;
use saasbackup_exporter::state_file;
use saasbackup_simulator::datto::Shape;

/// Both vendors, with all their oddities that fit into so many tenants.
async fn vendors(tenants: usize) -> Demo {
    Demo::start(tenants, 7, Shape::default()).await.unwrap()
}

/// The demo's configuration, asking for everything once in `interval`, with a state file.
fn config_file(demo: &Demo, interval: &str, state: &Path) -> String {
    let mut text = demo.config_file();
    for written in [" 10m", " 5m", " 1m"] {
        text = text.replace(written, &format!(" {interval}"));
    }
    format!("{text}state: {{ path: {state:?} }}\n")
}

fn parse(text: &str) -> Config {
    Config::parse(text, &|_| None, Path::new("")).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// What the file holds of every source of this configuration; `None` before there is a file.
fn restored(path: &Path, config: &Config) -> Option<Vec<Arc<SourceState>>> {
    let mut saved = state_file::load(path).unwrap()?;
    let sources = config
        .sources
        .iter()
        .map(|source| Arc::new(saved.restore(fresh(config, source), provider::parts, &|_| true, clock::now())));
    Some(sources.collect())
}

/// A source of which nothing is known.
fn fresh(config: &Config, source: &config::Source) -> SourceState {
    let policy = Policy {
        stale_after: source.collection.stale_after,
        workloads: source.collection.workloads.iter().copied().collect(),
        objectives: config.objectives.clone().of_vendor(source.provider.vendor()),
    };
    let identity = SourceIdentity { provider: source.provider.vendor(), name: source.name.as_str().into() };
    SourceState::new(identity, Arc::new(policy)).at(source.provider.base_url())
}

/// All that is said of tenants, but for whether the last attempt worked: that changes as soon as a vendor is asked.
fn tenant_lines(exposition: &str) -> Vec<&str> {
    let lines = exposition.lines().filter(|line| line.contains(",tenant_id=\""));
    lines.filter(|line| !line.starts_with("saasbackup_collection_success{")).collect()
}

fn rendered(states: &[Arc<SourceState>]) -> String {
    render(states, Vec::new(), Format::Text)
}
