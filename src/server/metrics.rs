//! Serves the exposition, in the format that the scraper prefers, as far as it asks for it.
//!
//! Rendering and packing are done beside the async workers, but for the few
//! lines that the exporter says of itself behind a text that is kept. What is
//! packed is small, and is kept for whoever asks next, and so is the text of a
//! small fleet; that of a large one is sent while it is rendered, and never held
//! whole.

mod body;
mod cache;
mod encoding;
mod selection;
mod streamed;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::task::JoinError;

use super::limits::Occupied;
use super::{AppState, filter};
use crate::exposition::{Format, Missing};
use cache::ExpositionCache;
use encoding::Encoding;
use selection::Selection;

/// What scrapes share.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    cache: ExpositionCache,
    selection: Selection,
}

/// Why a scrape gets no exposition.
#[derive(Debug)]
enum ScrapeError {
    /// What it asks for is not there.
    Missing(Missing),
    /// There is a bug in rendering.
    Panicked(JoinError),
}

pub(super) async fn serve(
    State(state): State<AppState>,
    Extension(Shared { cache, selection }): Extension<Shared>,
    Extension(occupied): Extension<Occupied>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let filter = match filter::read(&query.unwrap_or_default()) {
        Ok(filter) => filter,
        Err(bad) => return bad.into_response(),
    };
    let format = Format::negotiate(&list(&headers, ACCEPT));
    let encoding = Encoding::negotiate(&list(&headers, ACCEPT_ENCODING));
    let body = match encoding {
        Encoding::Identity if !cache::is_small(&state) => {
            streamed::body(state, selection, filter, format, occupied).await
        }
        encoding => cache.body(state, selection, filter, format, encoding, occupied).await,
    };
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    let mut response =
        ([(CONTENT_TYPE, format.content_type()), (VARY, "accept, accept-encoding")], body).into_response();
    if encoding == Encoding::Gzip {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Several header lines are one list (RFC 9110, section 5.3).
fn list(headers: &HeaderMap, name: HeaderName) -> String {
    let lines: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    lines.join(",")
}

impl IntoResponse for ScrapeError {
    fn into_response(self) -> Response {
        match self {
            Self::Missing(missing) => filter::answer(&missing),
            Self::Panicked(error) => {
                tracing::error!("rendering metrics failed: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
