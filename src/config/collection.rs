//! Decides how often, how fast and which parts of each tenant are collected.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::decoder::{Field, Section, listed, short};
use super::key;
use crate::domain::{Part, Workload};

/// The keys of the `collection` section, each of which a source accepts too.
pub(super) const KEYS: &[&str] = &[
    "interval",
    "timeout",
    "concurrency",
    "requests_per_second",
    "stale_after",
    "series_limit",
    "part_intervals",
    "parts",
    "workloads",
];

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Below this the vendors' data cannot have changed.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// Why no interval may be longer than `stale_after`.
const WITHDRAWN: &str = "values would be withdrawn before they are renewed";

/// Facts about a tenant beside its workloads, which change slowly and cost many requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlowPart {
    /// What is licensed and what is used.
    Seats,
    /// Which accounts could be protected, and which are.
    Coverage,
    /// Connection failures, deleted and deactivated accounts, invites, retention.
    Lifecycle,
}

impl SlowPart {
    /// Every slow part, in the order people read them.
    pub const ALL: [Self; 3] = [Self::Seats, Self::Coverage, Self::Lifecycle];

    /// The word used in the config file and as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.part().as_str()
    }

    /// The part of a tenant it is.
    #[must_use]
    pub const fn part(self) -> Part {
        match self {
            Self::Seats => Part::Seats,
            Self::Coverage => Part::Coverage,
            Self::Lifecycle => Part::Lifecycle,
        }
    }
}

/// How one source is collected: the file's `collection` section, overridden by the source's own keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// How often each tenant is looked at, if the budget allows; 10 s to 7 d.
    pub interval: Duration,
    /// How long one request may take; 1 s to 10 min.
    pub timeout: Duration,
    /// Requests in flight at once; 1 to 1024.
    pub concurrency: usize,
    /// The most requests sent in one second; above 0, at most 1000.
    pub requests_per_second: f64,
    /// Values older than this are withdrawn; never shorter than `interval`.
    pub stale_after: Duration,
    /// The most series that all tenants of the source may have together; `None` means that there is no limit.
    pub series_limit: Option<u64>,
    /// The slow parts that are collected.
    pub parts: BTreeSet<SlowPart>,
    /// The parts that do not follow `interval`; ask [`Collection::interval_of`].
    pub part_intervals: BTreeMap<Part, Duration>,
    /// The workloads that are collected.
    pub workloads: BTreeSet<Workload>,
}

impl Default for Collection {
    fn default() -> Self {
        Self {
            interval: 15 * MINUTE,
            // Datto answers in 20 to 60 seconds.
            timeout: Duration::from_secs(90),
            concurrency: 8,
            requests_per_second: 5.0,
            stale_after: DAY,
            // Whoever sets none wants to see every customer: nothing is hidden that nobody asked to hide.
            series_limit: None,
            parts: SlowPart::ALL.into(),
            part_intervals: [(Part::Coverage, 6 * HOUR), (Part::Lifecycle, DAY)].into(),
            workloads: Workload::ALL.into(),
        }
    }
}

impl Collection {
    /// How often a part is collected; never more often than its tenant is looked at.
    #[must_use]
    pub fn interval_of(&self, part: Part) -> Duration {
        self.part_intervals.get(&part).map_or(self.interval, |interval| self.interval.max(*interval))
    }
}

/// What one mapping of the file says about collection; absent keys are left to the next wider one.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    interval: Option<Duration>,
    timeout: Option<Duration>,
    concurrency: Option<usize>,
    requests_per_second: Option<f64>,
    stale_after: Option<Duration>,
    series_limit: Option<u64>,
    parts: Option<BTreeSet<SlowPart>>,
    part_intervals: BTreeMap<Part, Duration>,
    workloads: Option<BTreeSet<Workload>>,
}

impl Settings {
    /// Reads the `collection` section itself.
    pub(super) fn of_section(field: &Field<'_>) -> Option<Self> {
        let section = field.section(KEYS)?;
        let settings = Self::of_keys(&section);
        settings.check_staleness(&section, &Self::default());
        Some(settings)
    }

    /// Reads the keys of a source, which override those in `common`, and resolves them.
    pub(super) fn of_source(section: &Section<'_>, common: &Self) -> Collection {
        let settings = Self::of_keys(section);
        settings.check_staleness(section, common);
        settings.resolve(common)
    }

    fn of_keys(section: &Section<'_>) -> Self {
        Self {
            interval: section.get("interval").and_then(|field| interval(&field)),
            timeout: section.get("timeout").and_then(|field| field.duration(Duration::from_secs(1), 10 * MINUTE)),
            concurrency: section
                .get("concurrency")
                .and_then(|field| field.number("a whole number from 1 to 1024", |number| (1..=1024).contains(number))),
            requests_per_second: section.get("requests_per_second").and_then(|field| {
                field.number("a number above 0 and up to 1000", |number| *number > 0.0 && *number <= 1000.0)
            }),
            stale_after: section.get("stale_after").and_then(|field| field.duration(MIN_INTERVAL, 365 * DAY)),
            series_limit: section
                .get("series_limit")
                .and_then(|field| field.number("a whole number above 0", |number| *number > 0)),
            parts: section
                .get("parts")
                .and_then(|field| field.words("part", &SlowPart::ALL.map(|part| (part.as_str(), part)))),
            part_intervals: section.get("part_intervals").and_then(|field| part_intervals(&field)).unwrap_or_default(),
            workloads: section.get("workloads").and_then(|field| {
                field.words("workload", &Workload::ALL.map(|workload| (workload.as_str(), workload)))
            }),
        }
    }

