//! Collects until the end, takes another configuration over whenever somebody asks for it, and follows what was sold.
//!
//! One task does both, since both decide what is shown.

use std::path::Path;
use std::sync::Arc;

use super::following::Following;
use super::supervisor::Supervisor;
use super::{Error, Reloads};
use crate::config::{Config, Errors};
use crate::process::clock;
use crate::process::reload::{self, Request};
use crate::server::AppState;

/// Supervises until every poller has ended.
pub(super) async fn collect(
    mut supervisor: Supervisor,
    reloads: Option<Reloads>,
    mut following: Following,
    state: &AppState,
    state_path: Option<&Path>,
) -> Result<(), Error> {
    let Some(Reloads { load, tell, mut requests }) = reloads else {
        loop {
            tokio::select! {
                ended = until_ended(&mut supervisor) => return ended,
                () = following.glance() => following.look(state).await,
            }
        }
    };
    let load = Arc::new(load);
    loop {
        let request = tokio::select! {
            ended = until_ended(&mut supervisor) => return ended,
            Some(request) = requests.next() => request,
            () = following.glance() => {
                following.look(state).await;
                continue;
            }
        };
        let load = Arc::clone(&load);
        // Files are read, some of which may lie on a network.
        let loaded = tokio::task::spawn_blocking(move || load()).await?;
        let result = match take_over(&mut supervisor, loaded).await? {
            Ok(config) => {
                if config.state_path.as_deref() != state_path {
                    tracing::warn!("another state.path takes effect at the next start only");
                }
                tell(&config);
                state.exposed.store(Arc::new(config.exposed()));
                state.config.store(Arc::new(config.redacted()));
                following = Following::new(&config, &state.instrumentation);
                Ok(())
            }
            Err(refused) => Err(refused),
        };
        finish(request, result, state);
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
    Ok(supervisor.apply(&config).await?.map(|()| config).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        reload::Error::Problems(lines.join("\n"))
    }))
}

fn finish(request: Request, result: Result<(), reload::Error>, state: &AppState) {
    match &result {
        Ok(()) => {
            state.instrumentation.config_loaded(clock::now());
            tracing::info!("the configuration was loaded again");
        }
        Err(refused) => {
            state.instrumentation.config_refused();
            tracing::error!("the configuration was not loaded again, and the old one stays: {refused}");
        }
    }
    request.answer(result);
}
