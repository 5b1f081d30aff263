//! Describes a metric family: name, help, unit and kind.

use strum::IntoStaticStr;

/// The description of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The full name as scraped.
    pub name: &'static str,
    /// One sentence without its full stop.
    pub help: &'static str,
    /// The unit, which is also the suffix of the name.
    pub unit: Option<Unit>,
    /// The kind.
    pub kind: Kind,
}

/// The kind of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A number of events since the start; its name ends in `_total`.
    Counter,
    /// A constant 1 whose information is in its labels; its name ends in `_info`.
    Info,
    /// Observations counted in buckets.
    Histogram,
}

impl Kind {
    /// The word in the reference and in `# TYPE`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The base unit of a family's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Unit {
    /// Seconds, or seconds since the Unix epoch.
    Seconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// The word, which is the suffix of the names of such families.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Descriptor {
    /// A gauge without a unit.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, help, unit: None, kind: Kind::Gauge }
    }

    /// A counter without a unit.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Counter, ..Self::gauge(name, help) }
    }

    /// A constant 1 whose information is in its labels.
    #[must_use]
    pub const fn info(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Info, ..Self::gauge(name, help) }
    }

    /// Durations, counted in buckets of seconds.
    #[must_use]
    pub const fn durations(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Histogram, ..Self::seconds(name, help) }
    }

    /// A gauge in seconds, or in seconds since the Unix epoch.
    #[must_use]
    pub const fn seconds(name: &'static str, help: &'static str) -> Self {
        Self { unit: Some(Unit::Seconds), ..Self::gauge(name, help) }
    }

    /// A gauge in bytes.
    #[must_use]
    pub const fn bytes(name: &'static str, help: &'static str) -> Self {
        Self { unit: Some(Unit::Bytes), ..Self::gauge(name, help) }
    }

    /// The family's name in OpenMetrics, without the suffix of the kind.
    #[must_use]
    pub fn family_name(&self) -> &'static str {
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        self.name.strip_suffix(suffix).unwrap_or(self.name)
    }
}