    /// What holds in the end: these settings, else those in `common`, else the defaults.
    fn resolve(&self, common: &Self) -> Collection {
        let default = Collection::default();
        let stale_after = self.stale_after.or(common.stale_after).unwrap_or(default.stale_after);
        // A default must not outlive the values it renews; an explicit interval that does is a reported problem.
        let defaults = default.part_intervals.into_iter().map(|(part, interval)| (part, interval.min(stale_after)));
        let explicit =
            common.part_intervals.iter().chain(&self.part_intervals).map(|(part, interval)| (*part, *interval));
        Collection {
            interval: self.interval.or(common.interval).unwrap_or(default.interval),
            timeout: self.timeout.or(common.timeout).unwrap_or(default.timeout),
            concurrency: self.concurrency.or(common.concurrency).unwrap_or(default.concurrency),
            requests_per_second: self
                .requests_per_second
                .or(common.requests_per_second)
                .unwrap_or(default.requests_per_second),
            stale_after,
            series_limit: self.series_limit.or(common.series_limit).or(default.series_limit),
            parts: self.parts.clone().or_else(|| common.parts.clone()).unwrap_or(default.parts),
            part_intervals: defaults.chain(explicit).collect(),
            workloads: self.workloads.clone().or_else(|| common.workloads.clone()).unwrap_or(default.workloads),
        }
    }

    /// Reports intervals longer than `stale_after`: their values would be withdrawn before they are renewed.
    ///
    /// The problem stands at the key of this mapping that makes it one. What
    /// the wider mapping got wrong by itself is reported there, once.
    fn check_staleness(&self, section: &Section<'_>, common: &Self) {
        let was_refused = |key: &str, is_set: bool| section.get(key).is_some() && !is_set;
        if was_refused("interval", self.interval.is_some()) || was_refused("stale_after", self.stale_after.is_some()) {
            return;
        }
        let resolved = self.resolve(common);
        let own_stale_after = self.stale_after.and_then(|_| section.get("stale_after"));
        let check = |interval: Duration, name: &str, own_interval: Option<Field<'_>>| {
            if interval <= resolved.stale_after {
                return;
            }
            let stale_after = short(resolved.stale_after);
            let interval = short(interval);
            if let Some(field) = &own_stale_after {
                field.problem(format!("{stale_after} is shorter than {name} ({interval}): {WITHDRAWN}"));
            } else if let Some(field) = own_interval {
                field.problem(format!("{interval} is longer than stale_after ({stale_after}): {WITHDRAWN}"));
            }
        };
        check(resolved.interval, "interval", section.get("interval"));
        let own_parts = section.get("part_intervals");
        for (part, interval) in resolved.part_intervals {
            let own_interval = own_parts.as_ref().and_then(|parts| parts.value(part.as_str()));
            check(interval, &key::child("part_intervals", part.as_str()), own_interval);
        }
    }
}

fn interval(field: &Field<'_>) -> Option<Duration> {
    field.duration(MIN_INTERVAL, 7 * DAY)
}

fn part_intervals(field: &Field<'_>) -> Option<BTreeMap<Part, Duration>> {
    // The listing is not among them: it decides who exists and follows `interval`.
    let slow = SlowPart::ALL.into_iter().map(SlowPart::part);
    let parts = slow.chain(Workload::ALL.into_iter().map(Part::Workload));
    let words: Vec<_> = parts.map(|part| (part.as_str(), part)).collect();
    let mut intervals = BTreeMap::new();
    for (name, field) in field.named_values()? {
        let interval = interval(&field);
        match words.iter().find(|(word, _)| *word == name) {
            Some((_, part)) => intervals.extend(interval.map(|interval| (*part, interval))),
            None => field.problem(format!("unknown part (accepted: {})", listed(&words))),
        }
    }
    Some(intervals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_overrides_what_is_common_and_that_the_defaults() {
        let coverage = Part::Coverage;
        let common = Settings {
            timeout: Some(MINUTE),
            concurrency: Some(2),
            part_intervals: [(coverage, 2 * HOUR), (Part::Workload(Workload::Mail), HOUR)].into(),
            ..Settings::default()
        };
        let own =
            Settings { concurrency: Some(3), part_intervals: [(coverage, 3 * HOUR)].into(), ..Settings::default() };
        let collection = own.resolve(&common);
        assert_eq!((collection.interval, collection.timeout, collection.concurrency), (15 * MINUTE, MINUTE, 3));
        for (part, interval) in [
            (coverage, 3 * HOUR),
            (Part::Lifecycle, DAY),
            (Part::Seats, 15 * MINUTE),
            (Part::Workload(Workload::Mail), HOUR),
            (Part::Workload(Workload::Tasks), 15 * MINUTE),
        ] {
            assert_eq!(collection.interval_of(part), interval, "{part:?}");
        }
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(Settings::default().resolve(&Settings::default()), Collection::default());
    }

    #[test]
    fn a_part_is_never_collected_more_often_than_its_tenant_is_looked_at() {
        let collection = Collection { interval: 12 * HOUR, ..Collection::default() };
        assert_eq!(collection.interval_of(Part::Coverage), 12 * HOUR);
    }

    #[test]
    fn a_default_interval_never_outlives_the_values_it_renews() {
        let collection = Settings { stale_after: Some(HOUR), ..Settings::default() }.resolve(&Settings::default());
        assert_eq!(collection.interval_of(Part::Lifecycle), HOUR);
    }
}
