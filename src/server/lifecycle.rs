//! Lets an operator have the configuration read again, if that was allowed.

use axum::extract::State;
use axum::http::StatusCode;

use super::AppState;

/// `POST` and `PUT`, as Prometheus has it: 200 when the new configuration holds, 500 with every problem when the old one
/// stays, 403 where nobody may ask.
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
