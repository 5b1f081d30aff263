//! Names how an attempt at the vendor ended.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// How one attempt ended: a closed set of words, fit for a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Answered and understood.
    Success,
    /// 401: the credential was refused.
    Unauthorized,
    /// 403: the credential does not reach this.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 429: the vendor asks for fewer requests.
    Throttled,
    /// Another 4xx, a redirect, or a 2xx that carries no whole list: the request was not accepted as it is.
    Rejected,
    /// 5xx: the vendor could not answer.
    ServerError,
    /// No answer within the time limit.
    Timeout,
    /// The host's name could not be resolved.
    Dns,
    /// The TLS handshake failed.
    Tls,
    /// No connection could be made.
    Connect,
    /// The connection broke before the answer was whole.
    Interrupted,
    /// The answer was larger than an answer may be.
    TooLarge,
    /// The answer was not JSON.
    Decode,
    /// The answer was JSON, but of no shape known for this endpoint.
    Shape,
    /// The list ended before the end it had announced.
    Incomplete,
    /// The list was empty beside facts that say it cannot be.
    SuspiciousEmpty,
    /// The listing gave no token with which this tenant could be asked.
    NoToken,
}

impl Outcome {
    /// Whether a single request can end in this; the others are found out about a whole list or tenant.
    #[must_use]
    pub const fn ends_a_request(self) -> bool {
        !matches!(self, Self::Incomplete | Self::SuspiciousEmpty | Self::NoToken)
    }

    /// Whether the vendor gave no answer at all, which may take as long as a request may.
    #[must_use]
    pub const fn is_unanswered(self) -> bool {
        matches!(self, Self::ServerError | Self::Timeout | Self::Dns | Self::Tls | Self::Connect | Self::Interrupted)
    }
}
