//! Collects from a vendor once, like `once`, and measures the cost for this process.

use std::path::Path;
use std::time::Duration;

use saasbackup_exporter::app::App;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::{Outcome, TenantProgress};
use saasbackup_exporter::server::ServerOptions;
use tokio_util::sync::CancellationToken;

use super::{Asked, Vendor};
use crate::measure;

/// How many requests one tenant takes: six lists, one of domains, and one below the only domain.
pub(crate) const REQUESTS: u64 = 8;

/// One round over all tenants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) tenants: usize,
    pub(crate) concurrency: usize,
    pub(crate) latency: Duration,
    pub(crate) tls: bool,
}

/// What a round cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// What the vendor saw.
    pub(crate) asked: Asked,
    /// Processor time of this process.
    pub(crate) processor: Duration,
    /// The most resident memory, in bytes.
    pub(crate) peak: u64,
}

impl Round {
    /// The time that the network allows for.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub(crate) fn bound(&self) -> Duration {
        self.latency.mul_f64((self.tenants as u64 * REQUESTS) as f64 / self.concurrency as f64)
    }

    /// Collects every tenant, with the poller, the client, the state and the store of the exporter.
    pub(crate) fn run(&self) -> Cost {
        let mut vendor = Vendor::start(self.tenants, self.latency, self.tls);
        let folder = tempfile::tempdir().unwrap();
        let config = config(&vendor, self.concurrency, folder.path());
        measure::forget_peak();
        let before = measure::processor_time();
        // As in the program.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let processor = runtime.block_on(async {
            let app = App::new(&config, ServerOptions::default()).unwrap();
            let views = app.state().clone();
            app.collect_once(CancellationToken::new()).await.unwrap();
            // Threads that have ended are not counted any more, so this is read while they live.
            let processor = measure::processor_time().saturating_sub(before);
            let state = &views.store.latest()[0];
            assert_eq!(state.listing.attempt.map(|attempt| attempt.outcome), Some(Outcome::Success));
            assert_eq!(state.progress()[&TenantProgress::Collected], self.tenants as u64, "every tenant was collected");
            processor
        });
        let asked = vendor.asked();
        assert_eq!(asked.requests - asked.listing, self.tenants as u64 * REQUESTS);
        Cost { asked, processor, peak: measure::peak() }
    }
}

/// The configuration of an operator without a budget: no file can say so.
fn config(vendor: &Vendor, concurrency: usize, folder: &Path) -> Config {
    let trusted = folder.join("ca.pem");
    std::fs::write(&trusted, &vendor.certificate).unwrap();
    let ca = if vendor.certificate.is_empty() { String::new() } else { format!("ca_file: {}", trusted.display()) };
    let text = format!(
        "\
collection:
  concurrency: {concurrency}
  parts: []
  workloads: [mail, calendar, contacts, tasks, onedrive, teams, google_drive]
sources:
  - name: bench
    provider: dropsuite
    base_url: {}
    reseller_token: 98abfc8c-40de-4238-898a-3b7833d3dd62
    access_token: 733cc833-f66f-4eab-83fc-96c23d230ada
    {ca}
",
        vendor.base_url,
    );
    let mut config = Config::parse(&text, &|_| None, Path::new("")).unwrap();
    config.sources[0].collection.requests_per_second = 1e6;
    config
}
