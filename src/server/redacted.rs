//! Shows the configuration that is in force, without its secrets.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{AppState, headers};

/// As plain text, which browsers show where they would save `application/yaml`.
pub(super) async fn serve(State(app): State<AppState>) -> Response {
    (headers::of(headers::TEXT), app.config.load_full().to_string()).into_response()
}
