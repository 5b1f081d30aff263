//! Handles a request step by step: route, method, keys, quota, latency, fault, scope, response.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::any;

use super::answer::{Call, answer};
use super::distortion::distort;
use super::endpoint::Endpoint;
use super::fleet::{Customer, Fleet};
use super::refusal::Refusal;
use super::state::{Partner, Shell};
use super::{Shape, edge};
use crate::faults::{Fault, deliver, html, with_retry_after};
use crate::query::Query;
use crate::random::{draw, uuid};
use crate::server::{Routes, variables};

/// Far above a hundred seat changes.
const MAX_BODY: usize = 1 << 20;

/// The routes that this shape of the API has.
pub(super) fn routes(shape: Shape) -> Routes<Fleet, Partner> {
    let known = Endpoint::ALL.into_iter().filter(|endpoint| shape == Shape::Live || endpoint.is_documented());
    let router = Router::new().fallback(|State(shell): State<Arc<Shell>>, request: Request| async move {
        serve(&shell, None, request).await
    });
    let router = known.fold(router, |router, endpoint| {
        router.route(
            endpoint.template(),
            any(move |State(shell): State<Arc<Shell>>, path, request: Request| async move {
                serve(&shell, variables(path).map(|path| (endpoint, path)), request).await
            }),
        )
    });
    Routes { router, prefix: "", endpoints: Endpoint::ALL.map(Endpoint::template).to_vec() }
}

async fn serve(shell: &Shell, found: Option<(Endpoint, Vec<String>)>, request: Request) -> Response {
    let _under_way = shell.record.enter(request.method(), request.uri());
    let partner = &shell.vendor;
    let mut response = match found {
        None => partner.refuse(&Refusal::UnknownRoute),
        Some((endpoint, path)) => admit(shell, endpoint, &path, request).await,
    };
    let number = partner.served.fetch_add(1, Ordering::Relaxed);
    if let Ok(id) = HeaderValue::try_from(uuid(&mut draw(partner.options.fleet.seed(), "request", number))) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A route is looked for before the keys are: a wrong path never looks like wrong keys.
async fn admit(shell: &Shell, endpoint: Endpoint, path: &[String], request: Request) -> Response {
    let partner = &shell.vendor;
    let refuse = |refusal, name, text| {
        let mut response = partner.refuse(&refusal);
        response.headers_mut().insert(name, HeaderValue::from_static(text));
        response
    };
    if request.method().as_str() != endpoint.method() {
        return refuse(Refusal::MethodNotAllowed, header::ALLOW, endpoint.method());
    }
    if !partner.admits(request.headers()) {
        return refuse(Refusal::Unauthorized, header::WWW_AUTHENTICATE, "Basic realm=\"API\"");
    }
    let budget = &partner.options.budget;
    let now = shell.clock.moment().now;
    let charge = partner.meter.charge(budget, endpoint, now);
    let mut response = if charge.admitted {
        respond(shell, endpoint, path, request).await
    } else {
        with_retry_after(partner.refuse(&Refusal::TooManyRequests), charge.retry_after(budget, now), now)
    };
    charge.add_headers(budget, now, response.headers_mut());
    response
}

/// Answers, late or wrongly if so ordered.
async fn respond(shell: &Shell, endpoint: Endpoint, path: &[String], request: Request) -> Response {
    let partner = &shell.vendor;
    let shape = partner.options.shape;
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return partner.refuse(&Refusal::BadRequest("the body cannot be read".to_owned()));
    };
    let fleet = shell.fleet();
    let customer = path.first().and_then(|id| partner.find_customer(&fleet, id));
    // Aimed before the slowness, so that simultaneous requests share a fault in the order of their arrival.
    let fault =
        shell.faults.take(endpoint.template(), |name| customer.is_some_and(|customer| customer.is_called(name)));
    let (seats, limit) = (customer.map_or(0, Customer::seat_count), partner.seats_limit());
    let seconds = edge::latency(endpoint, seats, limit).as_secs_f64() * partner.options.latency_scale;
    shell.wait(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
    let error = |status| Refusal::of_fault(status).body(shape);
    if let Some(response) = shell.intervene(fault.as_ref(), error).await {
        return response;
    }
    let is_out_of_scope = customer.is_some_and(|customer| customer.quirks().out_of_scope);
    if edge::gives_up(endpoint, seats, limit) && !is_out_of_scope {
        return html(StatusCode::GATEWAY_TIMEOUT);
    }
    let call = Call {
        endpoint,
        customer,
        subscription: path.get(1).map_or("", String::as_str),
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        body,
        moment: shell.clock.moment(),
        repeated: fault == Some(Fault::RepeatedPage),
    };
    let (status, mut answer) = match answer(shell, &fleet, &call) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(refusal) => (refusal.status(), refusal.body(shape)),
    };
    if let Some(fault) = &fault {
        distort(fault, &mut answer);
    }
    deliver(fault.as_ref(), status, &answer)
}
