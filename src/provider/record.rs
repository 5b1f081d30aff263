//! Reads records one by one, so that an unreadable one does not lose the others.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A record that can be told apart from others of its list.
pub(super) trait Record: for<'de> Deserialize<'de> {
    /// The id by which a repeated record is known; `None` where it has none.
    fn key(&self) -> Option<Cow<'_, str>>;
}

/// A record that is no object, or no readable one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undecodable;

/// Reads one record.
pub(super) fn record<'de, T: Deserialize<'de>>(raw: &'de RawValue) -> Result<T, Undecodable> {
    // Serde would read an array as the fields in order.
    if first_byte(raw) != b'{' {
        return Err(Undecodable);
    }
    serde_json::from_str(raw.get()).map_err(|_| Undecodable)
}

/// The first byte of a value, which tells its type.
pub(super) fn first_byte(raw: &RawValue) -> u8 {
    raw.get().as_bytes().first().copied().unwrap_or(0)
}

/// A record, or a list of them, inside another record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Nested<T> {
    /// There is no such field, or it is null.
    #[default]
    Absent,
    /// It is readable.
    Value(T),
    /// It is something else.
    Unreadable,
}

impl<T> Nested<T> {
    /// The value, if there is one.
    pub(super) const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

/// The records of a nested list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct List<T>(pub(super) Vec<Result<T, Undecodable>>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(match first_byte(raw) {
            b'n' => Self::Absent,
            b'{' | b'[' => serde_json::from_str(raw.get()).map_or(Self::Unreadable, Self::Value),
            _ => Self::Unreadable,
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let elements = Vec::<&'de RawValue>::deserialize(deserializer)?;
        Ok(Self(elements.into_iter().map(record).collect()))
    }
}
