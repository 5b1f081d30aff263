//! Records both mock vendors, searches the recordings for their values, and replays all recordings of the folder.

mod conclusions;
mod failures;
mod marked;
mod privacy;
mod round_trip;
mod served;

use std::path::Path;

use saasbackup_exporter::commands::record::{Options, record};
use saasbackup_exporter::config::Config;
use saasbackup_exporter::recording::Recording;
use tokio_util::sync::CancellationToken;

use crate::support::exporter::parse;

/// A source for recordings and its vendor's secrets.
pub(crate) fn config(provider: &str, base_url: &str, secrets: [&str; 2]) -> Config {
    let names = if provider == "datto" { ["public_key", "secret_key"] } else { ["reseller_token", "access_token"] };
    parse(&format!(
        "collection: {{ timeout: 5s, requests_per_second: 1000 }}
rpo: {{ default: 24h, workloads: {{ mail: 12h }} }}
sources:
  - {{ name: canary, provider: {provider}, base_url: \"{base_url}\", {}: {}, {}: {} }}
",
        names[0], secrets[0], names[1], secrets[1]
    ))
}

/// A recording of the first tenants of a configuration's only source.
pub(crate) async fn recorded(config: &Config, tenants: usize) -> Recording {
    let output = Path::new("unused").to_owned();
    let options = Options { source: None, tenants, output, include_words: Vec::new() };
    record(config, &options, &CancellationToken::new()).await.unwrap()
}
