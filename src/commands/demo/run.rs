//! Serves the generated fleet, or writes its history to a file.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use saasbackup_simulator::datto::Shape;

use super::Demo;
use super::history::History;
use crate::app::App;
use crate::commands::serve::DEFAULT_PORT;
use crate::commands::{Exit, Startup, print, started};
use crate::process::{clock, shutdown};
use crate::server::ServerOptions;
use crate::server::listen::{self, Listen};

/// What is generated.
#[derive(Clone, Debug)]
pub struct Options {
    /// Tenants of both vendors together.
    pub tenants: usize,
    /// The seed of the fleet; the same seed yields the same fleet.
    pub seed: u64,
    /// Response format of the mock Datto API.
    pub shape: Shape,
    /// The file to write the history to; `None` means to serve instead.
    pub backfill: Option<PathBuf>,
    /// Number of days of history.
    pub backfill_days: u32,
    /// Labels of every series of the history.
    pub backfill_labels: Vec<(String, String)>,
}

/// Validates the files that the demo would use, and reports every problem or success.
///
/// # Errors
///
/// When there is a problem.
pub async fn check(startup: Startup) -> anyhow::Result<Exit> {
    startup.load_without_file()?;
    print("configuration is valid (built into the demo)\n")
}

/// Serves until a signal arrives.
///
/// # Errors
///
/// When a file is invalid, or an address cannot be bound.
pub async fn run(demo: Options, startup: Startup, listen: Listen, options: ServerOptions) -> anyhow::Result<Exit> {
    shutdown::ignore_file_size_limit().context("installing signal handlers failed")?;
    let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
    let loaded = started(&stopping, move || startup.load_without_file()).await?;
    let Some((shard, web)) = loaded else { return Ok(Exit::Success) };
    let fakes = Demo::start(demo.tenants, demo.seed, demo.shape).await.context("starting the mock APIs failed")?;
    let config = fakes.config().map_err(|problems| anyhow!("the configuration of the demo is invalid: {problems}"))?;
    let config = config.for_shard(shard);
    let scheme = if web.is_tls() { "https" } else { "http" };
    let (start, path) = (options.path("/"), options.path(&options.telemetry_path));
    let app = App::new(&config, options)?.with_web(web);
    let listeners = listen::listeners(&listen, ([127, 0, 0, 1], DEFAULT_PORT).into()).await?;
    let address = listeners.first().context("no listener")?.local_addr()?;
    print(format!(
        "Serving a generated fleet of {} tenants; no request leaves this machine.

  metrics   {scheme}://{address}{path}
  start     {scheme}://{address}{start}
  try       curl -s {scheme}://{address}{path} | grep 'state=\"failing\"}} 1$'

Press Ctrl-C to stop.
",
        demo.tenants
    ))?;
    app.run(listeners, stopping).await?;
    Ok(Exit::Success)
}

/// Writes the history of the fleet up to the present.
///
/// # Errors
///
/// When a file is invalid, or the history cannot be written.
pub async fn write_history(demo: Options, startup: Startup) -> anyhow::Result<Exit> {
    shutdown::ignore_file_size_limit().context("installing signal handlers failed")?;
    startup.load_without_file()?;
    let Options { tenants, seed, shape, backfill_days: days, backfill_labels: labels, backfill: path } = demo;
    let path = path.context("no file to write to")?;
    let history = History { tenants, seed, shape, days, labels };
    let written = history.write(&path, clock::now()).await;
    let written = written.with_context(|| format!("writing history to {} failed", path.display()))?;
    print(format!("{} samples of {} series\n", written.samples, written.series))
}
