//! Lets a benchmark drive the schedule through simulated time, without a vendor.

use tokio::time::Instant;

use super::schedule::{Job, Schedule};
use super::{Cadence, Mode};
use crate::domain::{Outcome, Part, TenantId};
use crate::provider::Listed;

/// The schedule of one source.
#[derive(Debug)]
pub struct SimulatedSchedule(Schedule);

/// A started job.
#[derive(Debug)]
pub enum Started {
    /// A listing.
    Listing,
    /// Some parts of one tenant.
    Tenant(TenantId, Vec<Part>),
}

impl SimulatedSchedule {
    /// Creates a schedule with this many slots, whose values expire after `stale_after`.
    #[must_use]
    pub fn new(cadence: Cadence, stale_after: std::time::Duration, slots: usize) -> Self {
        Self(Schedule::new(cadence, Mode::Continuous, slots).expiring_after(stale_after))
    }

    /// Starts the next due job, if a slot is free.
    pub fn start(&mut self, now: Instant, running: usize) -> Option<Started> {
        self.0.start(now, running, |_| true).map(|job| match job {
            Job::List => Started::Listing,
            Job::Collect { listed, parts, .. } => Started::Tenant(listed.id().clone(), parts),
        })
    }

    /// When the next job is due, unless a job ends before.
    #[must_use]
    pub fn next_start(&self, now: Instant, running: usize) -> Option<Instant> {
        self.0.next_start(now, running)
    }

    /// Records that a complete listing ended at `now`.
    pub fn listed(&mut self, tenants: Vec<Listed>, now: Instant) {
        self.0.listing_ended(Some(tenants), now);
    }

    /// Records that some parts of a tenant were collected at `now`, some rejected as not licensed and some failed.
    pub fn ended(&mut self, id: &TenantId, parts: &[Part], refused: &[Part], failed: &[(Part, Outcome)], now: Instant) {
        self.0.refused(id, parts, refused);
        self.0.ended(id, parts, failed, now);
    }
}
