//! Says why asking a vendor failed, for people and for labels.

use std::time::Duration;

use crate::domain::Outcome;

/// A failed attempt at one endpoint.
///
/// It names the endpoint's template, never the address, a token or a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("GET {endpoint}: {kind}")]
pub struct Error {
    /// The endpoint's template.
    pub endpoint: &'static str,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// 401.
    #[error("401 unauthorized: check {hint}")]
    Unauthorized {
        /// Which credential this endpoint takes.
        hint: &'static str,
    },
    /// 403.
    #[error("403 forbidden: the credential does not reach this")]
    Forbidden,
    /// 404.
    #[error("404 not found: check base_url, or the product is not licensed")]
    NotFound,
    /// 429.
    #[error("429 too many requests{}", retry_after.map(|wait| format!(", retry after {}s", wait.as_secs())).unwrap_or_default())]
    Throttled {
        /// How long the vendor asks to wait; `None` where it does not say.
        retry_after: Option<Duration>,
    },
    /// Another 4xx, or a redirect, which is never followed: it would take the tokens along.
    #[error("{status}: the request was not accepted")]
    Rejected {
        /// The status code.
        status: u16,
    },
    /// 5xx.
    #[error("{status}: the vendor could not answer")]
    Server {
        /// The status code.
        status: u16,
    },
    /// No answer in time.
    #[error("no complete answer within {}", humantime::format_duration(*.limit))]
    Timeout {
        /// The configured limit.
        limit: Duration,
    },
    /// The name could not be resolved.
    #[error("the name of the host in base_url could not be resolved")]
    Dns,
    /// The TLS handshake failed.
    #[error("TLS handshake failed: {reason}")]
    Tls {
        /// The TLS library's words.
        reason: String,
    },
    /// No connection.
    #[error("no connection: {reason}")]
    Connect {
        /// The operating system's words.
        reason: String,
    },
    /// The connection broke.
    #[error("the connection broke before the answer was whole")]
    Interrupted,
    /// The body is too large.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The largest body that is read.
        limit: usize,
    },
    /// The body is not JSON.
    #[error("the answer is not JSON ({found}, at line {line} column {column})")]
    Decode {
        /// What it looks like.
        found: &'static str,
        /// Where it stopped being JSON.
        line: usize,
        /// Where it stopped being JSON.
        column: usize,
    },
    /// The JSON is of no known shape.
    #[error("the answer is {found}, and not a list of records in any known envelope")]
    Shape {
        /// What it is.
        found: &'static str,
    },
    /// The list ended too early.
    #[error("the list ended after {received} of {announced} announced records")]
    Incomplete {
        /// Distinct records received.
        received: u64,
        /// Records announced.
        announced: u64,
    },
    /// The list repeats itself before its announced end.
    #[error("page {page} brought nothing new although more pages are announced")]
    RepeatedPage {
        /// The page.
        page: u64,
    },
    /// A record that says who exists could not be read.
    #[error("{count} of the records could not be read, so nobody knows what they say")]
    UnreadableRecords {
        /// How many.
        count: u64,
    },
    /// Everything in the list belongs to others.
    #[error("all {count} records are another tenant's: does base_url lead to the vendor, past any cache?")]
    ForeignRecords {
        /// How many.
        count: u64,
    },
    /// The list is empty although seats are used.
    #[error("the list is empty although {seats_used} seats are used: does the credential reach this tenant?")]
    SuspiciousEmpty {
        /// Seats in use by the listing.
        seats_used: u64,
    },
    /// There is no token for this tenant.
    #[error("the listing gave no authentication_token for this organization")]
    NoToken,
}

impl Error {
    /// The fixed word for a label.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self.kind {
            ErrorKind::Unauthorized { .. } => Outcome::Unauthorized,
            ErrorKind::Forbidden => Outcome::Forbidden,
            ErrorKind::NotFound => Outcome::NotFound,
            ErrorKind::Throttled { .. } => Outcome::Throttled,
            ErrorKind::Rejected { .. } => Outcome::Rejected,
            ErrorKind::Server { .. } => Outcome::ServerError,
            ErrorKind::Timeout { .. } => Outcome::Timeout,
            ErrorKind::Dns => Outcome::Dns,
            ErrorKind::Tls { .. } => Outcome::Tls,
            ErrorKind::Connect { .. } => Outcome::Connect,
            ErrorKind::Interrupted => Outcome::Interrupted,
            ErrorKind::TooLarge { .. } => Outcome::TooLarge,
            ErrorKind::Decode { .. } => Outcome::Decode,
            ErrorKind::Shape { .. } => Outcome::Shape,
            ErrorKind::Incomplete { .. } | ErrorKind::RepeatedPage { .. } | ErrorKind::UnreadableRecords { .. } => {
                Outcome::Incomplete
            }
            ErrorKind::SuspiciousEmpty { .. } | ErrorKind::ForeignRecords { .. } => Outcome::SuspiciousEmpty,
            ErrorKind::NoToken => Outcome::NoToken,
        }
    }

    /// Whether the same request may work a moment later.
    ///
    /// A timeout is not repeated at once: it has already taken its full time,
    /// and the next round asks again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Throttled { .. } | ErrorKind::Server { .. } | ErrorKind::Connect { .. } | ErrorKind::Interrupted
        )
    }

    /// Whether the vendor says that this product is not there for the tenant.
    #[must_use]
    pub const fn says_not_licensed(&self) -> bool {
        matches!(self.kind, ErrorKind::Forbidden | ErrorKind::NotFound)
    }
}
