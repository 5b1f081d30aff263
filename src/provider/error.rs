//! Defines why a request to a vendor failed, for messages and labels.

use std::time::Duration;

use crate::domain::Outcome;

/// A failed request.
///
/// Contains the endpoint's template, but never the URL, a token or the body.
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
    #[error("403 forbidden: {}", said_by(*.json, "the credentials lack permission"))]
    Forbidden {
        /// Whether the body was JSON, as in the vendor's own rejections; proxies and login pages send something else.
        json: bool,
    },
    /// 404.
    #[error("404 not found: {}", said_by(*.json, "check base_url, or the product is not licensed"))]
    NotFound {
        /// As in [`ErrorKind::Forbidden`].
        json: bool,
    },
    /// 429.
    #[error("429 too many requests{}", retry_after.map(|wait| format!(", retry after {}s", wait.as_secs())).unwrap_or_default())]
    Throttled {
        /// The requested delay; `None` if not specified.
        retry_after: Option<Duration>,
    },
    /// The request was not sent, because the vendor asked for a pause that is too long to wait for.
    #[error("not sent: rate limited by the vendor for another {}s", remaining.as_secs())]
    Paused {
        /// The rest of the pause.
        remaining: Duration,
    },
    /// Another 4xx, or a redirect. Redirects are never followed: they would forward the tokens.
    #[error("{status}: unexpected status")]
    Rejected {
        /// The status code.
        status: u16,
    },
    /// A success without a complete list: any 2xx except 200, and 201 where it is documented.
    #[error("{status}: unexpected status, only 200 is a complete list")]
    NoWholeList {
        /// The status code.
        status: u16,
    },
    /// 5xx.
    #[error("{status}: server error at the vendor")]
    Server {
        /// The status code.
        status: u16,
    },
    /// No response in time.
    #[error("no complete response within {}", humantime::format_duration(*.limit))]
    Timeout {
        /// The configured limit.
        limit: Duration,
    },
    /// The host name could not be resolved.
    #[error("the host name in base_url could not be resolved")]
    Dns,
    /// The TLS handshake failed.
    #[error("TLS handshake failed: {reason}")]
    Tls {
        /// The message of the TLS library.
        reason: String,
    },
    /// The connection failed.
    #[error("connection failed: {reason}")]
    Connect {
        /// The message of the operating system.
        reason: String,
    },
    /// The connection was closed early.
    #[error("the connection was closed before the response was complete")]
    Interrupted,
    /// The response is not valid or complete HTTP.
    #[error("the response is not valid HTTP: {reason}")]
    Malformed {
        /// The message of the HTTP library.
        reason: String,
    },
    /// The body is too large.
    #[error("the response exceeds {limit} bytes")]
    TooLarge {
        /// The maximum body size.
        limit: usize,
    },
    /// The records of a list are too large together.
    #[error("the records of the list exceed {limit} bytes")]
    ListTooLarge {
        /// The maximum size of the records of one list.
        limit: u64,
    },
    /// The body is not JSON.
    #[error("the response is not JSON ({found}, at line {line} column {column})")]
    Decode {
        /// What it looks like.
        found: &'static str,
        /// Where it stopped being JSON.
        line: usize,
        /// Where it stopped being JSON.
        column: usize,
    },
    /// The JSON has an unknown structure.
    #[error("the response is {found}, not a list of records in any known envelope")]
    Shape {
        /// What it is.
        found: &'static str,
    },
    /// There are more records than the limit of a page or list.
    #[error("more than {limit} records in one {of}")]
    TooManyRecords {
        /// The limit.
        limit: u64,
        /// `page` or `list`.
        of: &'static str,
    },
    /// The paging information is unusable, which does not mean the end of the list.
    #[error("pagination failed: {reason}")]
    Pagination {
        /// Why.
        reason: &'static str,
    },
    /// A page was rejected after another was answered: the list exists, but the rest of it is unknown.
    #[error("page {page} of the list was rejected with {status}")]
    PageRefused {
        /// The page.
        page: u64,
        /// The status code.
        status: u16,
    },
    /// Records were repeated in both of two attempts, so others may have been skipped.
    #[error("the list changed while it was read: some records are on several pages, so others may be missing")]
    Moved,
    /// The list ended too early.
    #[error("the list ended after {received} of {announced} announced records")]
    Incomplete {
        /// Distinct records received.
        received: u64,
        /// Records announced.
        announced: u64,
    },
    /// The list repeats itself before its announced end.
    #[error("page {page} has no new records although more pages are announced")]
    RepeatedPage {
        /// The page.
        page: u64,
    },
    /// Records that may be tenants could not be read.
    #[error("{count} records could not be read, so the list is incomplete")]
    UnreadableRecords {
        /// How many.
        count: u64,
    },
    /// All records belong to other tenants.
    #[error("all {count} records belong to other tenants: check that no cache sits between here and the vendor")]
    ForeignRecords {
        /// How many.
        count: u64,
    },
    /// The list is empty although seats are in use.
    #[error("the list is empty although {seats_used} seats are in use: check the credentials' access to this tenant")]
    SuspiciousEmpty {
        /// Seats in use according to the listing.
        seats_used: u64,
    },
    /// There is no token for this tenant.
    #[error("the listing returned no authentication_token for this organization")]
    NoToken,
}

