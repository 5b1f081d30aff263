//! Sends GET requests to one vendor account, within its budget: the one owner of retries, limits and time limits.
//!
//! Nothing else in the process talks to a vendor, and this knows no method but GET.

mod allowance;
mod client_certificate;
mod connection;
mod failure;
pub(super) mod fuzzing;
mod pace;
mod retry_after;
mod route;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

pub use self::connection::{BuildError, Settings};
pub use self::route::{Route, route};

use self::allowance::Allowance;
use self::client_certificate::ClientCertificate;
use self::pace::Pace;
use super::endpoint::Endpoint;
use super::error::{Error, ErrorKind};
use crate::domain::Outcome;
use crate::instrumentation::SourceInstrumentation;

/// The largest body that is read: a page of 100 rows is some 50 kB.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// So much room for a body is made on the vendor's word alone.
const MAX_RESERVED_BODY: usize = 1024 * 1024;
/// A request is sent once and repeated at most this often.
const MAX_RETRIES: usize = 2;
/// A longer wait than this is left to the next round.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// The connection to one vendor account.
pub struct Transport {
    http: reqwest::Client,
    client_certificate: Arc<ClientCertificate>,
    base_url: Url,
    timeout: Duration,
    in_flight: Semaphore,
    pace: Mutex<Pace>,
    allowance: Allowance,
    instrumentation: SourceInstrumentation,
}

/// One thing to be asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    /// Where.
    pub(super) endpoint: Endpoint,
    /// The ids in its path, in order.
    pub(super) ids: &'a [&'a str],
    /// Its parameters.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// Who asks.
    pub(super) headers: &'a HeaderMap,
    /// Which credential a refusal calls into question.
    pub(super) credential_hint: &'static str,
    /// Whether a passing fault is worth another attempt.
    pub(super) may_repeat: bool,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

impl Transport {
    /// Prepares the connection; nothing is sent yet.
    pub fn new(settings: &Settings, instrumentation: SourceInstrumentation) -> Result<Self, BuildError> {
        let (http, client_certificate) = connection::client(settings)?;
        Ok(Self {
            http,
            client_certificate,
            base_url: settings.base_url.clone(),
            timeout: settings.timeout,
            in_flight: Semaphore::new(settings.concurrency),
            pace: Mutex::new(Pace::new(settings.requests_per_second, Instant::now())),
            allowance: Allowance::default(),
            instrumentation,
        })
    }

    /// What `read` makes of one answer, after retries; an answer that it cannot read is a request that failed.
    pub(super) async fn get<T>(
        &self,
        request: &Request<'_>,
        read: impl Fn(&[u8]) -> Result<T, ErrorKind>,
    ) -> Result<T, Error> {
        let mut url = request.endpoint.url(&self.base_url, request.ids);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query);
        }
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_max_delay(Duration::from_secs(10))
            .with_max_times(MAX_RETRIES)
            .with_jitter();
        (|| self.attempt(request, url.clone(), &read))
            .retry(backoff)
            .when(|error: &Error| request.may_repeat && error.is_retryable() && self.pace().may_retry())
            .adjust(|error, delay| match error.kind {
                ErrorKind::Throttled { retry_after: Some(wait) } => {
                    delay.map(|delay| delay.max(wait)).filter(|wait| *wait <= MAX_WAIT)
                }
                _ => delay,
            })
            .await
    }

    /// Requests a second that are sent at most, at present.
    pub(super) fn rate(&self) -> f64 {
        self.pace().rate()
    }

    /// For how long nothing may be sent.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.allowance.pause()
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One attempt: waits for a slot, then for the vendor's budget and the pace, sends, reads, and counts how it ended.
    async fn attempt<T>(
        &self,
        request: &Request<'_>,
        url: Url,
        read: impl Fn(&[u8]) -> Result<T, ErrorKind>,
    ) -> Result<T, Error> {
        let endpoint = request.endpoint.template();
        let _slot = self.in_flight.acquire().await.expect("the semaphore is never closed");
        while let Some(pause) = self.allowance.pause() {
            if pause > MAX_WAIT {
                let kind = ErrorKind::Throttled { retry_after: Some(pause) };
                return Err(Error { endpoint, kind });
            }
            tokio::time::sleep(pause).await;
        }
        let wait = self.pace().reserve(Instant::now());
        // The timer counts milliseconds, and lets even who need not wait come only with its next one.
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let started = Instant::now();
        let result = self
            .exchange(url, request.headers.clone(), request.credential_hint)
            .await
            .and_then(|body| read(&body))
            .map_err(|kind| Error { endpoint, kind });
        let outcome = result.as_ref().err().map_or(Outcome::Success, Error::outcome);
        match outcome {
            Outcome::Throttled => self.pace().throttled(Instant::now()),
            // An answer shows that the vendor bears the pace, even if it is a refusal.
            Outcome::Success | Outcome::NotFound | Outcome::Forbidden => self.pace().succeeded(Instant::now()),
            _ => {}
        }
        self.instrumentation.request_ended(endpoint, outcome, started.elapsed());
        result
    }

    async fn exchange(
        &self,
        url: Url,
        headers: HeaderMap,
        credential_hint: &'static str,
    ) -> Result<Vec<u8>, ErrorKind> {
        let failed = |error: reqwest::Error| failure::classify(&error, self.timeout);
        let sent = self.http.get(url).headers(headers).send().await;
        let mut response = sent.map_err(|error| match (failed(error), self.client_certificate.refusal()) {
            (ErrorKind::Interrupted, Some(reason)) => ErrorKind::Tls { reason: reason.to_owned() },
            (kind, _) => kind,
        })?;
        self.client_certificate.answered();
        if let Some(remaining) = self.allowance.observe(response.headers(), crate::process::clock::now()) {
            self.instrumentation.budget_remaining(remaining);
        }
        let checked = check_status(response.status(), response.headers(), credential_hint);
        if let Err(ErrorKind::Throttled { retry_after: Some(wait) }) = checked {
            self.allowance.pause_for(wait);
        }
        checked?;
        // As much as is announced, within reason: growing a body step by step copies it again and again.
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(announced.min(MAX_RESERVED_BODY));
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(ErrorKind::TooLarge { limit: MAX_BODY });
            }
            body.extend_from_slice(&chunk);
        }
        // The connection goes back to the pool in a task of its own. Let it go first: to the next request, which may be
        // ours, it would still be taken, and another would be opened.
        tokio::task::yield_now().await;
        Ok(body)
    }
}

/// Any 2xx will do: the document gives 201 for some reads, and live answers are 200.
fn check_status(status: StatusCode, headers: &HeaderMap, hint: &'static str) -> Result<(), ErrorKind> {
    match status.as_u16() {
        200..=299 => Ok(()),
        401 => Err(ErrorKind::Unauthorized { hint }),
        403 => Err(ErrorKind::Forbidden),
        404 => Err(ErrorKind::NotFound),
        429 => {
            let value = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let retry_after = value.and_then(|value| retry_after::parse(value, crate::process::clock::now()));
            Err(ErrorKind::Throttled { retry_after })
        }
        status @ 500..=599 => Err(ErrorKind::Server { status }),
        status => Err(ErrorKind::Rejected { status }),
    }
}

#[cfg(test)]
mod tests;
