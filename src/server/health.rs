//! Tells whether the process lives and whether it has something to say.

use axum::extract::State;
use axum::http::StatusCode;

use super::AppState;

/// Always: a vendor's trouble is no reason to restart the exporter.
pub(super) async fn healthy() -> &'static str {
    "saasbackup-exporter is healthy.\n"
}

/// Once every source finished its first listing attempt, whether or not it worked: a dead vendor must not make the
/// others unscrapable.
pub(super) async fn ready(State(app): State<AppState>) -> (StatusCode, String) {
    let states = app.store.latest();
    let waiting: Vec<_> =
        states.iter().filter(|state| state.listing.attempt.is_none()).map(|state| &*state.identity.name).collect();
    if waiting.is_empty() {
        (StatusCode::OK, "saasbackup-exporter is ready.\n".to_owned())
    } else {
        let waiting = waiting.join(", ");
        (StatusCode::SERVICE_UNAVAILABLE, format!("waiting for the first listing of: {waiting}\n"))
    }
}
