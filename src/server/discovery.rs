//! Serves the targets for Prometheus's HTTP service discovery: one per tenant, and one for the exporter.

mod address;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header::{HOST, VARY};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::task::spawn_blocking;
use url::form_urlencoded;

use self::address::Address;
use super::limits::Occupied;
use super::{AppState, headers};
use crate::domain::{SourceState, TenantState};
use crate::exposition::{Exposed, dropped};

/// The groups without tenants: the exporter's own metrics, and those of sources.
const REST: &str = "exporter,source";

/// Targets with common labels.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Group {
    targets: [String; 1],
    labels: BTreeMap<&'static str, String>,
}

pub(super) async fn serve(
    State(app): State<AppState>,
    Extension(occupied): Extension<Occupied>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let refuse = |status, reason: &str| (status, headers::of(headers::TEXT), format!("{reason}\n")).into_response();
    let states = app.store.latest();
    // After an error Prometheus keeps its targets, while a response without tenants would remove them.
    if let Some(waiting) = states.iter().find(|state| was_never_listed(state)) {
        let reason = format!("waiting for the first successful listing of {}", waiting.identity.name);
        return refuse(StatusCode::SERVICE_UNAVAILABLE, &reason);
    }
    // In HTTP/2 the host is part of the request's URI.
    let authority = || uri.authority().map(|authority| authority.as_str());
    let host = headers.get(HOST).map_or_else(authority, |host| Some(host.to_str().unwrap_or_default()));
    let Some(address) = Address::of(&app.options, host, app.listening) else {
        return refuse(StatusCode::BAD_REQUEST, "the Host header is not a valid address; set --web.external-url");
    };
    let exposed = app.exposed.load_full();
    // Writing thousands of targets would block an async worker for too long.
    let written = spawn_blocking(move || {
        let _occupied = occupied;
        serde_json::to_string(&groups(&states, &exposed, &address))
    });
    match written.await.map_err(std::io::Error::other).and_then(|written| Ok(written?)) {
        Ok(document) => (headers::of(headers::JSON), [(VARY, "host")], document).into_response(),
        Err(error) => {
            tracing::error!("rendering service discovery targets failed: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether the tenants are still unknown: no listing has succeeded, and there was no state file.
fn was_never_listed(state: &SourceState) -> bool {
    state.tenants.is_empty() && state.listing.observed.is_none()
}

/// Known tenants remain targets while the vendor does not respond; dropped ones would get an error.
fn groups(states: &[Arc<SourceState>], exposed: &Exposed, address: &Address) -> Vec<Group> {
    let tenants = |state: &'_ Arc<SourceState>| -> Vec<Group> {
        let dropped = dropped(state, exposed);
        let shown = state.tenants.iter().filter(|(id, _)| !dropped.contains(id));
        shown.map(|(_, tenant)| tenant_target(state, tenant, address)).collect()
    };
    states.iter().flat_map(tenants).chain([own_target(address)]).collect()
}

/// One tenant, with its own `instance`: otherwise all targets would write the same `up`.
fn tenant_target(state: &SourceState, tenant: &TenantState, address: &Address) -> Group {
    let (source, id) = (&*state.identity.name, tenant.tenant.id.as_str());
    // Percent-encoded, so that different pairs of names never look alike.
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let mut labels = address.labels();
    labels.extend([
        ("instance", format!("{}/{}/{}", address.target, encode(source), encode(id))),
        ("__param_source", source.to_owned()),
        ("__param_tenant", id.to_owned()),
        ("__meta_saasbackup_provider", state.identity.provider.as_str().to_owned()),
        ("__meta_saasbackup_source", source.to_owned()),
        ("__meta_saasbackup_tenant_id", id.to_owned()),
        ("__meta_saasbackup_tenant", tenant.display_name().to_owned()),
    ]);
    Group { targets: [address.target.clone()], labels }
}

/// The exporter itself, with the metrics of sources.
fn own_target(address: &Address) -> Group {
    let mut labels = address.labels();
    labels.insert("__param_collect", REST.to_owned());
    Group { targets: [address.target.clone()], labels }
}

#[cfg(test)]
mod tests;
