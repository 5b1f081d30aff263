//! Describes what a poller does now and when it acts next: one small value for each source.
//!
//! It is published beside the state and is no part of it: it says nothing of
//! the vendor, is not kept over a restart, and has no series. Of a tenant it
//! says only what does not follow from the last attempt and the interval, and
//! so nothing of most tenants.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::{Part, TenantId, Timestamp};

/// When something is attempted next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAttempt {
    /// As soon as possible: no attempt has ended since the poller started.
    First,
    /// An attempt is in progress.
    InProgress,
    /// Due at this moment.
    At(Timestamp),
}

/// How a part that keeps failing is attempted less often than configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The time between two attempts, at present.
    pub interval: Duration,
    /// Failures in a row.
    pub failures: u32,
}

/// What is out of the ordinary in the schedule of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantPolling {
    /// The parts that are being collected.
    pub in_progress: Vec<Part>,
    /// The parts that are attempted less often than configured.
    pub backoffs: Vec<(Part, Backoff)>,
    /// Whether it did not answer last time, so that it shares a few of the slots with others like it.
    pub is_unresponsive: bool,
}

/// What the poller of one source does, and when it acts next.
#[derive(Clone, Debug, PartialEq)]
pub struct PollerStatus {
    /// When it started; an attempt that ended before then does not delay the next one.
    pub started_at: Timestamp,
    /// When the tenants are listed next.
    pub next_listing: NextAttempt,
    /// The time between two listings.
    pub listing_interval: Duration,
    /// Whether a listing has named tenants since the poller started; nothing is asked of any of them before.
    pub has_tenants: bool,
    /// The configured time between two attempts at each part, in the order in which parts are asked for.
    pub part_intervals: Vec<(Part, Duration)>,
    /// The time between two attempts at a product that is not licensed, while the listing says the same of its tenant.
    pub refused_interval: Duration,
    /// The tenants whose schedule is out of the ordinary.
    pub tenants: BTreeMap<TenantId, TenantPolling>,
    /// Until when nothing is sent, as the vendor asks; `None` if it does not.
    pub paused_until: Option<Timestamp>,
    /// Requests a second that are sent at most, at present.
    pub requests_per_second: f64,
    /// The time between two collections of one tenant that the budget allows; `None` before the first has ended.
    pub effective_interval: Option<Duration>,
    /// Requests that one tenant takes in a day at that interval, every part in its turn; `None` before the first
    /// collection has ended.
    pub requests_per_tenant_and_day: Option<f64>,
    /// Requests sent since the start, by endpoint: those that were sent any, most first.
    pub requests: Vec<(&'static str, u64)>,
    /// What remains of the budget that the vendor announces, in its units; `None` if it announces none.
    pub budget_remaining: Option<f64>,
}
