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
    #[error("403 forbidden: {}", said_by(*.json, "the credential does not reach this"))]
    Forbidden {
        /// Whether the body was JSON, as the vendor's own refusals are; a proxy or a login page answers otherwise.
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
        /// How long the vendor asks to wait; `None` where it does not say.
        retry_after: Option<Duration>,
    },
    /// Nothing was sent, since the vendor asked for a pause that is not over for long.
    #[error("not sent: the vendor asked for a pause, of which {}s remain", remaining.as_secs())]
    Paused {
        /// What is left of the pause.
        remaining: Duration,
    },
    /// Another 4xx, or a redirect, which is never followed: it would take the tokens along.
    #[error("{status}: the request was not accepted")]
    Rejected {
        /// The status code.
        status: u16,
    },
    /// A success that carries no list or not all of one: any 2xx but 200, and 201 where the document gives it.
    #[error("{status}: only 200 carries a whole list")]
    NoWholeList {
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
    /// What came is no HTTP, or not all of it.
    #[error("the answer is not proper HTTP: {reason}")]
    Malformed {
        /// The HTTP library's words.
        reason: String,
    },
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
    /// There are more records than are read of one page, or of one list.
    #[error("there are more than {limit} records in one {of}")]
    TooManyRecords {
        /// The most that are read.
        limit: u64,
        /// Of what: `page` or `list`.
        of: &'static str,
    },
    /// What the page says of the pages after it cannot be followed, and is not taken for the end.
    #[error("the list cannot be followed: {reason}")]
    Pagination {
        /// Why.
        reason: &'static str,
    },
    /// A page was refused after another was answered: the list is there, and the rest of it is unknown.
    #[error("page {page} of the list was refused with {status}")]
    PageRefused {
        /// The page.
        page: u64,
        /// The status code.
        status: u16,
    },
    /// Records came twice in both of two readings, so that others may have been passed over.
    #[error("the list moved while it was read: records came twice on different pages, so others may be missing")]
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

/// Whose words a refusal is: the API's own, with what they mean, or another's.
const fn said_by(json: bool, meaning: &'static str) -> &'static str {
    if json { meaning } else { "the body is not JSON, so it is not the API that refuses: check base_url and proxies" }
}

impl Error {
    /// The fixed word for a label.
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
            ErrorKind::TooLarge { .. } | ErrorKind::TooManyRecords { .. } => Outcome::TooLarge,
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

    /// Whether the vendor itself refuses the list from its first page on, as it does for a product that is not there.
    #[must_use]
    pub const fn says_not_licensed(&self) -> bool {
        matches!(self.kind, ErrorKind::Forbidden { json: true } | ErrorKind::NotFound { json: true })
    }
}
