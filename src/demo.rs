//! Runs the exporter over an invented fleet: starts the fakes, points a normal configuration at them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::config::{Config, Errors};
use crate::simulator::clock::Clock;
use crate::simulator::dropsuite::{Options, Server};
use crate::simulator::fleet::Fleet;

/// The running fakes; they stop when dropped.
#[derive(Debug)]
pub struct Demo {
    dropsuite: Server,
}

impl Demo {
    /// Starts the fakes on loopback, on free ports.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start(tenants: usize, seed: u64) -> std::io::Result<Self> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options::new(Fleet::demo(tenants, seed), Clock::system());
        Ok(Self { dropsuite: Server::bind(anywhere, options).await? })
    }

    /// The fake Dropsuite.
    #[must_use]
    pub const fn dropsuite(&self) -> &Server {
        &self.dropsuite
    }

    /// The configuration file that an operator of this fleet would write.
    #[must_use]
    pub fn config_file(&self) -> String {
        format!(
            "\
collection:
  interval: 1m
  timeout: 10s
  concurrency: 32
  requests_per_second: 1000
  part_intervals: {{ coverage: 5m, lifecycle: 10m }}
rpo:
  default: 24h
  workloads: {{ mail: 12h }}
sources:
  - name: dropsuite-demo
    provider: dropsuite
    base_url: {}
    reseller_token: {}
    access_token: {}
",
            self.dropsuite.base_url(),
            self.dropsuite.reseller_token(),
            self.dropsuite.admin_token(),
        )
    }

    /// That file, read as any other.
    ///
    /// # Errors
    ///
    /// Never, unless the file above is wrong.
    pub fn config(&self) -> Result<Config, Errors> {
        Config::parse(&self.config_file(), &|_| None, Path::new(""))
    }
}
