//! Records what a vendor responds to a collection of a few tenants, without the values.

mod recorder;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use strum::IntoEnumIterator as _;
use tokio_util::sync::CancellationToken;

use self::recorder::Recorder;
use super::walk::{Chosen, Walk};
use super::{Exit, Startup, Usage, print, started};
use crate::app;
use crate::config::{Config, Source};
use crate::domain::{Outcome, SourceState, TenantId, Workload};
use crate::instrumentation::Instrumentation;
use crate::process::{clock, shutdown};
use crate::provider::{self, Accounts};
use crate::recording::{Ended, Recording, Shapes, VERSION};

/// What is recorded.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the source; `None` for the only one.
    pub source: Option<String>,
    /// How many tenants.
    pub tenants: usize,
    /// The file.
    pub output: PathBuf,
    /// Fields whose words are written as they are.
    pub include_words: Vec<String>,
}

/// Records one source and prints what is in the recording.
///
/// # Errors
///
/// If the configuration is invalid or the file cannot be written.
pub async fn run(startup: Startup, options: &Options) -> anyhow::Result<Exit> {
    let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
    shutdown::ignore_file_size_limit().context("installing signal handlers failed")?;
    let loaded = started(&stopping, move || {
        let config = startup.config()?;
        startup.set_log_level(&config);
        Ok(config)
    });
    let Some(config) = loaded.await? else { return Ok(Exit::Failure) };
    let path = options.output.display();
    Recording::try_to_write(&options.output).with_context(|| format!("cannot write {path}"))?;
    let recording = record(&config, options, &stopping).await?;
    recording.write(&options.output).with_context(|| match recording.ended {
        Ended::Complete => format!("cannot write {path}"),
        _ => format!("cannot write {path}, an incomplete recording replaces no file"),
    })?;
    print(summary(&recording, &options.output))?;
    Ok(if recording.ended == Ended::Complete { Exit::Success } else { Exit::Failure })
}

/// Records until everything was requested or `stopping` is cancelled.
///
/// # Errors
///
/// If there is no such source, or it cannot be set up.
pub async fn record(config: &Config, options: &Options, stopping: &CancellationToken) -> anyhow::Result<Recording> {
    let source = chosen(config, options.source.as_deref())?;
    let walk = Walk { source, objectives: &config.objectives, tenants: Chosen::First(options.tenants), parts: None };
    let identity = app::identity(source);
    let vendor = identity.provider;
    let recorder = Arc::new(Recorder::new(Shapes::new(vendor, options.include_words.clone())));
    let observer = Arc::clone(&recorder);
    let instrumentation = Arc::new(Instrumentation::new(clock::now())).source(&identity, provider::endpoints(vendor));
    let observed = Arc::new(move |exchange: &provider::Exchange<'_>| observer.saw(exchange, clock::now()));
    let client = app::observed_client(source, &Accounts::default(), instrumentation, observed)
        .map_err(|error| Usage(format!("source \"{}\": {error}", source.name)))?;
    let mut tenants = Vec::new();
    let progress = |tenant: &TenantId, number, all| {
        tenants.push(recorder.tenant(tenant.as_str()));
        show(number, all);
    };
    let walked = stopping.run_until_cancelled(walk.walk(&client, clock::now, progress)).await;
    let (credential, requests, is_full) = recorder.recorded();
    let ended = match &walked {
        None => Ended::Interrupted,
        Some(_) if is_full => Ended::TooLarge,
        Some(state) if state.listing.succeeded() != Some(true) => Ended::ListingFailed,
        Some(state) if is_throttled(state) => Ended::RateLimited,
        Some(_) => Ended::Complete,
    };
    let rpo = config.objectives.clone().of_vendor(vendor).of_tenant("", "");
    Ok(Recording {
        version: VERSION,
        exporter: env!("CARGO_PKG_VERSION").to_owned(),
        provider: vendor.as_str().to_owned(),
        ended,
        tenants,
        parts: walk.parts(),
        objectives: Workload::iter()
            .map(|workload| {
                let seconds = u32::try_from(rpo.of(workload).as_secs()).unwrap_or(u32::MAX);
                (workload.as_str().to_owned(), seconds)
            })
            .collect(),
        credential,
        requests,
    })
}

/// Whether a part could not be collected because the vendor limits the rate.
fn is_throttled(state: &SourceState) -> bool {
    state.tenants.values().any(|tenant| {
        let mut attempts = tenant.tenant.parts.iter().filter_map(|part| state.last_attempt(tenant, *part));
        attempts.any(|attempt| attempt.outcome == Outcome::Throttled)
    })
}

fn chosen<'c>(config: &'c Config, name: Option<&str>) -> Result<&'c Source, Usage> {
    let names = || config.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, &config.sources[..]) {
        (None, [only]) => Ok(only),
        (None, _) => Err(Usage(format!("--source=NAME is required with several sources (accepted: {})", names()))),
        (Some(name), sources) => sources
            .iter()
            .find(|source| source.name == name)
            .ok_or_else(|| Usage(format!("--source: there is no such source (accepted: {})", names()))),
    }
}

/// Shows the next tenant on a terminal.
fn show(number: usize, all: usize) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // Progress that cannot be written is no failure.
        let _ = writeln!(terminal, "recording tenant {number} of {all}");
    }
}

/// A summary of a recording, to read before it is shared.
fn summary(recording: &Recording, path: &Path) -> String {
    let mut statuses: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for request in &recording.requests {
        let status = request.status.map(|status| status.to_string());
        let result = request.failure.clone().or(status).unwrap_or_default();
        *statuses.entry((&request.endpoint, result)).or_default() += 1;
    }
    let ended = recording.ended.describe();
    let path = path.display();
    let mut text = format!(
        "recorded {} requests to {} in {path}; the recording is {ended}\n",
        recording.requests.len(),
        recording.provider
    );
    for ((endpoint, result), times) in statuses {
        writeln!(text, "  {endpoint} {result} x{times}").expect("writing to a String cannot fail");
    }
    text.push_str(
        "It contains structure, types, public words, counts and distances in time, and no other value. Review it before you \
         share it.\n",
    );
    text
}
