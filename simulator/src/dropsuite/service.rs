//! Takes a request through its stations: record, rate limit, latency, fault, tokens, answer.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::call::{Call, Outcome};
use super::endpoint::Target;
use super::paging::{Pager, PagingFault};
use super::query::Query;
use super::refusal::Refusal;
use super::routing::{self, Tokens};
use super::shapes::Shapes;
use super::{Options, is_called};
use crate::clock::{Clock, Moment};
use crate::dropsuite::fleet::{Fleet, Organization};
use crate::faults::{Fault, FaultBook, deliver, distort, json_response};
use crate::random::{draw, uuid};
use crate::record::Record;

/// What all requests share.
pub(super) struct State {
    pub(super) reseller_token: String,
    pub(super) admin_token: String,
    pub(super) faults: FaultBook,
    pub(super) record: Record,
    /// Replaced as a whole when an organization leaves: a request sees one fleet from its beginning to its end.
    fleet: RwLock<Arc<Fleet>>,
    clock: Clock,
    shapes: Shapes,
    limiter: Option<DefaultDirectRateLimiter>,
    latency: Duration,
    origin: String,
    stopping: CancellationToken,
}

impl State {
    pub(super) fn new(options: Options, origin: String, stopping: CancellationToken) -> Self {
        let seed = options.fleet.seed();
        Self {
            reseller_token: uuid(&mut draw(seed, "reseller token", 0)),
            admin_token: uuid(&mut draw(seed, "admin token", 0)),
            faults: FaultBook::default(),
            record: Record::default(),
            fleet: RwLock::new(Arc::new(options.fleet)),
            clock: options.clock,
            shapes: options.shapes,
            limiter: options.requests_per_second.map(|rate| RateLimiter::direct(Quota::per_second(rate))),
            latency: options.latency,
            origin,
            stopping,
        }
    }

    pub(super) fn fleet(&self) -> Arc<Fleet> {
        Arc::clone(&self.fleet.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn remove(&self, leaves: impl Fn(&Organization) -> bool) -> usize {
        let mut fleet = self.fleet.write().unwrap_or_else(PoisonError::into_inner);
        let smaller = fleet.without(leaves);
        let gone = fleet.organizations().count() - smaller.organizations().count();
        *fleet = Arc::new(smaller);
        gone
    }

    /// Waits, but never longer than the server lives.
    async fn wait(&self, duration: Duration) {
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = tokio::time::sleep(duration) => {}
        }
    }
}

pub(super) async fn serve(Extracted(state): Extracted<Arc<State>>, request: Request) -> Response {
    let _under_way = state.record.enter(request.method(), request.uri());
    if let Some(refusal) = state.limiter.as_ref().and_then(over_the_limit) {
        return refusal;
    }
    if !state.latency.is_zero() {
        state.wait(state.latency).await;
    }
    let Some(target) = Target::find(request.uri().path()) else {
        return refuse(Refusal::NotFound);
    };
    if request.method() != Method::GET {
        return refuse(Refusal::MethodNotAllowed);
    }
    let fleet = state.fleet();
    let tokens = Tokens {
        reseller: header(request.headers(), "x-reseller-token"),
        access: header(request.headers(), "x-access-token"),
    };
    let subject = match target.login_id() {
        Some(id) => fleet.by_login(id).map(|(organization, _)| organization),
        None => tokens.access.and_then(|token| fleet.by_token(token)),
    };
    let fault = state.faults.take(target.template, |name| subject.is_some_and(|subject| is_called(subject, name)));
    match fault {
        Some(Fault::Stall) => state.stopping.cancelled().await,
        Some(Fault::Delay(duration)) => state.wait(duration).await,
        _ => {}
    }
    let moment = state.clock.moment();
    match (answer(&state, &fleet, &target, tokens, &request, fault.as_ref(), moment), fault) {
        (Ok(answer), None) => json_response(answer.status, &answer.body),
        (Ok(mut answer), Some(fault)) => {
            distort(&fault, &mut answer.body);
            deliver(&fault, answer.status, &answer.body, moment.now)
        }
        (Err(refusal), None) => refuse(refusal),
        (Err(refusal), Some(fault)) => deliver(&fault, refusal.status(), &refusal.body(), moment.now),
    }
}

fn answer(
    state: &State,
    fleet: &Fleet,
    target: &Target,
    tokens: Tokens<'_>,
    request: &Request,
    fault: Option<&Fault>,
    moment: Moment,
) -> Outcome {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let fault = match fault {
        Some(Fault::TruncatedListing) => Some(PagingFault::Truncated),
        Some(Fault::EmptyList) => Some(PagingFault::Empty),
        Some(Fault::RepeatedPage) => Some(PagingFault::Repeated),
        _ => None,
    };
    let pager = Pager { path: request.uri().path(), query: &query, shapes: &state.shapes, fault };
    let call = Call {
        fleet,
        reseller_token: &state.reseller_token,
        origin: &state.origin,
        moment,
        target,
        query: &query,
        shapes: &state.shapes,
        pager,
    };
    let admission = routing::admit(&call, tokens, &state.admin_token)?;
    routing::route(&call, admission)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn refuse(refusal: Refusal) -> Response {
    json_response(refusal.status(), &refusal.body())
}

fn over_the_limit(limiter: &DefaultDirectRateLimiter) -> Option<Response> {
    let until = limiter.check().err()?;
    let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
    let body = json!({"errors": {"user": ["Too many requests"]}});
    let mut response = json_response(StatusCode::TOO_MANY_REQUESTS, &body);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Some(response)
}
