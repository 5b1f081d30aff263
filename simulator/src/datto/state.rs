//! Holds the shared state of all requests: the keys, the options and the used quota.

use std::fmt;
use std::sync::atomic::AtomicUsize;

use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::budget::Meter;
use super::fleet::{Customer, Fleet};
use super::refusal::Refusal;
use super::{Options, Shape};
use crate::faults::json_response;
use crate::random::{draw, letters};

/// The server's state with the fleet.
pub(super) type Shell = crate::server::Shell<Fleet, Partner>;

/// The partner whose key pair opens the API, and how the API treats it.
pub struct Partner {
    /// The user name of HTTP Basic.
    pub(super) public_key: String,
    /// The password of HTTP Basic.
    pub(super) secret_key: String,
    pub(super) options: Options,
    pub(super) meter: Meter,
    pub(super) served: AtomicUsize,
}

impl Partner {
    pub(super) fn new(options: Options) -> Self {
        let key = |purpose, length| letters(&mut draw(options.fleet.seed(), purpose, 0), length).to_ascii_lowercase();
        Self {
            public_key: key("public key", 6),
            secret_key: key("secret key", 32),
            options,
            meter: Meter::default(),
            served: AtomicUsize::new(0),
        }
    }

    /// The key pair as it stands in the header of a request.
    pub(super) fn encoded_keys(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.public_key, self.secret_key))
    }

    /// Whether a request carries the key pair.
    pub(super) fn admits(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((scheme, encoded)) = value.and_then(|value| value.split_once(' ')) else { return false };
        let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|pair| pair.split_once(':'));
        scheme.eq_ignore_ascii_case("basic") && pair == Some((&self.public_key, &self.secret_key))
    }

    pub(super) fn refuse(&self, refusal: &Refusal) -> Response {
        json_response(refusal.status(), &refusal.body(self.options.shape))
    }

    /// Above how many seats the edge gives up; the document knows no such thing.
    pub(super) fn seats_limit(&self) -> Option<usize> {
        self.options.seats_limit.filter(|_| self.options.shape == Shape::Live)
    }

    pub(super) fn find_customer<'a>(&self, fleet: &'a Fleet, id: &str) -> Option<&'a Customer> {
        match self.options.shape {
            Shape::Live => fleet.by_id(id),
            Shape::Documented => fleet.by_documented_id(id),
        }
    }
}

impl fmt::Debug for Partner {
    /// Leaves out the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Partner").finish_non_exhaustive()
    }
}
