//! Serializes values as the configuration file writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use regex::Regex;
use serde::{Serialize as _, Serializer};

use super::decoder::short;
use crate::domain::{Part, Workload};

/// Replaces a secret, as on Prometheus's own pages.
pub(super) const SECRET: &str = "<secret>";

/// Durations by the name of what they apply to.
pub(super) type Durations = BTreeMap<&'static str, String>;

pub(super) fn duration<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&short(*duration))
}

pub(super) fn workloads<S: Serializer>(workloads: &BTreeSet<Workload>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(workloads.iter().map(|workload| workload.as_str()))
}

pub(super) fn part_intervals<S: Serializer>(
    intervals: &BTreeMap<Part, Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    // Sorted by name.
    let named: Durations = intervals.iter().map(|(part, interval)| (part.as_str(), short(*interval))).collect();
    named.serialize(serializer)
}

pub(super) fn patterns<S: Serializer>(patterns: &[Regex], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(patterns.iter().map(Regex::as_str))
}

/// Absent patterns are not serialized at all.
pub(super) fn some_patterns<S: Serializer>(patterns: &Option<Vec<Regex>>, serializer: S) -> Result<S::Ok, S::Error> {
    self::patterns(patterns.as_deref().unwrap_or_default(), serializer)
}
