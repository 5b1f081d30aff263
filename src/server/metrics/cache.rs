//! Renders the full exposition once for all scrapes, and caches it until the published states change.
//!
//! The compressed one is small; as text it is only cached for small fleets. Only the exporter's own metrics are
//! rendered for each scrape.

use std::ops::ControlFlow;
use std::sync::{Arc, Weak};
use std::time::Instant;

use axum::body::{Body, Bytes};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

use super::body::{Ended, Joined};
use super::encoding::Encoding;
use super::{ScrapeError, Selection};
use crate::domain::SourceState;
use crate::exposition::{Compressed, Exposed, Filter, Format, Missing, Selected};
use crate::server::AppState;
use crate::server::limits::Occupied;

/// Fleets of up to this many tenants are cached as text, which is about ten megabytes. The text of larger ones is
/// [streamed](super::streamed).
const FEW_TENANTS: usize = 400;

/// The cached expositions, one per format and encoding.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpositionCache {
    text: Slots,
    open_metrics: Slots,
}

#[derive(Clone, Debug, Default)]
struct Slots {
    identity: Slot,
    gzip: Slot,
}

type Slot = Arc<Mutex<Option<Cached>>>;

/// An exposition without its ending, and the states that it was rendered from.
#[derive(Clone, Debug)]
struct Cached {
    /// When rendering began, before the states were read.
    began: Instant,
    /// Weak references: the states can be dropped, but their addresses are not reused, so others are never mistaken for
    /// them.
    states: Vec<Weak<SourceState>>,
    exposed: Arc<Exposed>,
    beginning: Beginning,
}

/// The shared beginning of response bodies.
#[derive(Clone, Debug)]
enum Beginning {
    Text(Bytes),
    Compressed(Arc<Compressed>),
}

/// Passes on a compressed beginning without copying.
struct Member(Arc<Compressed>);

impl AsRef<[u8]> for Member {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// Whether the text of this fleet is cached.
pub(super) fn is_small(state: &AppState) -> bool {
    state.store.latest().iter().map(|source| source.tenants.len()).sum::<usize>() <= FEW_TENANTS
}

impl ExpositionCache {
    /// The body for a scrape; filtered ones are not cached.
    pub(super) async fn body(
        &self,
        state: AppState,
        selection: Selection,
        filter: Filter,
        format: Format,
        encoding: Encoding,
        occupied: Occupied,
    ) -> Result<Body, ScrapeError> {
        let make = Make { state: state.clone(), selection, filter: filter.clone(), format, encoding, occupied };
        let made = if filter == Filter::default() { self.full(make).await? } else { make.run(None).await? };
        let ending = move || filter.ending(&made.exposed, || state.instrumentation.gather(), format);
        match made.beginning {
            Beginning::Text(beginning) => Ok(Body::new(Ended::new(beginning, ending))),
            Beginning::Compressed(beginning) => {
                let pieces = move || {
                    let ending = Bytes::from(beginning.ended(&ending()));
                    [Bytes::from_owner(Member(beginning)), ending]
                };
                Ok(Body::new(Joined::new(spawn_blocking(pieces).await.map_err(ScrapeError::Panicked)?)))
            }
        }
    }

    /// The full exposition of the states published at the time of this call, or later.
    async fn full(&self, make: Make) -> Result<Cached, ScrapeError> {
        let asked = Instant::now();
        let slot = Arc::clone(self.slot(make.format, make.encoding)).lock_owned().await;
        // Scrapes that arrive while one is rendered wait for the lock, and share the next.
        match &*slot {
            Some(kept) if kept.began >= asked || kept.is_latest(&make.state) => Ok(kept.clone()),
            _ => make.run(Some(slot)).await,
        }
    }

    fn slot(&self, format: Format, encoding: Encoding) -> &Slot {
        let slots = match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.open_metrics,
        };
        match encoding {
            Encoding::Identity => &slots.identity,
            Encoding::Gzip => &slots.gzip,
        }
    }
}

/// What is needed to render an exposition.
struct Make {
    state: AppState,
    selection: Selection,
    filter: Filter,
    format: Format,
    encoding: Encoding,
    occupied: Occupied,
}

impl Make {
    /// Renders and compresses outside the async workers.
    ///
    /// This continues even if all clients have disconnected, so that later scrapes share the cached result instead of
    /// rendering it again.
    async fn run(self, slot: Option<OwnedMutexGuard<Option<Cached>>>) -> Result<Cached, ScrapeError> {
        let made = spawn_blocking(move || {
            let made = self.make()?;
            if let Some(mut slot) = slot {
                *slot = Some(made.clone());
            }
            // Only now release the slot and the cache.
            drop(self.occupied);
            Ok(made)
        });
        made.await.map_err(ScrapeError::Panicked)?.map_err(ScrapeError::Missing)
    }

    fn make(&self) -> Result<Cached, Missing> {
        let began = Instant::now();
        let selected = self.selection.of(&self.state, &self.filter)?;
        let beginning = match self.encoding {
            Encoding::Identity => Beginning::Text(text(&selected, self.format)),
            Encoding::Gzip => Beginning::Compressed(Arc::new(selected.compressed(self.format))),
        };
        let states = selected.states().iter().map(Arc::downgrade).collect();
        Ok(Cached { began, states, exposed: Arc::clone(selected.exposed()), beginning })
    }
}

impl Cached {
    fn is_latest(&self, state: &AppState) -> bool {
        let latest = state.store.latest();
        let is_same = |(kept, latest): (&Weak<_>, &Arc<_>)| kept.as_ptr() == Arc::as_ptr(latest);
        Arc::ptr_eq(&self.exposed, &state.exposed.load())
            && self.states.len() == latest.len()
            && self.states.iter().zip(&latest).all(is_same)
    }
}

fn text(selected: &Selected, format: Format) -> Bytes {
    let mut whole = Vec::new();
    let _ = selected.observed(format, &mut |piece| {
        whole.append(piece);
        ControlFlow::Continue(())
    });
    Bytes::from(whole)
}
