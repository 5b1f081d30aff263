//! Records the requests, so that tests can check how the exporter behaved.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{Method, Uri};

/// A demo runs for days: older requests than these are counted and forgotten.
const KEPT: usize = 20_000;

/// What was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// The requests in the order of their arrival; only the newest twenty thousand are kept.
    pub log: VecDeque<RecordedRequest>,
    /// All requests ever.
    pub total: u64,
    /// The most requests that were under way at the same time.
    pub most_in_flight: usize,
}

/// One request, without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET`, one hopes.
    pub method: String,
    /// The path with the query, as sent.
    pub path: String,
}

#[derive(Debug, Default)]
pub(crate) struct Record {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    requests: Requests,
    in_flight: usize,
}

/// Counts a request as under way for as long as it lives.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a Record);

impl Record {
    pub(crate) fn enter(&self, method: &Method, uri: &Uri) -> InFlight<'_> {
        let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
        let request = RecordedRequest { method: method.to_string(), path: path.to_owned() };
        self.change(|inner| {
            inner.in_flight += 1;
            let requests = &mut inner.requests;
            requests.most_in_flight = requests.most_in_flight.max(inner.in_flight);
            requests.total += 1;
            if requests.log.len() == KEPT {
                requests.log.pop_front();
            }
            requests.log.push_back(request);
        });
        InFlight(self)
    }

    pub(crate) fn requests(&self) -> Requests {
        self.change(|inner| inner.requests.clone())
    }

    fn change<Output>(&self, action: impl FnOnce(&mut Inner) -> Output) -> Output {
        action(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.change(|inner| inner.in_flight -= 1);
    }
}
