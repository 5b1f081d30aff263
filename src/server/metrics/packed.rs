//! Packs the full exposition once for all who ask for it, and keeps it while what it shows is the latest.
//!
//! Only what the exporter says of itself is packed anew for each scrape.

use std::sync::{Arc, Weak};
use std::time::Instant;

use axum::body::{Body, Bytes};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::Refusal;
use super::body::Joined;
use crate::domain::SourceState;
use crate::exposition::{Exposed, Filter, Format, Missing, Packed};
use crate::server::Views;

/// The packed expositions that are kept, one for each format.
#[derive(Clone, Debug, Default)]
pub(in crate::server) struct Kept {
    text: Arc<Mutex<Option<Made>>>,
    open_metrics: Arc<Mutex<Option<Made>>>,
}

/// A packed exposition but for its ending, and what it was made from.
#[derive(Clone, Debug)]
struct Made {
    /// Before what it shows was read.
    began: Instant,
    /// Held weakly: the states may go, but no other can take their place in memory and be mistaken for them.
    states: Vec<Weak<SourceState>>,
    exposed: Arc<Exposed>,
    beginning: Beginning,
}

/// The beginning of a body that many share.
#[derive(Clone, Debug)]
struct Beginning(Arc<Packed>);

impl AsRef<[u8]> for Beginning {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl Kept {
    /// The body for what a scrape asks for; what not all have in common is not kept.
    pub(super) async fn body(&self, views: Views, filter: Filter, format: Format) -> Result<Body, Refusal> {
        let made = if filter == Filter::default() {
            self.full(&views, format).await?
        } else {
            made(views.clone(), filter.clone(), format).await?
        };
        let pieces = move || {
            let ending = filter.ending(&made.exposed, || views.instrumentation.encode(), format);
            let ending = made.beginning.0.ended(&ending);
            [Bytes::from_owner(made.beginning), Bytes::from(ending)]
        };
        Ok(Body::new(Joined::new(spawn_blocking(pieces).await.map_err(Refusal::Panicked)?)))
    }

    /// The full exposition, which shows what was published when this was called, or later.
    async fn full(&self, views: &Views, format: Format) -> Result<Made, Refusal> {
        let asked = Instant::now();
        let kept = match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.open_metrics,
        };
        // Those who come while one is made wait here, and share the next.
        let mut kept = kept.lock().await;
        match &*kept {
            Some(kept) if kept.began >= asked || kept.is_latest(views) => Ok(kept.clone()),
            _ => Ok(kept.insert(made(views.clone(), Filter::default(), format).await?).clone()),
        }
    }
}

impl Made {
    fn new(views: &Views, filter: &Filter, format: Format) -> Result<Self, Missing> {
        let began = Instant::now();
        let latest = views.store.latest();
        let exposed = views.exposed.load_full();
        views.refusals.tell(&latest, &exposed);
        let beginning = Beginning(Arc::new(filter.select(&latest, &exposed)?.packed(format)));
        Ok(Self { began, states: latest.iter().map(Arc::downgrade).collect(), exposed, beginning })
    }

    fn is_latest(&self, views: &Views) -> bool {
        let latest = views.store.latest();
        let is_same = |(kept, latest): (&Weak<_>, &Arc<_>)| kept.as_ptr() == Arc::as_ptr(latest);
        Arc::ptr_eq(&self.exposed, &views.exposed.load())
            && self.states.len() == latest.len()
            && self.states.iter().zip(&latest).all(is_same)
    }
}

/// Packs beside the async workers.
async fn made(views: Views, filter: Filter, format: Format) -> Result<Made, Refusal> {
    match spawn_blocking(move || Made::new(&views, &filter, format)).await {
        Ok(made) => made.map_err(Refusal::Missing),
        Err(error) => Err(Refusal::Panicked(error)),
    }
}
