//! Shows the configuration that is in force, without its secrets.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{Views, headers};

/// As plain text, which browsers show where they would save `application/yaml`.
pub(super) async fn serve(State(views): State<Views>) -> Response {
    (headers::of(headers::TEXT), views.config.load_full().to_string()).into_response()
}
