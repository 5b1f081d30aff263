//! Tells Prometheus's HTTP service discovery whom to scrape: one target for each tenant, and one for the exporter.

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

/// The families that no tenant's target shows: the exporter's own, and those of whole sources.
const REST: &str = "exporter,source";

/// Targets that share labels.
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
    // A refused answer leaves Prometheus with the targets it has, where one without tenants would take them away.
    if let Some(waiting) = states.iter().find(|state| was_never_listed(state)) {
        let reason = format!("waiting for the first successful listing of {}", waiting.identity.name);
        return refuse(StatusCode::SERVICE_UNAVAILABLE, &reason);
    }
    // HTTP/2 names the host in the request's own address.
    let authority = || uri.authority().map(|authority| authority.as_str());
    let host = headers.get(HOST).map_or_else(authority, |host| Some(host.to_str().unwrap_or_default()));
    let Some(address) = Address::of(&app.options, host, app.listening) else {
        return refuse(StatusCode::BAD_REQUEST, "the Host header is not a valid address; set --web.external-url");
    };
    let exposed = app.exposed.load_full();
    // To write thousands of targets takes longer than an async worker may be held.
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

/// Whether nobody can say who the tenants are: the vendor has not answered yet, and no state file told.
fn was_never_listed(state: &SourceState) -> bool {
    state.tenants.is_empty() && state.listing.observed.is_none()
}

/// Who is known stays a target, whether or not the vendor answers at present; who has no series would be refused.
fn groups(states: &[Arc<SourceState>], exposed: &Exposed, address: &Address) -> Vec<Group> {
    let tenants = |state: &'_ Arc<SourceState>| -> Vec<Group> {
        let dropped = dropped(state, exposed);
        let shown = state.tenants.iter().filter(|(id, _)| !dropped.contains(id));
        shown.map(|(_, tenant)| tenant_target(state, tenant, address)).collect()
    };
    states.iter().flat_map(tenants).chain([own_target(address)]).collect()
}

/// One tenant: its `instance` is its own, since the targets would otherwise write the same `up`.
fn tenant_target(state: &SourceState, tenant: &TenantState, address: &Address) -> Group {
    let (source, id) = (&*state.identity.name, tenant.tenant.id.as_str());
    // Encoded, so that no two pairs of names read alike.
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

/// The exporter itself, with what it says of whole sources.
fn own_target(address: &Address) -> Group {
    let mut labels = address.labels();
    labels.insert("__param_collect", REST.to_owned());
    Group { targets: [address.target.clone()], labels }
}

#[cfg(test)]
mod tests;
