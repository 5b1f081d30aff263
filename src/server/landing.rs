//! Shows people who come to the root where to go.

use axum::extract::State;
use axum::response::Html;

use super::Views;

pub(super) async fn serve(State(views): State<Views>) -> Html<String> {
    let path = escape(views.settings.telemetry_path.trim_start_matches('/'));
    let version = env!("CARGO_PKG_VERSION");
    Html(format!(
        "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>saasbackup-exporter</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }}</style>
</head>
<body>
<h1>saasbackup-exporter</h1>
<p>Prometheus exporter for SaaS backups, version {version}.</p>
<ul>
<li><a href=\"{path}\">Metrics</a></li>
<li><a href=\"-/healthy\">Health</a></li>
<li><a href=\"-/ready\">Readiness</a></li>
</ul>
</body>
</html>
"
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
