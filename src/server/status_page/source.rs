//! Summarizes one source: its last listing, its rate limit, and its tenants.

use super::counts::Counts;
use super::next::Next;
use crate::domain::{Outcome, Timestamp};
use crate::store::Published;

/// A summary of one source.
#[derive(Clone, Debug)]
pub struct SourceRow<'a> {
    /// The published state.
    pub source: &'a Published,
    /// Its tenants by verdict; `None` until they are known.
    pub tenants: Option<Counts>,
    /// The next listing.
    pub next_listing: Next,
    /// The end of a pause that the vendor asked for; `None` if there is none.
    pub paused_until: Option<Timestamp>,
}

impl<'a> SourceRow<'a> {
    pub(super) fn new(source: &'a Published, counts: Counts, now: Timestamp) -> Self {
        let state = &source.state;
        let is_known = state.is_known();
        Self {
            source,
            tenants: is_known.then_some(counts),
            next_listing: Next::listing(source.poller.as_deref(), state.listing.attempt, now),
            paused_until: source.poller.as_ref().and_then(|poller| poller.paused_until).filter(|until| *until > now),
        }
    }

    /// Whether the last listing reached its announced end; `None` before the first attempt.
    #[must_use]
    pub fn is_complete(&self) -> Option<bool> {
        self.source.state.listing.succeeded()
    }

    /// The number of tenants excluded by the configuration; `None` if unknown.
    #[must_use]
    pub fn excluded(&self) -> Option<u64> {
        self.source.state.listing.value().copied()
    }

    /// Whether the source is unhealthy: its last listing failed, or the values of an earlier one have expired.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let listing = &self.source.state.listing;
        listing.attempt.is_some_and(|attempt| attempt.outcome != Outcome::Success || listing.observed.is_none())
    }

    /// Whether no attempt at a listing has ended yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.source.state.listing.attempt.is_none()
    }
}
