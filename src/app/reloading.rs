//! Runs the supervisor to its end, reloads the configuration on request, and watches the file of expected tenants.
//!
//! One task does both, because both decide what is exported.

use std::future::pending;
use std::path::Path;
use std::sync::Arc;

use super::following::Following;
use super::supervisor::Supervisor;
use super::{Error, Load, Reloads};
use crate::config::{Config, Errors};
use crate::process::clock;
use crate::process::reading::{HANGS_AFTER, Progress, Reading};
use crate::process::reload::{self, Request};
use crate::server::AppState;

/// Runs until every poller has ended.
///
/// Does not wait for files beyond that: they may be on a hanging network mount, but a signal must still end the
/// process.
pub(super) async fn collect(
    mut supervisor: Supervisor,
    mut reloads: Option<Reloads>,
    mut following: Following,
    state: &AppState,
    state_path: Option<&Path>,
) -> Result<(), Error> {
    let mut loading = Reading::new();
    let mut asked: Option<Request> = None;
    loop {
        let loaded = tokio::select! {
            ended = until_ended(&mut supervisor) => return ended,
            (request, load) = next(reloads.as_mut()), if asked.is_none() => {
                asked = Some(request);
                loading.start(move || load());
                continue;
            }
            progress = loading.progress() => match progress {
                Progress::Ended(loaded) => loaded?,
                Progress::Hangs => {
                    tracing::warn!(
                        "configuration reload: a file has not been read within {HANGS_AFTER:?}, keeping the previous \
                         configuration until it is"
                    );
                    continue;
                }
            },
            never = following.follow(state) => match never {},
        };
        let result = match take_over(&mut supervisor, loaded).await? {
            Ok(config) => {
                if config.state_path.as_deref() != state_path {
                    tracing::warn!("state.path changed, the new path takes effect after a restart");
                }
                if let Some(reloads) = &reloads {
                    (reloads.notify)(&config);
                }
                state.exposed.store(Arc::new(config.exposed()));
                state.config.store(Arc::new(config.redacted()));
                following = Following::new(&config, &state.instrumentation);
                Ok(())
            }
            Err(refused) => Err(refused),
        };
        if let Some(request) = asked.take() {
            finish(request, result, state);
        }
    }
}

/// The next reload request, and the function to load the configuration; waits forever if reloading is disabled.
async fn next(reloads: Option<&mut Reloads>) -> (Request, Arc<Load>) {
    let Some(Reloads { load, requests, .. }) = reloads else { return pending().await };
    match requests.next().await {
        Some(request) => (request, Arc::clone(load)),
        None => pending().await,
    }
}

async fn until_ended(supervisor: &mut Supervisor) -> Result<(), Error> {
    while let Some(ended) = supervisor.ended().await {
        ended?;
    }
    Ok(())
}

async fn take_over(
    supervisor: &mut Supervisor,
    loaded: Result<Config, Errors>,
) -> Result<Result<Config, reload::Error>, Error> {
    let config = match loaded {
        Ok(config) => config,
        Err(problems) => return Ok(Err(reload::Error::Problems(problems.to_string().trim_end().to_owned()))),
    };
    let stopping = supervisor.stopping().clone();
    let plans = tokio::select! {
        plans = supervisor.plan(&config) => plans?,
        () = stopping.cancelled() => return Ok(Err(reload::Error::Stopping)),
    };
    match plans {
        Ok(plans) => {
            supervisor.apply(&config, plans).await?;
            Ok(Ok(config))
        }
        Err(problems) => {
            let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
            Ok(Err(reload::Error::Problems(lines.join("\n"))))
        }
    }
}

fn finish(request: Request, result: Result<(), reload::Error>, state: &AppState) {
    match &result {
        Ok(()) => {
            state.instrumentation.config_loaded(clock::now());
            tracing::info!("configuration reloaded");
        }
        Err(refused) => {
            state.instrumentation.config_refused();
            tracing::error!("configuration reload failed, keeping the previous configuration: {refused}");
        }
    }
    request.answer(result);
}
