//! Says which parts of a tenant are collected, and how often.

use std::time::Duration;

use crate::config;
use crate::domain::{Part, Tenant};

/// How often what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// The time between two listings.
    pub listing: Duration,
    /// The parts of a tenant with the time between two attempts at each, mail first.
    pub parts: Vec<(Part, Duration)>,
}

impl Cadence {
    /// The cadence that the configuration asks for.
    ///
    /// No part waits until its values are about to be withdrawn: a part as
    /// slow as `stale_after` (both are 24 h by default) would flicker.
    #[must_use]
    pub fn of(collection: &config::Collection) -> Self {
        let longest = collection.stale_after * 3 / 4;
        let workloads = collection.workloads.iter().map(|workload| Part::Workload(*workload));
        let slow = collection.parts.iter().map(|part| part.part());
        let parts = workloads.chain(slow).map(|part| (part, collection.interval_of(part).min(longest))).collect();
        Self { listing: collection.interval, parts }
    }

    /// The same parts, each asked for once.
    pub(super) fn never_again(self) -> Self {
        const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        Self { listing: NEVER, parts: self.parts.into_iter().map(|(part, _)| (part, NEVER)).collect() }
    }

    /// The parts that are collected of this tenant.
    pub(super) fn parts_of(&self, tenant: &Tenant) -> impl Iterator<Item = (Part, Duration)> {
        self.parts.iter().copied().filter(|(part, _)| tenant.parts.contains(part))
    }
}
