//! Sends GET requests to one vendor account: the only owner of rate limits, retries and timeouts.
//!
//! Nothing else in the process talks to a vendor, and this supports no method but GET.

mod allowance;
mod answer;
mod client_certificate;
mod connection;
mod failure;
pub(super) mod fuzzing;
mod pace;
mod pacing;
mod retry_after;
mod route;
mod vendor_clock;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

pub use self::allowance::{delay, stops_requests};
pub use self::connection::{BuildError, Settings};
pub use self::pacing::{Account, Accounts, Pacing};
pub use self::route::{Route, route};

use self::allowance::Allowance;
use self::answer::{BodyError, MAX_BODY, Status};
use self::client_certificate::ClientCertificate;
use self::vendor_clock::VendorClock;
use super::endpoint::Endpoint;
use super::error::{Error, ErrorKind};
use crate::domain::{Outcome, Timestamp};
use crate::instrumentation::SourceInstrumentation;

/// Maximum number of retries per request.
const MAX_RETRIES: usize = 2;
/// Longer waits are left to the next round.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// The connection to one vendor account.
pub struct Transport {
    http: reqwest::Client,
    client_certificate: Arc<ClientCertificate>,
    base_url: Url,
    timeout: Duration,
    in_flight: Semaphore,
    pacing: Arc<Pacing>,
    vendor_clock: VendorClock,
    instrumentation: SourceInstrumentation,
    observer: Option<Arc<Observer>>,
}

/// Sees every exchange with the vendor.
pub type Observer = dyn Fn(&Exchange<'_>) + Send + Sync;

/// A request that was sent, and what came back.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The endpoint's template.
    pub endpoint: &'static str,
    /// The ids in its path, in order.
    pub ids: &'a [&'a str],
    /// The query parameters.
    pub query: &'a [(&'a str, &'a str)],
    /// The headers of the request, which contain credentials.
    pub request_headers: &'a HeaderMap,
    /// Status and headers of the response, if there was one.
    pub head: Option<&'a (StatusCode, HeaderMap)>,
    /// The body of a success, or what was wrong.
    pub body: Result<&'a [u8], &'a ErrorKind>,
    /// The time from sending the request to the end of the response.
    pub took: Duration,
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    /// The endpoint.
    pub(super) endpoint: Endpoint,
    /// The ids in its path, in order.
    pub(super) ids: &'a [&'a str],
    /// The query parameters.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// The headers that authenticate it.
    pub(super) headers: &'a HeaderMap,
    /// The credential to check if it is rejected.
    pub(super) credential_hint: &'static str,
    /// Whether transient failures are retried.
    pub(super) may_repeat: bool,
}

/// A successful response, and the slot that it occupies until it has been read.
struct Answer<'a> {
    body: Vec<u8>,
    started: Instant,
    _slot: SemaphorePermit<'a>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

impl Transport {
    /// Creates a connection to an account with this `pacing`; sends nothing yet.
    pub fn new(
        settings: &Settings,
        pacing: Arc<Pacing>,
        instrumentation: SourceInstrumentation,
    ) -> Result<Self, BuildError> {
        let (http, client_certificate) = connection::client(settings)?;
        Ok(Self {
            http,
            client_certificate,
            base_url: settings.base_url.clone(),
            timeout: settings.timeout,
            in_flight: Semaphore::new(settings.concurrency),
            pacing,
            vendor_clock: VendorClock::default(),
            instrumentation,
            observer: None,
        })
    }

