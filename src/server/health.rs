//! Serves the liveness and readiness probes.

use axum::extract::State;
use axum::http::StatusCode;

use super::AppState;

/// Always succeeds: a vendor outage is no reason to restart the exporter.
pub(super) async fn healthy() -> &'static str {
    "saasbackup-exporter is healthy.\n"
}

/// Succeeds once every source has finished its first listing attempt, successful or not: an unreachable vendor must not
/// make the others unscrapable.
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
