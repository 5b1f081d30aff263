//! Holds what the operator decided about a source's values.

use std::time::Duration;

use strum::IntoEnumIterator as _;

use super::{Objectives, Workload};

/// What the operator decided about a source's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Values older than this are withdrawn.
    pub stale_after: Duration,
    /// The workloads that are collected.
    pub workloads: Vec<Workload>,
    /// How old a backup may be.
    pub objectives: Objectives,
}

impl Policy {
    /// Whether a workload is collected; one that is not known is where every known one is.
    #[must_use]
    pub fn selects(&self, workload: Workload) -> bool {
        match workload {
            Workload::Other(_) => Workload::iter().all(|known| self.workloads.contains(&known)),
            known => self.workloads.contains(&known),
        }
    }
}
