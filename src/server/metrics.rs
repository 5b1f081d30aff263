//! Serves the metrics in the format that the scraper prefers, as far as it selects them.
//!
//! Rendering and compression run outside the async workers, except for the exporter's own metrics, which are only a few
//! lines. The compressed exposition is small and cached, and so is the text of a small fleet; that of a large fleet is
//! streamed while it is rendered, and never in memory as a whole.

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

/// State shared by all scrapes.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    cache: ExpositionCache,
    selection: Selection,
}

/// Why a scrape fails.
#[derive(Debug)]
enum ScrapeError {
    /// The selection does not exist.
    Missing(Missing),
    /// Rendering panicked.
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

/// Several header lines form one list (RFC 9110, section 5.3).
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
