//! Takes a request through its stations: route, method, keys, budget, slowness, fault, scope, answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::budget::{Meter, tell_retry_after};
use super::credentials::Credentials;
use super::distortion::distort;
use super::endpoint::Target;
use super::fleet::{Customer, Fleet, Oddity};
use super::query::Query;
use super::refusal::Refusal;
use super::routing::{Call, answer};
use super::{Options, Shape, edge};
use crate::faults::{Fault, FaultBook, RetryAfter, deliver, json_response};
use crate::random::{draw, uuid};
use crate::record::Record;

/// Far above a hundred seat changes.
const LARGEST_BODY: usize = 1 << 20;

/// What all requests share.
pub(super) struct State {
    pub(super) credentials: Credentials,
    pub(super) faults: FaultBook,
    pub(super) record: Record,
    pub(super) options: Options,
    /// Replaced as a whole when a customer leaves or a seat changes: a request sees one fleet to its end.
    fleet: RwLock<Arc<Fleet>>,
    meter: Meter,
    served: AtomicUsize,
    stopping: CancellationToken,
}

impl State {
    pub(super) fn new(options: Options, stopping: CancellationToken) -> Self {
        Self {
            credentials: Credentials::new(options.fleet.seed()),
            faults: FaultBook::default(),
            record: Record::default(),
            fleet: RwLock::new(Arc::new(options.fleet.clone())),
            options,
            meter: Meter::default(),
            served: AtomicUsize::new(0),
            stopping,
        }
    }

    pub(super) fn fleet(&self) -> Arc<Fleet> {
        Arc::clone(&self.fleet.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another fleet in the present one's place and hands back what `change` tells.
    pub(super) fn replace_fleet<Told>(&self, change: impl FnOnce(&Fleet) -> (Fleet, Told)) -> Told {
        let mut fleet = self.fleet.write().unwrap_or_else(PoisonError::into_inner);
        let (changed, told) = change(&fleet);
        *fleet = Arc::new(changed);
        told
    }

    /// Waits, but never longer than the server lives.
    async fn wait(&self, duration: Duration) {
        if duration.is_zero() {
            return;
        }
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = tokio::time::sleep(duration) => {}
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        json_response(refusal.status(), &refusal.body(self.options.shape))
    }

    fn too_many_requests(&self, retry_after: RetryAfter, now: i64) -> Response {
        let mut response = self.refuse(&Refusal::TooManyRequests);
        tell_retry_after(retry_after, now, response.headers_mut());
        response
    }

    /// Above how many seats the edge gives up; the document knows no such thing.
    fn seats_limit(&self) -> Option<usize> {
        match self.options.shape {
            Shape::Live => self.options.seats_limit,
            Shape::Documented => None,
        }
    }

    fn find_customer<'a>(&self, fleet: &'a Fleet, target: &Target) -> Option<&'a Customer> {
        match self.options.shape {
            Shape::Live => fleet.by_id(&target.customer),
            Shape::Documented => fleet.by_documented_id(&target.customer),
        }
    }
}

pub(super) async fn serve(Extracted(state): Extracted<Arc<State>>, request: Request) -> Response {
    let _under_way = state.record.enter(request.method(), request.uri());
    let mut response = admit(&state, request).await;
    let number = state.served.fetch_add(1, Ordering::Relaxed);
    if let Ok(id) = HeaderValue::try_from(uuid(&mut draw(state.options.fleet.seed(), "request", number))) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A route is looked for before the keys are: a wrong path never looks like wrong keys.
async fn admit(state: &State, request: Request) -> Response {
    let Some(target) = Target::find(request.uri().path(), state.options.shape) else {
        return state.refuse(&Refusal::UnknownRoute);
    };
    let method = target.endpoint.method();
    if request.method() != method {
        let mut response = state.refuse(&Refusal::MethodNotAllowed);
        if let Ok(allowed) = HeaderValue::from_str(method.as_str()) {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        return response;
    }
    if !state.credentials.admit(request.headers()) {
        let mut response = state.refuse(&Refusal::Unauthorized);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"API\""));
        return response;
    }
    let budget = &state.options.budget;
    let now = state.options.clock.moment().now;
    let charge = state.meter.charge(budget, target.endpoint, now);
    let mut response = if charge.admitted {
        respond(state, &target, request).await
    } else {
        state.too_many_requests(charge.retry_after(budget, now), now)
    };
    charge.tell(budget, now, response.headers_mut());
    response
}

/// Answers, late or wrongly if so ordered.
async fn respond(state: &State, target: &Target, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return state.refuse(&Refusal::BadRequest("the body cannot be read".to_owned()));
    };
    let fleet = state.fleet();
    let customer = state.find_customer(&fleet, target);
    // Aimed before the slowness, so that simultaneous requests share a fault in the order of their arrival.
    let fault =
        state.faults.take(target.endpoint.template(), |name| customer.is_some_and(|customer| customer.is_called(name)));
    let (seats, limit) = (customer.map_or(0, Customer::seat_count), state.seats_limit());
    let seconds = edge::latency(target.endpoint, seats, limit).as_secs_f64() * state.options.latency_scale;
    state.wait(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
    let moment = state.options.clock.moment();
    if let Some(fault) = &fault
        && let Some(response) = replaced(state, fault, moment.now).await
    {
        return response;
    }
    let call = Call {
        target,
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        body,
        moment,
        repeated: fault == Some(Fault::RepeatedPage),
    };
    let is_out_of_scope = customer.is_some_and(|customer| customer.oddity() == Oddity::OutOfScope);
    if edge::gives_up(target.endpoint, seats, limit) && !is_out_of_scope {
        return deliver(&Fault::ServerError(504), StatusCode::GATEWAY_TIMEOUT, &Value::Null, moment.now);
    }
    let (status, mut answer) = match answer(state, &fleet, customer, &call) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(refusal) => (refusal.status(), refusal.body(state.options.shape)),
    };
    match fault {
        None => json_response(status, &answer),
        Some(fault) => {
            distort(&fault, &mut answer);
            deliver(&fault, status, &answer, moment.now)
        }
    }
}

/// What a fault answers in the vendor's place, so that no seat changes; `None` when the vendor does answer.
async fn replaced(state: &State, fault: &Fault, now: i64) -> Option<Response> {
    match fault {
        Fault::Stall => {
            state.stopping.cancelled().await;
            None
        }
        Fault::Delay(duration) => {
            state.wait(*duration).await;
            None
        }
        Fault::Unauthorized => Some(state.refuse(&Refusal::Unauthorized)),
        Fault::Forbidden => Some(state.refuse(&Refusal::Forbidden)),
        Fault::NotFound => Some(state.refuse(&Refusal::UnknownCustomer)),
        Fault::ServerError(500) => Some(state.refuse(&Refusal::InternalError)),
        Fault::TooManyRequests(retry_after) => Some(state.too_many_requests(*retry_after, now)),
        Fault::ServerError(_) | Fault::Html200 | Fault::Redirect(_) => {
            Some(deliver(fault, StatusCode::OK, &Value::Null, now))
        }
        _ => None,
    }
}
