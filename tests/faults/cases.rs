//! Lists the faults of a response, each with the expected outcome.

use std::time::Duration;

use saasbackup_simulator::faults::{Fault, RetryAfter};

/// What a fault does to a workload, and to the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The attempt fails.
    Fails,
    /// The attempt fails, and what arrived shows that the vendor is there.
    Incomplete,
    /// The vendor says that there is no such product; for the listing, which is no product, a failure.
    NotLicensed,
    /// Something arrived that cannot be read.
    Unreadable,
    /// None.
    None,
}

/// One fault.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) fault: Fault,
    /// How a request ends that meets it.
    pub(crate) outcome: Option<&'static str>,
    pub(crate) effect: Effect,
}

/// Every fault that concerns an answer as a whole, but for one too large to be sent again and again.
pub(crate) fn all() -> Vec<Case> {
    [
        (Fault::Unauthorized, Some("unauthorized"), Effect::Fails),
        (Fault::Forbidden, Some("forbidden"), Effect::NotLicensed),
        (Fault::NotFound, Some("not_found"), Effect::NotLicensed),
        (Fault::TooManyRequests(RetryAfter::Missing), Some("throttled"), Effect::Fails),
        (Fault::TooManyRequests(RetryAfter::Seconds(1)), Some("throttled"), Effect::Fails),
        // The fake's clock stands still from the start: a date that lies long in the past would mean the default pause.
        (Fault::TooManyRequests(RetryAfter::Date(Duration::from_secs(45))), Some("throttled"), Effect::Fails),
        (Fault::ServerError(500), Some("server_error"), Effect::Fails),
        (Fault::ServerError(502), Some("server_error"), Effect::Fails),
        (Fault::ServerError(504), Some("server_error"), Effect::Fails),
        (Fault::Stall, Some("timeout"), Effect::Fails),
        (Fault::ResetMidBody, Some("interrupted"), Effect::Fails),
        (Fault::Redirect("http://127.0.0.1:9/api".to_owned()), Some("rejected"), Effect::Fails),
        (Fault::Html200, Some("decode"), Effect::Fails),
        (Fault::TruncatedJson, Some("decode"), Effect::Fails),
        (Fault::EmptyBody200, Some("decode"), Effect::Fails),
        (Fault::EmptyList, Some("success"), Effect::Fails),
        (Fault::TruncatedListing, Some("success"), Effect::Incomplete),
        (Fault::RepeatedPage, Some("success"), Effect::Incomplete),
        (Fault::DeepNesting, Some("success"), Effect::Unreadable),
        (Fault::WrongContentType, Some("success"), Effect::None),
        (Fault::Delay(Duration::from_millis(50)), Some("success"), Effect::None),
    ]
    .map(|(fault, outcome, effect)| Case { fault, outcome, effect })
    .into()
}
