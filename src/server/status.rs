//! Serves the status page: HTML for people, JSON for programs that prefer it.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::limits::Occupied;
use super::{AppState, headers};
use crate::process::clock;
use crate::qvalue::weight;
use crate::server::status_page::{Page, Query, to_html, to_json};

pub(super) async fn serve(
    State(app): State<AppState>,
    Extension(occupied): Extension<Occupied>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = match Query::parse(query.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(error) => {
            return (StatusCode::BAD_REQUEST, headers::of(headers::TEXT), format!("{error}\n")).into_response();
        }
    };
    let wants_json = prefers_json(&headers);
    // Summarizing a large fleet would block an async worker for too long.
    let rendered = tokio::task::spawn_blocking(move || {
        let _occupied = occupied;
        let published = app.store.published();
        let page = Page::new(&published, &query, clock::now()).of_shard(app.shard);
        if wants_json { to_json(&page) } else { to_html(&page) }
    });
    let content_type = if wants_json { headers::JSON } else { headers::HTML };
    match rendered.await {
        Ok(document) => (headers::of(content_type), [(VARY, "accept")], document).into_response(),
        Err(error) => {
            tracing::error!("rendering the status page failed: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether JSON is accepted with at least the weight of HTML; browsers and clients without a header get HTML.
fn prefers_json(headers: &HeaderMap) -> bool {
    let accept: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = accept.join(",");
    let json = weight(&accept, |entry| entry.is("application/json"));
    json > 0.0 && json >= weight(&accept, |entry| entry.is("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_asks_for_json_gets_it() {
        for (accept, expected) in [
            ("", false),
            ("*/*", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json, text/plain, */*", true),
            ("text/html, application/json;q=0.9", false),
            ("text/html;q=0.8, application/json;q=0.9", true),
            ("application/json;q=0", false),
            ("application/json-seq", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(prefers_json(&headers), expected, "{accept}");
        }
        assert!(!prefers_json(&HeaderMap::new()));
    }
}
