//! Streams an exposition as text while it is rendered.

use std::ops::ControlFlow;

use axum::body::{Body, Bytes};
use tokio::sync::mpsc;

use super::body::{Coming, Piece};
use super::{ScrapeError, Selection};
use crate::exposition::{Filter, Format, Missing, PIECE};
use crate::server::AppState;
use crate::server::limits::Occupied;

/// Maximum number of pieces that rendering is ahead of the scraper.
const AHEAD: usize = 2;

/// The body for a scrape; a short one is complete at once, and has a length.
pub(super) async fn body(
    state: AppState,
    selection: Selection,
    filter: Filter,
    format: Format,
    occupied: Occupied,
) -> Result<Body, ScrapeError> {
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    let rendering = tokio::task::spawn_blocking(move || {
        let _occupied = occupied;
        render(&state, &selection, &filter, format, &sender)
    });
    match receiver.recv().await {
        Some(Piece::Last(whole)) => Ok(Body::from(whole)),
        Some(Piece::More(first)) => Ok(Body::new(Coming::new(first, receiver))),
        None => match rendering.await {
            Ok(Err(missing)) => Err(ScrapeError::Missing(missing)),
            Err(error) => Err(ScrapeError::Panicked(error)),
            Ok(Ok(())) => unreachable!("a rendering that went well has a last piece"),
        },
    }
}

/// Sends the pieces until the receiver is dropped.
fn render(
    state: &AppState,
    selection: &Selection,
    filter: &Filter,
    format: Format,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), Missing> {
    let selected = selection.of(state, filter)?;
    let mut rest = Vec::new();
    let flow = selected.observed(format, &mut |written| {
        if written.len() < PIECE {
            rest = std::mem::take(written);
            return ControlFlow::Continue(());
        }
        // The next piece will have about the same size.
        let piece = std::mem::replace(written, Vec::with_capacity(written.capacity()));
        match sender.blocking_send(Piece::More(Bytes::from(piece))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    if flow.is_continue() {
        let ending = filter.ending(selected.exposed(), || state.instrumentation.gather(), format);
        rest.extend_from_slice(ending.as_bytes());
        // The scraper may have disconnected.
        let _ = sender.blocking_send(Piece::Last(Bytes::from(rest)));
    }
    Ok(())
}
