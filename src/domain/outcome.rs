//! Defines the outcomes of an attempt at a vendor.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The outcome of one attempt: a closed set of words, suitable as label values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// The response was understood.
    Success,
    /// 401: the credentials were rejected.
    Unauthorized,
    /// 403: the credentials lack permission.
    Forbidden,
    /// 404: not found.
    NotFound,
    /// 429: rate limited by the vendor.
    Throttled,
    /// Another 4xx, a redirect, or a 2xx without a complete list.
    Rejected,
    /// 5xx: server error at the vendor.
    ServerError,
    /// No response within the timeout.
    Timeout,
    /// The host name could not be resolved.
    Dns,
    /// The TLS handshake failed.
    Tls,
    /// The connection failed.
    Connect,
    /// The connection was closed before the response was complete.
    Interrupted,
    /// The response exceeded the size limit.
    TooLarge,
    /// The response was not JSON.
    Decode,
    /// The response was JSON of an unknown structure for this endpoint.
    Shape,
    /// The list ended before its announced end.
    Incomplete,
    /// The list was empty although other facts rule that out.
    SuspiciousEmpty,
    /// The listing returned no token for this tenant.
    NoToken,
}

impl Outcome {
    /// Whether a single request can have this outcome; the others concern a whole list or tenant.
    #[must_use]
    pub const fn ends_a_request(self) -> bool {
        !matches!(self, Self::Incomplete | Self::SuspiciousEmpty | Self::NoToken)
    }

    /// Whether there was no response at all, which may take the full timeout.
    #[must_use]
    pub const fn is_unanswered(self) -> bool {
        matches!(self, Self::ServerError | Self::Timeout | Self::Dns | Self::Tls | Self::Connect | Self::Interrupted)
    }
}
