//! Reads how often, how fast and which parts of each tenant are collected.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Serialize, Serializer};
use strum::{EnumIter, IntoEnumIterator as _};

use super::decoder::{Field, Section, listed, short, words};
use super::{key, serialize};
use crate::domain::{Part, Workload};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Below this the vendors' data cannot have changed.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// Why no interval may be longer than `stale_after`.
const EXPIRED: &str = "values would expire before they are refreshed";

/// Parts of a tenant other than workloads, which change slowly and take many requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter)]
pub enum SlowPart {
    /// Licensed and used seats.
    Seats,
    /// Accounts that can be protected, and those that are.
    Coverage,
    /// Connection failures, deleted and deactivated accounts, invites, retention.
    Lifecycle,
}

impl SlowPart {
    /// The word used in the config file and as label value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.part().as_str()
    }

    /// The part in the domain.
    #[must_use]
    pub const fn part(self) -> Part {
        match self {
            Self::Seats => Part::Seats,
            Self::Coverage => Part::Coverage,
            Self::Lifecycle => Part::Lifecycle,
        }
    }
}

impl Serialize for SlowPart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a source is collected: the file's `collection` section, overridden by the source's own keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Collection {
    /// The refresh interval of each tenant, if the rate limit allows it; 10 s to 7 d.
    #[serde(serialize_with = "serialize::duration")]
    pub interval: Duration,
    /// Time limit of one request; 1 s to 10 min.
    #[serde(serialize_with = "serialize::duration")]
    pub timeout: Duration,
    /// Maximum number of requests in flight; 1 to 1024.
    pub concurrency: usize,
    /// Maximum number of requests per second; 0.01 to 1000.
    pub requests_per_second: f64,
    /// Values older than this expire; never shorter than `interval`.
    #[serde(serialize_with = "serialize::duration")]
    pub stale_after: Duration,
    /// The parts other than workloads that are collected.
    pub parts: BTreeSet<SlowPart>,
    /// The configured and built-in intervals of parts that do not follow `interval`; use
    /// [`Collection::interval_of`].
    #[serde(serialize_with = "serialize::part_intervals")]
    pub part_intervals: BTreeMap<Part, Duration>,
    /// The workloads that are collected.
    #[serde(serialize_with = "serialize::workloads")]
    pub workloads: BTreeSet<Workload>,
    /// Maximum number of series of all tenants of the source; `None` means unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series_limit: Option<u64>,
}

impl Default for Collection {
    fn default() -> Self {
        Self {
            interval: 15 * MINUTE,
            // Datto responds within 20 to 60 seconds.
            timeout: Duration::from_secs(90),
            concurrency: 8,
            requests_per_second: 5.0,
            stale_after: DAY,
            // No tenant is dropped unless a limit is configured.
            series_limit: None,
            parts: SlowPart::iter().collect(),
            part_intervals: BTreeMap::new(),
            workloads: Workload::iter().collect(),
        }
    }
}

impl Collection {
    /// The refresh interval of a part; never shorter than that of its tenant.
    #[must_use]
    pub fn interval_of(&self, part: Part) -> Duration {
        self.part_intervals.get(&part).map_or(self.interval, |interval| self.interval.max(*interval))
    }
}

/// One key: its name and the function that decodes its value; `None` if and only if a problem was reported.
type Key = (&'static str, fn(&Field<'_>, &mut Collection) -> Option<()>);

/// The keys of the `collection` section, each of which a source accepts too.
const KEYS: [Key; 9] = [
    ("interval", |field, collection| set(&mut collection.interval, interval(field))),
    ("timeout", |field, collection| set(&mut collection.timeout, field.duration(Duration::from_secs(1), 10 * MINUTE))),
    ("concurrency", |field, collection| {
        let number = field.number("a whole number from 1 to 1024", |number| (1..=1024).contains(number));
        set(&mut collection.concurrency, number)
    }),
    ("requests_per_second", |field, collection| {
        let number = field.number("a number from 0.01 to 1000", |number| (0.01..=1000.0).contains(number));
        set(&mut collection.requests_per_second, number)
    }),
    ("stale_after", |field, collection| set(&mut collection.stale_after, field.duration(MIN_INTERVAL, 365 * DAY))),
    ("series_limit", |field, collection| {
        let number = field.number("a whole number above 0", |number| *number > 0);
        set(&mut collection.series_limit, number.map(Some))
    }),
    ("part_intervals", |field, collection| {
        collection.part_intervals.extend(part_intervals(field)?);
        Some(())
    }),
    ("parts", |field, collection| set(&mut collection.parts, field.words("part", &words(SlowPart::as_str)))),
    ("workloads", |field, collection| {
        let words = words(Workload::as_str);
        set(&mut collection.workloads, field.words("workload", &words))
    }),
];

/// The names of the keys.
pub(super) fn key_names() -> [&'static str; 9] {
    KEYS.map(|(name, _)| name)
}

fn set<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

/// A collection with the configured `part_intervals` only, without defaults.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer(Collection);

impl Layer {
    /// Reads the `collection` section itself.
    pub(super) fn of_section(field: &Field<'_>) -> Option<Self> {
        Some(Self::default().overridden(&field.section(&key_names())?))
    }

    /// The collection of a source, whose own keys override these; `default_intervals` hold for parts of which neither
    /// says anything.
    pub(super) fn of_source(&self, section: &Section<'_>, default_intervals: BTreeMap<Part, Duration>) -> Collection {
        let Self(mut collection) = self.overridden(section);
        for (part, interval) in default_intervals {
            // A default must not exceed the lifetime of values; a configured interval that does is an error.
            collection.part_intervals.entry(part).or_insert(interval.min(collection.stale_after));
        }
        collection
    }

