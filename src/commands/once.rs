//! Collects every source once and prints or writes the result, with a progress bar on a terminal.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::{Exit, Startup, print, started};
use crate::app::{App, Error};
use crate::domain::{Outcome, SourceState, TenantProgress, Timestamp};
use crate::exposition::{Exposed, Filter, Format as MetricsFormat, Missing, seats_csv};
use crate::process::{file, shutdown};
use crate::server::{AppState, ServerOptions};

/// What is printed or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The metrics, in the text format.
    Prometheus,
    /// The seats of each tenant.
    Csv,
}

impl Format {
    /// The permissions of a file: `node_exporter` is another user; only the owner reads the seats.
    const fn mode(self) -> u32 {
        match self {
            Self::Prometheus => 0o644,
            Self::Csv => 0o600,
        }
    }
}

/// The result of a single collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The metrics or seats; an error if a table would look complete without the tenants of a source.
    pub document: Result<Vec<u8>, Missing>,
    /// The sources whose tenants could not be listed.
    pub unlisted: Vec<String>,
    /// The sources whose vendor asked for a pause before everything was collected, and until when.
    pub paused: Vec<(String, Timestamp)>,
}

/// Collects every source once, and prints the result or writes it to `output`.
///
/// # Errors
///
/// When a file is invalid, a signal stops the collection, or the output cannot be written.
pub async fn run(
    startup: Startup,
    options: ServerOptions,
    format: Format,
    output: Option<&Path>,
) -> anyhow::Result<Exit> {
    let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
    shutdown::ignore_file_size_limit().context("installing signal handlers failed")?;
    // Nothing is served, so the web configuration is not read.
    let app = started(&stopping, move || startup.collector(options)).await?;
    let collected = match app {
        Some(app) => Some(collect(app, format, stopping.clone()).await?),
        None => None,
    };
    let Some(collected) = collected.filter(|_| !stopping.is_cancelled()) else {
        bail!("interrupted before the collection completed; nothing was written");
    };
    for (source, until) in &collected.paused {
        let until = jiff::Timestamp::from_second(until.as_millis() / 1000).unwrap_or(jiff::Timestamp::MAX);
        tracing::error!(
            source,
            %until,
            "collection of source {source} is incomplete: rate limited by the vendor until {until}; run again after that"
        );
    }
    let document = collected.document.context("nothing was written")?;
    match output {
        Some(path) => {
            write(path, &document, format.mode()).with_context(|| format!("writing {} failed", path.display()))?
        }
        None => drop(print(&document)?),
    }
    let is_complete = collected.unlisted.is_empty() && collected.paused.is_empty();
    Ok(if is_complete { Exit::Success } else { Exit::Failure })
}

/// Collects every source once.
///
/// # Errors
///
/// When a collecting task panics.
pub async fn collect(app: App, format: Format, stopping: CancellationToken) -> Result<Collected, Error> {
    let app_state = app.state().clone();
    let progress = tokio::spawn(show_progress(app_state.clone()));
    let result = app.collect_once(stopping).await;
    progress.abort();
    result?;
    let states = app_state.store.latest();
    let exposed = app_state.exposed.load_full();
    app_state.series_limit_log.log(&states, &exposed);
    let document = match format {
        Format::Prometheus => Ok(metrics(&app_state, &states, &exposed).into_bytes()),
        Format::Csv => seats_csv(&states, &exposed, &Filter::default()),
    };
    let unlisted = states.iter().filter(|state| state.listing.succeeded() != Some(true));
    let published = app_state.store.published();
    let paused = published.iter().filter(|source| is_cut_short(&source.state)).filter_map(|source| {
        let until = source.poller.as_ref()?.paused_until?;
        Some((source.state.identity.name.to_string(), until))
    });
    Ok(Collected {
        unlisted: unlisted.map(|state| state.identity.name.to_string()).collect(),
        paused: paused.collect(),
        document,
    })
}

fn metrics(app: &AppState, states: &[Arc<SourceState>], exposed: &Exposed) -> String {
    // The process has ended before the file is read, and node_exporter exports families of these names itself.
    let exposed = Arc::new(exposed.clone().without(|name| name.starts_with("process_")));
    let everything = Filter::default().select(states, &exposed).expect("an empty filter selects every source");
    everything.render(app.instrumentation.gather(), MetricsFormat::Text)
}

/// Whether a part of a source was not requested, or was rate limited by the vendor.
fn is_cut_short(state: &SourceState) -> bool {
    let was_limited = |outcome| outcome == Outcome::Throttled;
    let mut outcomes = state.tenants.values().flat_map(|tenant| {
        tenant.parts().filter_map(|part| state.last_attempt(tenant, part)).map(|attempt| attempt.outcome)
    });
    state.listing.attempt.is_none_or(|attempt| was_limited(attempt.outcome))
        || state.progress().get(&TenantProgress::Pending).is_some_and(|tenants| *tenants > 0)
        || outcomes.any(was_limited)
}

/// Replaces the file atomically, so that readers never see a partial one. The target of a symbolic link is replaced,
/// which may be on a volume; devices and pipes are not replaced.
///
/// # Errors
///
/// When the file or its folder cannot be written.
pub fn write(path: &Path, document: &[u8], mode: u32) -> io::Result<()> {
    let path = file::target(path)?;
    let folder = file::folder(&path);
    // node_exporter's textfile collector ignores files that do not end in .prom.
    let mut file = tempfile::Builder::new().prefix(".saasbackup-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(document)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Temporary files are private, and so are all files with some umasks.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Draws one line for each source until it is aborted; draws nothing where standard error is no terminal.
async fn show_progress(app_state: AppState) {
    let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {bar:24} {pos}/{len} tenants, ETA {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bars: Vec<ProgressBar> =
        app_state.store.latest().iter().map(|_| lines.add(ProgressBar::new(0)).with_style(style.clone())).collect();
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    loop {
        ticks.tick().await;
        let states = app_state.store.latest();
        for (bar, state) in bars.iter().zip(&states) {
            show(bar, state, app_state.instrumentation.requests_sent(&state.identity));
        }
    }
}

fn show(bar: &ProgressBar, state: &Arc<SourceState>, requests: u64) {
    let counts = state.progress();
    let pending = counts.get(&TenantProgress::Pending).copied().unwrap_or(0);
    let all = state.tenants.len() as u64;
    bar.set_length(all);
    bar.set_position(all - pending);
    bar.set_message(format!("{}: {requests} requests", state.identity.name));
}
