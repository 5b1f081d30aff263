//! Collects until the end, and takes another configuration over whenever somebody asks for it.

use std::path::Path;
use std::sync::Arc;

use super::supervisor::Supervisor;
use super::{Error, Load};
use crate::clock;
use crate::config::Config;
use crate::instrumentation::Instrumentation;
use crate::reload::{Refused, Request, Requests};

/// Supervises until every poller has ended.
pub(super) async fn collect(
    mut supervisor: Supervisor,
    reloads: Option<(Load, Requests)>,
    instrumentation: &Instrumentation,
    state_path: Option<&Path>,
) -> Result<(), Error> {
    let (load, mut requests) = reloads.map(|(load, requests)| (Arc::new(load), requests)).unzip();
    loop {
        tokio::select! {
            ended = supervisor.ended() => match ended {
                Some(ended) => ended?,
                None => return Ok(()),
            },
            Some(request) = next(&mut requests) => {
                let result = match &load {
                    Some(load) => reload(&mut supervisor, load, state_path).await?,
                    None => Err(Refused::Stopping),
                };
                finish(request, result, instrumentation);
            }
        }
    }
}

async fn next(requests: &mut Option<Requests>) -> Option<Request> {
    match requests {
        Some(requests) => requests.next().await,
        None => None,
    }
}

async fn reload(
    supervisor: &mut Supervisor,
    load: &Arc<Load>,
    state_path: Option<&Path>,
) -> Result<Result<(), Refused>, Error> {
    let load = Arc::clone(load);
    // Files are read, some of which may lie on a network.
    let config: Config = match tokio::task::spawn_blocking(move || load()).await? {
        Ok(config) => config,
        Err(problems) => return Ok(Err(Refused::Problems(problems.to_string().trim_end().to_owned()))),
    };
    if config.state_path.as_deref() != state_path {
        tracing::warn!("another state.path takes effect at the next start only");
    }
    let refused = supervisor.apply(&config).await?.map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Refused::Problems(lines.join("\n"))
    });
    Ok(refused)
}

fn finish(request: Request, result: Result<(), Refused>, instrumentation: &Instrumentation) {
    match &result {
        Ok(()) => {
            instrumentation.config_loaded(clock::now());
            tracing::info!("the configuration was loaded again");
        }
        Err(refused) => {
            instrumentation.config_refused();
            tracing::error!("the configuration was not loaded again, and the old one stays: {refused}");
        }
    }
    request.answer(result);
}
