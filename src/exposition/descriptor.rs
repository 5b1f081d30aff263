//! Describes a metric family: its name, what it means, its unit and its kind.

use super::Scope;

/// One row of the catalogue: a family and where its samples come from.
#[derive(Debug)]
pub struct Family {
    /// What the family is.
    pub descriptor: Descriptor,
    /// Which entity it describes, and how its value is found.
    pub scope: Scope,
}

/// What a metric family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The full name as it is scraped.
    pub name: &'static str,
    /// One sentence without its full stop.
    pub help: &'static str,
    /// The unit, with which the name ends.
    pub unit: Option<Unit>,
    /// The kind.
    pub kind: Kind,
}

/// The kind of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A number of events since the start; its name ends in `_total`.
    Counter,
    /// A constant 1 whose labels are the message; its name ends in `_info`.
    Info,
    /// Observations counted in buckets.
    Histogram,
}

impl Kind {
    /// The word for it in the reference.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Info => "info",
            Self::Histogram => "histogram",
        }
    }
}

/// The base unit of a family's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, or seconds since the Unix epoch.
    Seconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// The word for it, with which the names of such families end.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
        }
    }
}

impl Descriptor {
    /// The family's name in OpenMetrics, which leaves out the suffix of the kind.
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
