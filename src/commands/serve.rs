//! Collects from the configured sources and serves their metrics until a signal arrives.

use std::net::{Ipv6Addr, SocketAddr};

use anyhow::Context as _;

use super::{Exit, Startup};
use crate::process::shutdown;
use crate::server::ServerOptions;
use crate::server::listen::{self, Listen};

/// The default port.
pub const DEFAULT_PORT: u16 = 10047;

/// All interfaces, on the default port.
#[must_use]
pub fn default_address() -> SocketAddr {
    (Ipv6Addr::UNSPECIFIED, DEFAULT_PORT).into()
}

/// Serves until a signal arrives.
///
/// # Errors
///
/// If a file is invalid, a source cannot be set up, an address cannot be bound, or a task panics.
pub async fn run(startup: Startup, listen: Listen, options: ServerOptions) -> anyhow::Result<Exit> {
    let (_, app) = startup.app(options)?;
    let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
    shutdown::ignore_file_size_limit().context("installing signal handlers failed")?;
    let hang_up = shutdown::on_hang_up().context("installing signal handlers failed")?;
    let again = startup.clone();
    let (app, reloader) = app.reloading(move || again.config(), move |config| startup.set_log_level(config));
    tokio::spawn(hang_up.reload(reloader));
    let listeners = listen::listeners(&listen, default_address()).await?;
    app.run(listeners, stopping).await?;
    Ok(Exit::Success)
}

/// Validates both files without opening a socket, and reports every problem or success.
///
/// # Errors
///
/// If there is a problem.
pub async fn check(startup: Startup, options: ServerOptions) -> anyhow::Result<Exit> {
    let (config, _) = startup.app(options)?;
    let sources = config.sources.len();
    super::print(format!("configuration is valid ({sources} source{})\n", if sources == 1 { "" } else { "s" }))
}