    fn overridden(&self, section: &Section<'_>) -> Self {
        let mut layer = self.clone();
        let is_bad = |(name, read): &Key, layer: &mut Self| {
            section.get(name).is_some_and(|field| read(&field, &mut layer.0).is_none())
        };
        let bad: Vec<_> = KEYS.iter().filter(|key| is_bad(key, &mut layer)).map(|(name, _)| *name).collect();
        if !bad.contains(&"interval") && !bad.contains(&"stale_after") {
            layer.check_staleness(section);
        }
        layer
    }

    /// Reports intervals longer than `stale_after`: their values would expire before they are refreshed.
    ///
    /// The problem is reported at the key of this mapping that causes it. Problems
    /// of the enclosing mapping alone are reported there, once.
    fn check_staleness(&self, section: &Section<'_>) {
        let Self(collection) = self;
        let own_stale_after = section.get("stale_after");
        let check = |interval: Duration, name: &str, own_interval: Option<Field<'_>>| {
            if interval <= collection.stale_after {
                return;
            }
            let stale_after = short(collection.stale_after);
            let interval = short(interval);
            if let Some(field) = &own_stale_after {
                field.problem(format!("{stale_after} is shorter than {name} ({interval}): {EXPIRED}"));
            } else if let Some(field) = own_interval {
                field.problem(format!("{interval} is longer than stale_after ({stale_after}): {EXPIRED}"));
            }
        };
        check(collection.interval, "interval", section.get("interval"));
        let own_parts = section.get("part_intervals");
        for (part, interval) in &collection.part_intervals {
            let own_interval = own_parts.as_ref().and_then(|parts| parts.value(part.as_str()));
            check(*interval, &key::child("part_intervals", part.as_str()), own_interval);
        }
    }
}

fn interval(field: &Field<'_>) -> Option<Duration> {
    field.duration(MIN_INTERVAL, 7 * DAY)
}

fn part_intervals(field: &Field<'_>) -> Option<BTreeMap<Part, Duration>> {
    // The listing is not among them: it decides which tenants exist, and follows `interval`.
    let slow = SlowPart::iter().map(SlowPart::part);
    let parts = slow.chain(Workload::iter().map(Part::Workload));
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
    use std::path::Path;

    use super::*;
    use crate::config::{decoder::Context, refresh, yaml};
    use crate::domain::{Objectives, Provider};

    const HOUR: Duration = Duration::from_hours(1);

    /// The collection of a source with `own` keys beside those of the `collection` section.
    fn collections(common: &str, own: &str) -> Collection {
        let context = Context::new(&|_| None, Path::new(""));
        let (common, own) = (yaml::read(common).unwrap(), yaml::read(own).unwrap());
        let layer = Layer::of_section(&Field::root(&common, &context)).unwrap();
        let section = Field::root(&own, &context).section(&key_names()).unwrap();
        let defaults = refresh::default_intervals(Provider::Dropsuite, &Objectives::default());
        let collection = layer.of_source(&section, defaults);
        context.finish(Some(collection)).unwrap()
    }

    #[test]
    fn a_source_overrides_what_is_common_and_that_the_defaults() {
        let coverage = Part::Coverage;
        let mail = Part::Workload(Workload::Mail);
        let collection = collections(
            "{ timeout: 1m, concurrency: 2, part_intervals: { coverage: 2h, mail: 1h } }",
            "{ concurrency: 3, part_intervals: { coverage: 3h } }",
        );
        assert_eq!((collection.interval, collection.timeout, collection.concurrency), (15 * MINUTE, MINUTE, 3));
        for (part, interval) in [
            (coverage, 3 * HOUR),
            (Part::Lifecycle, DAY),
            (Part::Seats, HOUR),
            (mail, HOUR),
            (Part::Workload(Workload::Tasks), 6 * HOUR),
            (Part::Workload(Workload::Teams), 2 * HOUR),
        ] {
            assert_eq!(collection.interval_of(part), interval, "{part:?}");
        }
    }

    #[test]
    fn nothing_said_is_the_default() {
        let part_intervals = refresh::default_intervals(Provider::Dropsuite, &Objectives::default());
        assert_eq!(collections("{}", "{}"), Collection { part_intervals, ..Collection::default() });
    }

    #[test]
    fn what_the_file_says_of_a_part_outranks_what_is_built_in() {
        for (said, part, expected) in [
            ("{ tasks: 20m }", Part::Workload(Workload::Tasks), 20 * MINUTE),
            ("{ onedrive: 18h }", Part::Workload(Workload::Onedrive), 18 * HOUR),
            ("{ sharepoint: 15m }", Part::Workload(Workload::Sharepoint), 15 * MINUTE),
            ("{ seats: 15m }", Part::Seats, 15 * MINUTE),
            ("{ mail: 45m }", Part::Workload(Workload::Mail), 45 * MINUTE),
        ] {
            let of_all = collections(&format!("{{ part_intervals: {said} }}"), "{}");
            let of_source = collections("{}", &format!("{{ part_intervals: {said} }}"));
            assert_eq!((of_all.interval_of(part), of_source.interval_of(part)), (expected, expected), "{said}");
        }
    }

    #[test]
    fn no_part_is_refreshed_more_often_than_its_tenant() {
        let collection = collections("{ interval: 12h }", "{}");
        assert_eq!(collection.interval_of(Part::Coverage), 12 * HOUR);
    }

    #[test]
    fn a_default_interval_never_outlives_the_values_it_renews() {
        let collection = collections("{ stale_after: 1h }", "{}");
        assert_eq!(collection.interval_of(Part::Lifecycle), HOUR);
    }
}
