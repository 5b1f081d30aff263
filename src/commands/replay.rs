//! Serves a recording as the vendor on loopback, and prints what the exporter concludes from it.

mod conclusion;
mod vendor;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use regex::Regex;
use tokio_util::sync::CancellationToken;

pub use self::conclusion::conclusion;

use self::vendor::Vendor;
use super::serve::DEFAULT_PORT;
use super::walk::{Chosen, Walk};
use super::{Exit, Startup, Usage, print, started};
use crate::app::{self, App};
use crate::config::{Config, Selection};
use crate::domain::{Objectives, Provider, SourceState, Timestamp, Workload};
use crate::instrumentation::Instrumentation;
use crate::process::{clock, shutdown};
use crate::provider::{self, Accounts};
use crate::recording::{Ended, Recording, text};
use crate::server::ServerOptions;
use crate::server::listen::{self, Listen};

/// Replays a recording once; with `is_serving` also until a signal arrives.
///
/// # Errors
///
/// If the file is no recording, or an address cannot be bound.
pub async fn run(
    path: &Path,
    is_serving: bool,
    startup: Startup,
    listen: Listen,
    options: ServerOptions,
) -> anyhow::Result<Exit> {
    let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
    let path = path.to_owned();
    let loaded = started(&stopping, move || {
        let recording = Recording::read(&path).map_err(|error| Usage(format!("{}: {error}", path.display())))?;
        Ok((recording, startup.load_without_file()?))
    });
    let Some((recording, (_, web))) = loaded.await? else { return Ok(Exit::Success) };
    let stopped = stopping.clone();
    let Some(replay) = stopped.run_until_cancelled(Replay::start(recording, clock::now())).await else {
        return Ok(Exit::Success);
    };
    let replay = replay?;
    print(replay.conclusion())?;
    if !is_serving {
        return Ok(Exit::Success);
    }
    let app = App::new(&replay.config()?, options)?.with_web(web);
    let listeners = listen::listeners(&listen, ([127, 0, 0, 1], DEFAULT_PORT).into()).await?;
    app.run(listeners, stopping).await?;
    Ok(Exit::Success)
}

/// A recording that was collected from once; its vendor serves until this is dropped.
#[derive(Debug)]
pub struct Replay {
    vendor: Arc<Vendor>,
    config: Config,
    ended: Ended,
    state: SourceState,
    stopping: CancellationToken,
}

impl Replay {
    /// Serves a recording and collects from it, as if it were now.
    ///
    /// # Errors
    ///
    /// If no port can be bound, or the recording is not one of a known vendor.
    pub async fn start(recording: Recording, now: Timestamp) -> anyhow::Result<Self> {
        let provider = recording.vendor().context("the recording is of an unknown vendor")?;
        let (parts, ended) = (recording.parts.clone(), recording.ended);
        let tenants: Vec<_> = recording.tenants.iter().filter_map(|id| text(id)).collect();
        let credential = text(&recording.credential).context("the recording has no credential")?;
        let objectives = objectives(&recording);
        let stopping = CancellationToken::new();
        let vendor =
            Vendor::serve(recording, provider, now, stopping.clone()).await.context("serving the recording")?;
        let file = config_file(provider, vendor.base_url(), &credential);
        let config = Config::parse(&file, &|_| None, Path::new(""));
        let config = config.map_err(|problems| anyhow!("the configuration of the replay is invalid: {problems}"))?;
        let config = Config { objectives, ..config };
        let source = &config.sources[0];
        let identity = app::identity(source);
        let instrumentation =
            Arc::new(Instrumentation::new(clock::now())).source(&identity, provider::endpoints(provider));
        let client = app::client(source, &Accounts::default(), instrumentation)?;
        let tenants = Chosen::Only(&tenants);
        let walk = Walk { source, objectives: &config.objectives, tenants, parts: Some(&parts) };
        let state = walk.walk(&client, || now, |_, _, _| {}).await;
        Ok(Self { vendor, config, ended, state, stopping })
    }

    /// What the exporter concludes.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let conclusion = conclusion(&self.state, &self.vendor.missing());
        match self.ended {
            Ended::Complete => conclusion,
            ended => format!("the recording is {}\n\n{conclusion}", ended.describe()),
        }
    }

    /// The state after the collection.
    #[must_use]
    pub const fn state(&self) -> &SourceState {
        &self.state
    }

    /// A configuration that collects the recorded tenants again and again, as of each collection.
    ///
    /// # Errors
    ///
    /// Never, unless an id is no pattern.
    pub fn config(&self) -> anyhow::Result<Config> {
        self.vendor.follow_the_clock();
        let mut config = self.config.clone();
        let ids = self.state.tenants.keys().map(|id| Regex::new(&format!("^{}$", regex::escape(id.as_str()))));
        config.sources[0].selection = Selection::new(Some(ids.collect::<Result<_, _>>()?), Vec::new());
        Ok(config)
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

fn objectives(recording: &Recording) -> Objectives {
    let workloads = recording
        .objectives
        .iter()
        .filter_map(|(name, seconds)| Some((name.parse::<Workload>().ok()?, Duration::from_secs((*seconds).into()))));
    Objectives { workloads: workloads.collect(), ..Objectives::default() }
}

fn config_file(provider: Provider, base_url: &str, credential: &str) -> String {
    let credentials = match provider {
        Provider::Dropsuite => format!("reseller_token: replay, access_token: {credential}"),
        Provider::Datto => format!("public_key: replay, secret_key: {credential}"),
    };
    format!(
        "collection: {{ timeout: 2s, concurrency: 1, requests_per_second: 1000 }}\n\
         sources: [{{ name: replay, provider: {}, base_url: \"{base_url}\", {credentials} }}]\n",
        provider.as_str()
    )
}
