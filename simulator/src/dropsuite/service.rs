//! Handles a request step by step: rate limit, latency, route, method, fault, tokens, response.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::any;
use serde_json::Value;

use super::call::{Call, Outcome};
use super::fleet::Fleet;
use super::is_called;
use super::paging::{Pager, PagingFault};
use super::refusal::Refusal;
use super::routes::{Access, ROUTES, Route};
use super::state::{Reseller, Shell};
use crate::faults::{deliver, distort, json_response};
use crate::query::Query;
use crate::server::{Routes, variables};

pub(super) fn routes() -> Routes<Fleet, Reseller> {
    let router = Router::new()
        .fallback(|State(shell): State<Arc<Shell>>, request: Parts| async move { serve(&shell, None, &request).await });
    let router = ROUTES.iter().fold(router, |router, route| {
        let serve = any(move |State(shell): State<Arc<Shell>>, path, request: Parts| async move {
            serve(&shell, variables(path).map(|path| (route, path)), &request).await
        });
        let router = router.route(&format!("/api{}", route.template), serve.clone());
        // The document's table of contents spells it this way.
        match route.template.strip_prefix("/shareddrives/") {
            Some(rest) => router.route(&format!("/api/shreddrives/{rest}"), serve),
            None => router,
        }
    });
    Routes { router, prefix: "/api", endpoints: ROUTES.iter().map(|route| route.template).collect() }
}

async fn serve(shell: &Shell, found: Option<(&'static Route, Vec<String>)>, request: &Parts) -> Response {
    let _under_way = shell.record.enter(&request.method, &request.uri);
    if let Some(refusal) = shell.vendor.over_the_limit() {
        return refusal;
    }
    shell.wait(shell.vendor.latency).await;
    let refuse = |refusal: Refusal| json_response(refusal.status(), &refusal.body());
    let Some((route, path)) = &found else { return refuse(Refusal::NotFound) };
    if request.method != Method::GET {
        return refuse(Refusal::MethodNotAllowed);
    }
    let fleet = shell.fleet();
    let access = header(&request.headers, "x-access-token");
    let subject = match route.login_id(path) {
        Some(id) => fleet.by_login(id).map(|(organization, _)| organization),
        None => access.and_then(|token| fleet.by_token(token)),
    };
    let fault = shell.faults.take(route.template, |name| subject.is_some_and(|subject| is_called(subject, name)));
    if let Some(response) = shell.intervene(fault.as_ref(), |status| Refusal::of_fault(status).body()).await {
        return response;
    }
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let (vendor, shapes) = (&shell.vendor, &shell.vendor.shapes);
    let call = Call {
        fleet: &fleet,
        reseller_token: &vendor.reseller_token,
        origin: &shell.origin,
        moment: shell.clock.moment(),
        route,
        path,
        query: &query,
        shapes,
        pager: Pager {
            origin: &shell.origin,
            path: request.uri.path(),
            query: &query,
            shapes,
            fault: fault.as_ref().and_then(PagingFault::of),
        },
    };
    let reseller = header(&request.headers, "x-reseller-token");
    match (answer(&call, &vendor.admin_token, reseller, access), fault) {
        (Ok(answer), None) => json_response(answer.status, &answer.body),
        (Ok(mut answer), Some(fault)) => {
            distort(&fault, &mut answer.body);
            deliver(Some(&fault), answer.status, &answer.body)
        }
        (Err(refusal), fault) => deliver(fault.as_ref(), refusal.status(), &refusal.body()),
    }
}

/// Checks the tokens and hands the request to the renderer it means.
fn answer(call: &Call<'_>, admin_token: &str, reseller: Option<&str>, access: Option<&str>) -> Outcome {
    if reseller != Some(call.reseller_token) {
        return Err(Refusal::Unauthorized);
    }
    if let Access::Reseller(render) = call.route.access {
        return render(call);
    }
    let token = access.ok_or(Refusal::Unauthorized)?;
    let is_admin = token == admin_token;
    match (call.route.access, is_admin, call.fleet.by_token(token)) {
        (Access::Admin(render), true, _) => render(call),
        // The vendor's most misleading answer.
        (Access::Product(envelope, _), true, _) => call.list(envelope(call.shapes), 0, |_| Value::Null),
        (Access::Organization(_), true, _) | (Access::Admin(_), false, Some(_)) => Err(Refusal::NotAuthorized),
        (Access::Owner(render, _), false, Some(organization)) => {
            let id = call.login_id().unwrap_or_default();
            let owns = (0..organization.login_count()).any(|position| organization.login(position).id == id);
            if owns { render(call, organization) } else { Err(Refusal::InvalidUser) }
        }
        (Access::Owner(_, refusal), true, _) | (Access::Owner(_, refusal), false, None) => Err(refusal),
        (Access::Product(_, render) | Access::Organization(render), false, Some(organization)) => {
            render(call, organization)
        }
        (_, false, None) | (Access::Reseller(_), _, _) => Err(Refusal::Unauthorized),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
