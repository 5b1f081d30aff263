//! Serves the exposition, in the format that the scraper prefers.

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Views;
use crate::exposition::{Format, render};

pub(super) async fn serve(State(views): State<Views>, headers: HeaderMap) -> Response {
    // Several header lines are one list (RFC 9110, section 5.3).
    let accept: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let format = Format::negotiate(&accept.join(","));
    // A big fleet takes longer to render than an async worker may be held.
    let rendered = tokio::task::spawn_blocking(move || {
        let own = views.instrumentation.encode();
        render(&views.store.latest(), &own, format)
    });
    match rendered.await {
        Ok(exposition) => ([(CONTENT_TYPE, format.content_type()), (VARY, "accept")], exposition).into_response(),
        Err(error) => {
            tracing::error!("rendering the exposition: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
