//! Holds the operator's settings for a source's values.

use std::time::Duration;

use strum::IntoEnumIterator as _;

use super::{Objectives, Workload};

/// The operator's settings for a source's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Values older than this expire.
    pub stale_after: Duration,
    /// The workloads that are collected.
    pub workloads: Vec<Workload>,
    /// The maximum age of backups.
    pub objectives: Objectives,
}

impl Policy {
    /// Whether a workload is collected; an unknown workload is if all known ones are.
    #[must_use]
    pub fn selects(&self, workload: Workload) -> bool {
        match workload {
            Workload::Other(_) => Workload::iter().all(|known| self.workloads.contains(&known)),
            known => self.workloads.contains(&known),
        }
    }
}