/// Explains a rejection, depending on whether it comes from the API itself.
const fn said_by(json: bool, meaning: &'static str) -> &'static str {
    if json { meaning } else { "the body is not JSON, so it is not from the API: check base_url and proxies" }
}

impl Error {
    /// The outcome for labels.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self.kind {
            ErrorKind::Unauthorized { .. } => Outcome::Unauthorized,
            ErrorKind::Forbidden { .. } => Outcome::Forbidden,
            ErrorKind::NotFound { .. } => Outcome::NotFound,
            ErrorKind::Throttled { .. } | ErrorKind::Paused { .. } => Outcome::Throttled,
            ErrorKind::Rejected { .. } | ErrorKind::NoWholeList { .. } => Outcome::Rejected,
            ErrorKind::Server { .. } => Outcome::ServerError,
            ErrorKind::Timeout { .. } => Outcome::Timeout,
            ErrorKind::Dns => Outcome::Dns,
            ErrorKind::Tls { .. } => Outcome::Tls,
            ErrorKind::Connect { .. } => Outcome::Connect,
            ErrorKind::Interrupted | ErrorKind::Malformed { .. } => Outcome::Interrupted,
            ErrorKind::TooLarge { .. } | ErrorKind::TooManyRecords { .. } | ErrorKind::ListTooLarge { .. } => {
                Outcome::TooLarge
            }
            ErrorKind::Decode { .. } => Outcome::Decode,
            ErrorKind::Shape { .. } | ErrorKind::Pagination { .. } => Outcome::Shape,
            ErrorKind::PageRefused { .. }
            | ErrorKind::Moved
            | ErrorKind::Incomplete { .. }
            | ErrorKind::RepeatedPage { .. }
            | ErrorKind::UnreadableRecords { .. } => Outcome::Incomplete,
            ErrorKind::SuspiciousEmpty { .. } | ErrorKind::ForeignRecords { .. } => Outcome::SuspiciousEmpty,
            ErrorKind::NoToken => Outcome::NoToken,
        }
    }

    /// Whether an immediate retry may succeed.
    ///
    /// Timeouts are not retried: they have already taken their full time, and the next round tries again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Throttled { .. } | ErrorKind::Server { .. } | ErrorKind::Connect { .. } | ErrorKind::Interrupted
        )
    }

    /// Whether the vendor itself rejects the list from its first page on, as it does for products that are not
    /// licensed.
    #[must_use]
    pub const fn says_not_licensed(&self) -> bool {
        matches!(self.kind, ErrorKind::Forbidden { json: true } | ErrorKind::NotFound { json: true })
    }
}
