//! Serves the landing page, which links to every endpoint.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, html};

use super::{AppState, headers};
use crate::markup::metadata;
use crate::server::status_page::style;

pub(super) async fn serve(State(app): State<AppState>) -> Response {
    // All links are relative, so that the page works behind any prefix.
    let links = [
        (format!(".{}", app.options.telemetry_path), "Metrics", "the endpoint that Prometheus scrapes"),
        (
            "./status".to_owned(),
            "Status",
            "unhealthy tenants, what to do next, data age and next refresh; JSON with Accept: application/json",
        ),
        ("./config".to_owned(), "Configuration", "effective configuration, without secrets"),
        ("./seats.csv".to_owned(), "Seats", "seats and coverage, one line per tenant (CSV)"),
        ("./sd".to_owned(), "Service discovery", "one target per tenant, for http_sd_configs"),
        ("./-/healthy".to_owned(), "Health", "liveness probe"),
        ("./-/ready".to_owned(), "Readiness", "readiness probe"),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (metadata())
                title { "saasbackup-exporter" }
                (style())
            }
            body {
                h1 { "saasbackup-exporter" }
                p {
                    "Prometheus exporter for SaaS backups, version " (env!("CARGO_PKG_VERSION")) ": "
                    (counted(&app)) "."
                }
                ul.links { @for (address, label, meaning) in links { li { a href=(address) { (label) } ": " (meaning) } } }
            }
        }
    };
    (headers::of(headers::HTML), page.into_string()).into_response()
}

/// The number of sources and tenants; sources without a listing are reported as unknown, not as zero.
fn counted(app: &AppState) -> String {
    let states = app.store.latest();
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let tenants = plural(states.iter().map(|state| state.tenants.len()).sum(), "tenant");
    let unlisted = states.iter().filter(|state| state.tenants.is_empty() && state.listing.value().is_none()).count();
    let sources = plural(states.len(), "source");
    match unlisted {
        0 => format!("{tenants} of {sources}"),
        all if all == states.len() => format!("{sources}, tenants not known yet"),
        some => format!("{tenants} of {sources}, tenants of {some} not known yet"),
    }
}
