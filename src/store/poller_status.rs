//! Describes what a poller is doing and when it acts next: one small value per source.
//!
//! Published next to the state, but not part of it: it does not come from the vendor, does not survive a restart, and
//! has no series. For tenants it only contains what does not follow from their last attempt and interval, so nothing
//! for most of them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::{Part, TenantId, Timestamp};

/// When the next attempt is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAttempt {
    /// As soon as possible: no attempt has ended since the poller started.
    First,
    /// An attempt is in progress.
    InProgress,
    /// Due at this time.
    At(Timestamp),
}

/// How a repeatedly failing part is backed off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The current interval.
    pub interval: Duration,
    /// Consecutive failures.
    pub failures: u32,
}

/// Deviations of one tenant from its regular schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantPolling {
    /// The parts in progress.
    pub in_progress: Vec<Part>,
    /// The parts that are backed off.
    pub backoffs: Vec<(Part, Backoff)>,
    /// Whether it did not respond last time, so that it shares a few slots with others like it.
    pub is_unresponsive: bool,
}

/// The status of one source's poller.
#[derive(Clone, Debug, PartialEq)]
pub struct PollerStatus {
    /// When it started; earlier attempts do not delay the next one.
    pub started_at: Timestamp,
    /// When the next listing is due.
    pub next_listing: NextAttempt,
    /// The interval between listings.
    pub listing_interval: Duration,
    /// Whether a listing has returned tenants since the start; no tenant is collected before.
    pub has_tenants: bool,
    /// The configured refresh interval of each part, in the order of collection.
    pub part_intervals: Vec<(Part, Duration)>,
    /// The recheck interval of products that are not licensed, while the tenant's listing does not change.
    pub refused_interval: Duration,
    /// The tenants that deviate from their regular schedule.
    pub tenants: BTreeMap<TenantId, TenantPolling>,
    /// The end of a pause that the vendor asked for; `None` if there is none.
    pub paused_until: Option<Timestamp>,
    /// The current maximum of requests per second.
    pub requests_per_second: f64,
    /// The effective refresh interval; `None` before a collection has ended.
    pub effective_interval: Option<Duration>,
    /// Requests per tenant and day at that interval; `None` before a collection has ended.
    pub requests_per_tenant_and_day: Option<f64>,
    /// Requests sent since the start by endpoint, without zeros, most first.
    pub requests: Vec<(&'static str, u64)>,
    /// The vendor's remaining API quota, in its units; `None` if it does not report one.
    pub budget_remaining: Option<f64>,
}
