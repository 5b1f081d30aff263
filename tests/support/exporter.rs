//! Starts the exporter on a free port and scrapes it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use saasbackup_exporter::app::{App, Error};
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::Part;
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::dropsuite::Server;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::exposition::Exposition;
use super::http;
use super::wait::{eventually, until};

/// What the source of [`config_file`] is called.
pub(crate) const SOURCE: &str = "dropsuite-test";

/// A running exporter; it stops when dropped.
pub(crate) struct Exporter {
    address: SocketAddr,
    stopping: CancellationToken,
    running: JoinHandle<Result<(), Error>>,
    http: reqwest::Client,
}

/// The file that an operator of this vendor's account would write; `more` are further keys of the source.
pub(crate) fn config_file(server: &Server, more: &str) -> String {
    format!(
        "\
collection: {{ interval: 10s, timeout: 5s, concurrency: 8, requests_per_second: 1000 }}
rpo: {{ default: 24h, workloads: {{ mail: 12h }} }}
sources:
  - name: {SOURCE}
    provider: dropsuite
    base_url: {}
    reseller_token: {}
    access_token: {}
{more}",
        server.base_url(),
        server.reseller_token(),
        server.admin_token(),
    )
}

/// A configuration from its text.
pub(crate) fn parse(text: &str) -> Config {
    Config::parse(text, &|_| None, Path::new("")).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// The configuration of [`config_file`], which asks for everything once an hour: nothing changes under a test's eyes.
pub(crate) fn patient(server: &Server, more: &str) -> Config {
    let mut config = parse(&config_file(server, more));
    config.sources[0].collection.interval = Duration::from_secs(3_600);
    config
}

/// The configuration of [`config_file`], which asks again after `interval`: sooner than a file may demand.
pub(crate) fn eager(server: &Server, more: &str, interval: Duration) -> Config {
    let mut config = parse(&config_file(server, more));
    let collection = &mut config.sources[0].collection;
    collection.interval = interval;
    // Those of the workloads and seats are hours; the file names none.
    collection.part_intervals.retain(|part, _| matches!(part, Part::Coverage | Part::Lifecycle));
    collection.timeout = Duration::from_secs(1);
    config
}

impl Exporter {
    pub(crate) async fn start(config: &Config) -> Self {
        Self::with(config, ServerOptions::default()).await
    }

    pub(crate) async fn with(config: &Config, settings: ServerOptions) -> Self {
        Self::at((Ipv4Addr::LOCALHOST, 0).into(), config, settings).await
    }

    /// Starts it where another one was, as a restart does.
    pub(crate) async fn at(address: SocketAddr, config: &Config, settings: ServerOptions) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = CancellationToken::new();
        let app = App::new(config, settings).unwrap();
        let running = tokio::spawn(app.run(vec![listener], stopping.clone()));
        let http = http::client();
        Self { address, stopping, running, http }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let reply = self.http.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    pub(crate) async fn scrape(&self) -> Exposition {
        Exposition::parse(&self.text().await)
    }

    async fn text(&self) -> String {
        let (status, text) = self.get("/metrics").await;
        assert_eq!(status, 200, "{text}");
        text
    }

    /// The first scrape of which `holds` is true; fails after the deadline, and says what was waited for.
    pub(crate) async fn until(&self, expectation: &str, holds: impl Fn(&Exposition) -> bool) -> Exposition {
        eventually(async || {
            let text = self.text().await;
            let scrape = Exposition::parse(&without_bulk(&text));
            if holds(&scrape) {
                return Ok(Exposition::parse(&text));
            }
            assert!(!self.running.is_finished(), "the exporter ended while waiting until {expectation}");
            Err(format!("{expectation}:\n{}", scrape.summary()))
        })
        .await
    }

    /// The first scrape after every part of every tenant was attempted.
    pub(crate) async fn collected(&self) -> Exposition {
        self.until("everything was asked for once", |scrape| {
            let ended = scrape.all("saasbackup_collection_success", &[]).len();
            let workloads = scrape.all("saasbackup_rpo_seconds", &[]).len();
            // Of each tenant the listing, three slow parts and the domains are attempted beside its nine workloads.
            workloads > 0 && ended * 9 == workloads * 14
        })
        .await
    }

    /// Stops the exporter, which must end without an error.
    pub(crate) async fn stop(self) {
        self.stopping.cancel();
        until("the exporter stops", async || self.running.is_finished().then_some(())).await;
    }
}

/// Most of a scrape are buckets and outcomes that never happened, for which no test waits.
fn without_bulk(text: &str) -> String {
    let is_bulk = |line: &&str| {
        line.starts_with("saasbackup_exporter_api_request") && (line.contains("_bucket{") || line.ends_with(" 0"))
    };
    text.split_inclusive('\n').filter(|line| !is_bulk(&line.trim_end())).collect()
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
