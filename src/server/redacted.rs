//! Serves the effective configuration, without secrets.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{AppState, headers};

/// As plain text, because browsers would download `application/yaml`.
pub(super) async fn serve(State(app): State<AppState>) -> Response {
    (headers::of(headers::TEXT), app.config.load_full().to_string()).into_response()
}
