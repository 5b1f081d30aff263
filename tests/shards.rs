//! Splits the tenants of both vendors between several exporters, and compares them with a single one.

mod growth;
mod restart;
mod union;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::Exposition;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::shard::Shard;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet;
use saasbackup_simulator::{datto, dropsuite};

const SOURCES: [&str; 2] = ["dropsuite", "datto"];
const TENANTS: &str = "saasbackup_exporter_tenants";

/// Fakes of both vendors whose time stands still, so that equal requests get equal answers.
struct Vendors {
    dropsuite: dropsuite::Server,
    datto: datto::Server,
}

impl Vendors {
    /// So many tenants at each vendor.
    async fn start(tenants: usize) -> Self {
        let (anywhere, clock) = ((Ipv4Addr::LOCALHOST, 0).into(), || Clock::fixed(clock::now().as_millis()));
        let options = dropsuite::Options::new(fleet::Fleet::demo(tenants, 7), clock());
        let mut datto_options = datto::Options::new(datto::fleet::Fleet::demo(tenants, 7), clock());
        datto_options.latency_scale = 0.0;
        Self {
            dropsuite: dropsuite::Server::bind(anywhere, options).await.unwrap(),
            datto: datto::Server::bind(anywhere, datto_options).await.unwrap(),
        }
    }

    /// The file that all shards share; they ask for everything once an hour.
    fn config_file(&self, more: &str) -> String {
        format!(
            "\
collection: {{ interval: 1h, timeout: 30s, concurrency: 16, requests_per_second: 1000 }}
{more}
sources:
  - name: dropsuite
    provider: dropsuite
    base_url: {}
    reseller_token: {}
    access_token: {}
    tenants: {{ exclude: ['0-6$'] }}
  - name: datto
    provider: datto
    base_url: {}
    public_key: {}
    secret_key: {}
    tenants: {{ exclude: ['0$'] }}
",
            self.dropsuite.base_url(),
            self.dropsuite.reseller_token(),
            self.dropsuite.admin_token(),
            self.datto.base_url(),
            self.datto.public_key(),
            self.datto.secret_key(),
        )
    }

    fn config(&self) -> Config {
        parse(&self.config_file(""))
    }
}

fn shard(index: u16, total: u16) -> Shard {
    Shard::new(index, total).unwrap()
}

/// The first scrape after both sources were listed.
async fn listed(exporter: &Exporter) -> Exposition {
    exporter
        .until("both vendors listed their tenants", |scrape| scrape.sum("saasbackup_listing_complete", &[]) == 2.0)
        .await
}

/// The first scrape after both sources were listed and every tenant was asked for.
async fn collected(exporter: &Exporter) -> Exposition {
    let is_collected = |scrape: &Exposition| {
        let pending = scrape.all(TENANTS, &[("state", "pending")]);
        scrape.sum("saasbackup_listing_complete", &[]) == 2.0 && pending.iter().all(|(_, tenants)| *tenants == 0.0)
    };
    exporter.until("every tenant was asked for", is_collected).await
}

/// The tenants that a scrape shows, each with its source.
fn tenants(scrape: &Exposition) -> BTreeSet<(String, String)> {
    let all = scrape.all("saasbackup_workload_state", &[]);
    all.iter().map(|(series, _)| (series.label("source").to_owned(), series.label("tenant_id").to_owned())).collect()
}

/// How many tenants of a source are at a stage; `None` if unknown.
fn at_stage(scrape: &Exposition, source: &str, state: &str) -> Option<f64> {
    scrape.get(TENANTS, &[("source", source), ("state", state)])
}
