//! Serves the seats of each tenant as CSV.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse, Response};
use tokio::task::spawn_blocking;

use super::limits::Occupied;
use super::{AppState, filter, headers};
use crate::exposition::seats_csv;

pub(super) async fn serve(
    State(app): State<AppState>,
    Extension(occupied): Extension<Occupied>,
    RawQuery(query): RawQuery,
) -> Response {
    let filter = match filter::read_tenants(query.as_deref().unwrap_or_default()) {
        Ok(filter) => filter,
        Err(bad) => return bad.into_response(),
    };
    // Writing thousands of lines would block an async worker for too long.
    let rendered = spawn_blocking(move || {
        let _occupied = occupied;
        seats_csv(&app.store.latest(), &app.exposed.load_full(), &filter)
    });
    match rendered.await {
        Ok(Ok(table)) => {
            (headers::of(headers::CSV), [(CONTENT_DISPOSITION, "attachment; filename=\"seats.csv\"")], table)
                .into_response()
        }
        Ok(Err(missing)) => filter::answer(&missing),
        Err(error) => {
            tracing::error!("rendering the table of seats failed: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
