//! Serves the exposition, in the format that the scraper prefers, as far as it asks for it.

use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Views, filter};
use crate::exposition::{Filter, Format, Missing};

pub(super) async fn serve(State(views): State<Views>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let filter = match filter::read(&query.unwrap_or_default()) {
        Ok(filter) => filter,
        Err(bad) => return bad.into_response(),
    };
    // Several header lines are one list (RFC 9110, section 5.3).
    let accept: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let format = Format::negotiate(&accept.join(","));
    // A big fleet takes longer to render than an async worker may be held.
    match tokio::task::spawn_blocking(move || render(&views, &filter, format)).await {
        Ok(Ok(exposition)) => ([(CONTENT_TYPE, format.content_type()), (VARY, "accept")], exposition).into_response(),
        Ok(Err(missing)) => filter::answer(&missing),
        Err(error) => {
            tracing::error!("rendering the exposition: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn render(views: &Views, filter: &Filter, format: Format) -> Result<String, Missing> {
    let states = views.store.latest();
    let exposed = views.exposed.load();
    views.refusals.tell(&states, &exposed);
    let selected = filter.select(&states, &exposed)?;
    let own = if selected.needs_own() { views.instrumentation.encode() } else { String::new() };
    Ok(selected.render(&own, format))
}
