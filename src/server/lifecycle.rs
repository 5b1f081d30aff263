//! Reloads the configuration over HTTP, if enabled.

use axum::extract::State;
use axum::http::StatusCode;

use super::AppState;

/// `POST` and `PUT`, as in Prometheus: 200 if the new configuration applies, 500 with every problem if the previous one
/// is kept, 403 if disabled.
pub(super) async fn reload(State(app): State<AppState>) -> (StatusCode, String) {
    let Some(reloader) = app.reloader.filter(|_| app.options.enable_lifecycle) else {
        return (StatusCode::FORBIDDEN, "reloading over HTTP is not enabled (--web.enable-lifecycle)\n".to_owned());
    };
    match reloader.reload().await {
        Ok(()) => (StatusCode::OK, "configuration reloaded\n".to_owned()),
        Err(refused) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("configuration reload failed, keeping the previous configuration:\n{refused}\n"),
        ),
    }
}
