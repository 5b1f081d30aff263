//! Runs the exporter on a generated fleet: starts mock APIs of both vendors and points a normal configuration at them.

mod days;
pub mod history;
mod restore;
mod run;
mod sold;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

pub use run::{Options, check, run, write_history};

use crate::config::{Config, Errors};
use crate::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet;
use saasbackup_simulator::{datto, dropsuite};

/// One in this many tenants is a customer of Datto: a hundred tenants include all the named ones of both fleets.
const DATTO_SHARE: usize = 2;
/// A fiftieth of Datto's real latency: slow enough to be visible, but fast enough for a demo.
const DATTO_LATENCY_SCALE: f64 = 0.02;

/// The running mock APIs; they stop when dropped.
#[derive(Debug)]
pub struct Demo {
    dropsuite: dropsuite::Server,
    datto: datto::Server,
    shape: datto::Shape,
}

impl Demo {
    /// Starts the mock APIs on loopback, on free ports, with this total number of tenants.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn start(tenants: usize, seed: u64, shape: datto::Shape) -> std::io::Result<Self> {
        Self::at(tenants, seed, shape, Clock::system(), DATTO_LATENCY_SCALE).await
    }

    /// Starts them with another clock, and a fraction of Datto's real latency.
    async fn at(
        tenants: usize,
        seed: u64,
        shape: datto::Shape,
        clock: Clock,
        latency_scale: f64,
    ) -> std::io::Result<Self> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let customers = tenants / DATTO_SHARE;
        let organizations = fleet::Fleet::demo(tenants - customers, seed);
        let dropsuite_options = dropsuite::Options::new(organizations, clock.clone());
        let mut datto_options = datto::Options::new(datto::fleet::Fleet::demo(customers, seed), clock);
        datto_options.shape = shape;
        datto_options.latency_scale = latency_scale;
        Ok(Self {
            dropsuite: dropsuite::Server::bind(anywhere, dropsuite_options).await?,
            datto: datto::Server::bind(anywhere, datto_options).await?,
            shape,
        })
    }

    /// The mock Dropsuite.
    #[must_use]
    pub const fn dropsuite(&self) -> &dropsuite::Server {
        &self.dropsuite
    }

    /// The mock Datto.
    #[must_use]
    pub const fn datto(&self) -> &datto::Server {
        &self.datto
    }

    /// The configuration file for this fleet.
    #[must_use]
    pub fn config_file(&self) -> String {
        format!(
            "\
collection:
  interval: 1m
  timeout: 10s
  concurrency: 32
  requests_per_second: 1000
  part_intervals:
    {{ calendar: 1m, contacts: 1m, tasks: 1m, onedrive: 1m, sharepoint: 1m, teams: 1m, shared_drive: 1m, google_drive: 1m,
      seats: 1m, coverage: 5m, lifecycle: 10m }}
rpo:
  default: 24h
  workloads: {{ mail: 12h }}
sources:
  - name: dropsuite-demo
    provider: dropsuite
    base_url: {}
    reseller_token: {}
    access_token: {}
  - name: datto-demo
    provider: datto
    base_url: {}
    public_key: {}
    secret_key: {}
    interval: 5m
",
            self.dropsuite.base_url(),
            self.dropsuite.reseller_token(),
            self.dropsuite.admin_token(),
            self.datto.base_url(),
            self.datto.public_key(),
            self.datto.secret_key(),
        )
    }

    /// The expected tenants as a billing system would export them (CSV), with some discrepancies.
    #[must_use]
    pub fn sold(&self) -> String {
        sold::table(&self.dropsuite.organizations(), &self.datto.customers(), self.shape, clock::now())
    }

    /// The restore tests as a technician would record them (CSV), some overdue or failed.
    #[must_use]
    pub fn restore_tests(&self) -> String {
        restore::table(&self.dropsuite.organizations(), &self.datto.customers(), self.shape, clock::now())
    }

    /// The parsed configuration, including the expected tenants and the restore tests of the fleet.
    ///
    /// # Errors
    ///
    /// Never, unless the file above is wrong.
    pub fn config(&self) -> Result<Config, Errors> {
        Config::parse(&self.config_file(), &|_| None, Path::new(""))?
            .with_expected(&self.sold(), &sold::LABELS)?
            .with_restore_tests(&self.restore_tests())
    }
}