    /// The same, with an observer of every exchange.
    #[must_use]
    pub fn observed_by(self, observer: Arc<Observer>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The response as read by `read`, after retries; a response that it cannot read is a failed request.
    pub(super) async fn get<T>(
        &self,
        request: &Request<'_>,
        read: impl FnOnce(&[u8]) -> Result<T, ErrorKind>,
    ) -> Result<T, Error> {
        let answer = self.answer(request).await?;
        let result = read(&answer.body).map_err(|kind| Error { endpoint: request.endpoint.template(), kind });
        self.ended(request.endpoint, result.as_ref().err(), answer.started);
        result
    }

    /// The URL of a request.
    pub(super) fn url(&self, request: &Request<'_>) -> Url {
        let mut url = request.endpoint.url(&self.base_url, request.ids);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query);
        }
        url
    }

    /// The response to a request, after retries.
    async fn answer(&self, request: &Request<'_>) -> Result<Answer<'_>, Error> {
        let url = self.url(request);
        let mut delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_max_delay(Duration::from_secs(10))
            .with_max_times(MAX_RETRIES)
            .with_jitter()
            .build();
        loop {
            let error = match self.attempt(request, url.clone()).await {
                Err(error) if request.may_repeat && error.is_retryable() => error,
                result => return result,
            };
            let is_soon = self.pause().is_none_or(|pause| pause <= MAX_WAIT);
            match delays.next().filter(|_| is_soon) {
                Some(delay) if self.pacing.may_retry(1) => tokio::time::sleep(delay).await,
                _ => return Err(error),
            }
        }
    }

    /// The rate limit of the account.
    pub(super) fn pacing(&self) -> &Pacing {
        &self.pacing
    }

    /// The current maximum of requests per second.
    pub(super) fn rate(&self) -> f64 {
        self.pacing.rate()
    }

    /// How long nothing may be sent.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.pacing.pause()
    }

    /// The later of this machine's `now` and the vendor's clock, if known.
    pub(super) fn latest(&self, now: Timestamp) -> Timestamp {
        self.vendor_clock.latest(now)
    }

    /// Sends a request once: waits for a slot and the rate limit, and counts failures.
    async fn attempt(&self, request: &Request<'_>, url: Url) -> Result<Answer<'_>, Error> {
        let endpoint = request.endpoint.template();
        let slot = self.in_flight.acquire().await.expect("the semaphore is never closed");
        let turn = self.pacing.turn().await;
        let started = turn.map_err(|remaining| Error { endpoint, kind: ErrorKind::Paused { remaining } })?;
        let mut head = None;
        let exchanged = self.exchange(request, url, &mut head).await;
        if let Some(observer) = &self.observer {
            observer(&Exchange {
                endpoint,
                ids: request.ids,
                query: request.query,
                request_headers: request.headers,
                head: head.as_ref(),
                body: exchanged.as_deref(),
                took: started.elapsed(),
            });
        }
        match exchanged {
            Ok(body) => Ok(Answer { body, started, _slot: slot }),
            Err(kind) => {
                let error = Error { endpoint, kind };
                self.ended(request.endpoint, Some(&error), started);
                Err(error)
            }
        }
    }

    /// Records the end of a request.
    fn ended(&self, endpoint: Endpoint, error: Option<&Error>, started: Instant) {
        let outcome = error.map_or(Outcome::Success, Error::outcome);
        match outcome {
            Outcome::Throttled => self.pacing.throttled(started),
            // Any response shows that the vendor copes with the rate, even a rejection.
            Outcome::Success | Outcome::NotFound | Outcome::Forbidden => self.pacing.succeeded(),
            _ => {}
        }
        self.instrumentation.request_ended(endpoint.template(), outcome, started.elapsed());
    }

    /// Sends a request and reads the response; `head` receives what an observer is to see of it.
    async fn exchange(
        &self,
        request: &Request<'_>,
        url: Url,
        head: &mut Option<(StatusCode, HeaderMap)>,
    ) -> Result<Vec<u8>, ErrorKind> {
        let mut get = reqwest::Request::new(Method::GET, url);
        get.headers_mut().clone_from(request.headers);
        let failed = |error: reqwest::Error| failure::classify(&error, self.timeout);
        let sent = self.http.execute(get).await;
        let response = sent.map_err(|error| match (failed(error), self.client_certificate.refusal()) {
            (ErrorKind::Interrupted, Some(reason)) => ErrorKind::Tls { reason: reason.to_owned() },
            (kind, _) => kind,
        })?;
        self.client_certificate.answered();
        if self.observer.is_some() {
            *head = Some((response.status(), response.headers().clone()));
        }
        let now = crate::process::clock::now();
        self.vendor_clock.answered(response.headers(), now);
        let allowance = Allowance::of(response.headers(), now);
        if let Some(pause) = allowance.pause() {
            self.pacing.pause_for(pause);
        }
        if let Some(remaining) = allowance.remaining {
            self.instrumentation.budget_remaining(remaining);
        }
        let is_created_an_answer = request.endpoint.is_created_an_answer();
        match Status::of(response.status(), is_created_an_answer, request.credential_hint) {
            Status::Failed(ErrorKind::Throttled { .. }) => {
                Err(ErrorKind::Throttled { retry_after: allowance.retry_after })
            }
            Status::Failed(kind) => Err(kind),
            Status::Refused(refusal) => Err(refusal.read(response).await),
            Status::Answered => {
                let body = answer::body(response, MAX_BODY).await.map_err(|error| match error {
                    BodyError::TooLarge => ErrorKind::TooLarge { limit: MAX_BODY },
                    BodyError::Failed(error) => failed(error),
                })?;
                // The connection returns to the pool in a separate task. Let it run first: otherwise the next request
                // would find it in use, and open another one.
                tokio::task::yield_now().await;
                Ok(body)
            }
        }
    }
}

#[cfg(test)]
mod tests;
