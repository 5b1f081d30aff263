//! Makes a mock misbehave on demand: which fault, at which endpoint, for which organization, how often.

mod delivery;
mod distortion;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

pub(crate) use delivery::{deliver, html, json_response, replacement, with_retry_after};
pub(crate) use distortion::distort;

/// One way in which a vendor's answer can go wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// 401 with the documented body, whatever the tokens.
    Unauthorized,
    /// 403 with the documented body.
    Forbidden,
    /// 404 with a JSON body.
    NotFound,
    /// 429 with or without a `Retry-After`.
    TooManyRequests(RetryAfter),
    /// This 5xx status, with the documented JSON body for 500 and an HTML page for all others.
    ServerError(u16),
    /// No answer until the server stops.
    Stall,
    /// The right answer, this much later.
    Delay(Duration),
    /// 200 with an HTML page, as a maintenance page or a captive portal gives.
    Html200,
    /// A valid beginning of the right answer, with a matching length.
    TruncatedJson,
    /// Announces more rows or pages than it sends.
    TruncatedListing,
    /// Announces the right length, sends half of it and closes the connection.
    ResetMidBody,
    /// 200 without a body.
    EmptyBody200,
    /// The right body, declared as plain text.
    WrongContentType,
    /// The right envelope without rows.
    EmptyList,
    /// The first page's rows on every page, and always one more page to come.
    RepeatedPage,
    /// Every row has this value in this field.
    RetypedField {
        /// The field of the row.
        field: String,
        /// What it holds instead.
        value: Value,
    },
    /// No row has this field.
    MissingField(String),
    /// Every row has this word in this field.
    UnknownWord {
        /// The field of the row.
        field: String,
        /// What it says.
        word: String,
    },
    /// The right answer after at least this many bytes of white space.
    OversizedBody(u64),
    /// A valid JSON array nested a hundred thousand levels deep.
    DeepNesting,
    /// 302 to this location.
    Redirect(String),
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// It does not.
    Missing,
    /// In seconds.
    Seconds(u64),
    /// As an HTTP date this long after the fake's present.
    Date(Duration),
}

/// A fault with its aim; without an aim it hits every request until cleared.
#[derive(Clone, Debug)]
pub struct Injection {
    fault: Fault,
    endpoint: Option<String>,
    organization: Option<String>,
    spared: usize,
    remaining: Option<usize>,
}

impl Injection {
    /// Hits every request until cleared.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, endpoint: None, organization: None, spared: 0, remaining: None }
    }

    /// Hits only this endpoint, given as the vendor's document writes it: `/users/{id}/tenants`.
    #[must_use]
    pub fn on(mut self, endpoint: &str) -> Self {
        self.endpoint = Some(endpoint.to_owned());
        self
    }

    /// Hits only requests about the organization with this name, organization id or login id.
    #[must_use]
    pub fn for_organization(mut self, name_or_id: &str) -> Self {
        self.organization = Some(name_or_id.to_owned());
        self
    }

    /// Spares the first requests that it is aimed at, so many of them.
    #[must_use]
    pub fn after(mut self, spared: usize) -> Self {
        self.spared = spared;
        self
    }

    /// Hits at most this many requests.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.remaining = Some(times);
        self
    }

    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }
}

impl From<Fault> for Injection {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

/// The faults that wait for their requests; of several that match, the one injected first hits.
#[derive(Default)]
pub(crate) struct FaultBook {
    injections: Mutex<Vec<Injection>>,
}

impl FaultBook {
    pub(crate) fn inject(&self, injection: Injection) {
        self.lock().push(injection);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The fault for one request, counted against its number of times.
    pub(crate) fn take(&self, endpoint: &str, is_about: impl Fn(&str) -> bool) -> Option<Fault> {
        let mut injections = self.lock();
        let hit = injections.iter_mut().find(|injection| {
            injection.remaining != Some(0)
                && injection.endpoint.as_deref().is_none_or(|wanted| wanted == endpoint)
                && injection.organization.as_deref().is_none_or(&is_about)
        })?;
        if hit.spared > 0 {
            hit.spared -= 1;
            return None;
        }
        if let Some(remaining) = &mut hit.remaining {
            *remaining -= 1;
        }
        Some(hit.fault.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Injection>> {
        self.injections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FaultBook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.lock().iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_its_aim_only_and_as_often_as_asked() {
        let book = FaultBook::default();
        book.inject(Injection::new(Fault::EmptyList).on("/users").for_organization("A").times(2));
        assert_eq!(book.take("/accounts", |name| name == "A"), None);
        assert_eq!(book.take("/users", |name| name == "B"), None);
        assert_eq!(book.take("/users", |name| name == "A"), Some(Fault::EmptyList));
        assert_eq!(book.take("/users", |name| name == "A"), Some(Fault::EmptyList));
        assert_eq!(book.take("/users", |name| name == "A"), None);
    }

    #[test]
    fn a_fault_spares_the_requests_before_it() {
        let book = FaultBook::default();
        book.inject(Injection::new(Fault::EmptyList).on("/users").after(2).times(1));
        assert_eq!(book.take("/accounts", |_| true), None);
        let taken: Vec<_> = (0..4).map(|_| book.take("/users", |_| true).is_some()).collect();
        assert_eq!(taken, [false, false, true, false]);
    }

    #[test]
    fn a_cleared_book_hits_nothing() {
        let book = FaultBook::default();
        book.inject(Fault::Stall.into());
        book.clear();
        assert_eq!(book.take("/users", |_| true), None);
    }
}
