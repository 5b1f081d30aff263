//! Reads single JSON values tolerantly: an unexpected value is recorded, and does not invalidate the record.
//!
//! The vendors send ids as numbers or text, counts as numbers or null, and omit fields. A [`Field`] distinguishes
//! these.

use std::fmt;
use std::marker::PhantomData;

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::Timestamp;

/// One field of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Field<T> {
    /// The record has no such field.
    #[default]
    Absent,
    /// It is null.
    Null,
    /// It holds a value of the documented type.
    Value(T),
    /// It holds a value of another type with an unambiguous meaning, such as digits as text.
    Retyped(T),
    /// It holds a value that cannot be interpreted.
    Unreadable,
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub(super) const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) | Self::Retyped(value) => Some(value),
            Self::Absent | Self::Null | Self::Unreadable => None,
        }
    }
}

/// A type that can be read from JSON scalars; conversions that are not overridden yield `Unreadable`.
pub(super) trait Scalar: Sized {
    fn text(_: &str) -> Field<Self> {
        Field::Unreadable
    }
    fn unsigned(_: u64) -> Field<Self> {
        Field::Unreadable
    }
    /// A number with a fraction; whole numbers are passed to [`Scalar::unsigned`] by default.
    fn float(number: f64) -> Field<Self> {
        // 12.0 equals 12 in JSON; 12.5 is no count.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared after the round trip")]
        let whole = number as u64;
        #[expect(clippy::cast_precision_loss, reason = "a lost digit fails the comparison")]
        let is_whole = (whole as f64).to_bits() == number.to_bits();
        if is_whole { Self::unsigned(whole) } else { Field::Unreadable }
    }
    fn boolean(_: bool) -> Field<Self> {
        Field::Unreadable
    }
    fn null() -> Field<Self> {
        Field::Null
    }
}

/// Text, unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text(pub(super) String);

impl Scalar for Text {
    fn text(text: &str) -> Field<Self> {
        Field::Value(Self(text.to_owned()))
    }
}

/// Maximum length: vendors have shorter ids, and labels should not hold longer ones.
const MAX_ID: usize = 256;

/// An identifier: a number in some samples and text in others, compared as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id(pub(super) String);

impl Scalar for Id {
    fn text(text: &str) -> Field<Self> {
        match text.trim() {
            // Path segments of dots would change the endpoint.
            "" | "." | ".." => Field::Unreadable,
            // These would be stripped from the URL, so that another tenant would be requested.
            id if id.chars().any(char::is_control) || id.chars().nth(MAX_ID).is_some() => Field::Unreadable,
            id => Field::Value(Self(id.to_owned())),
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        Field::Value(Self(number.to_string()))
    }
}

/// A secret in an ordinary response.
#[derive(Clone, Debug)]
pub(super) struct Secret(pub(super) SecretString);

impl Scalar for Secret {
    fn text(text: &str) -> Field<Self> {
        match text.trim() {
            "" => Field::Null,
            token => Field::Value(Self(token.into())),
        }
    }
}

/// A count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Count(pub(super) u64);

impl Scalar for Count {
    fn text(text: &str) -> Field<Self> {
        text.trim().parse().map_or(Field::Unreadable, |number| Field::Retyped(Self(number)))
    }
    fn unsigned(number: u64) -> Field<Self> {
        Field::Value(Self(number))
    }
}

/// A boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flag(pub(super) bool);

impl Scalar for Flag {
    fn text(text: &str) -> Field<Self> {
        match text.trim() {
            "true" | "1" => Field::Retyped(Self(true)),
            "false" | "0" => Field::Retyped(Self(false)),
            _ => Field::Unreadable,
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        match number {
            0 => Field::Retyped(Self(false)),
            1 => Field::Retyped(Self(true)),
            _ => Field::Unreadable,
        }
    }
    fn boolean(flag: bool) -> Field<Self> {
        Field::Value(Self(flag))
    }
}

/// A time in ISO 8601 format with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Moment(pub(super) Timestamp);

impl Scalar for Moment {
    fn text(text: &str) -> Field<Self> {
        text.trim()
            .parse::<jiff::Timestamp>()
            .map_or(Field::Unreadable, |at| Field::Value(Self(Timestamp::from_millis(at.as_millisecond()))))
    }
}

/// Errors reported by a vendor: `""`, `{}`, `[]` and null mean none, anything else means one.
///
/// The text is discarded, because it names hosts and addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Faults(pub(super) bool);

impl Scalar for Faults {
    fn text(text: &str) -> Field<Self> {
        Field::Value(Self(!text.trim().is_empty()))
    }
}

impl<'de, T: Scalar> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData)).map(|found| match found {
            Found::Field(field) => field,
            Found::Collection { .. } => Self::Unreadable,
        })
    }
}

/// The `errors` field: text in some lists, an object in others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Errors(pub(super) Field<Faults>);

impl<'de> Deserialize<'de> for Errors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData)).map(|found| match found {
            Found::Field(field) => Self(field),
            Found::Collection { is_empty } => Self(Field::Value(Faults(!is_empty))),
        })
    }
}

enum Found<T> {
    Field(Field<T>),
    Collection { is_empty: bool },
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<'de, T: Scalar> Visitor<'de> for ScalarVisitor<T> {
    type Value = Found<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Found::Field(T::boolean(flag)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Found::Field(T::unsigned(number)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Found::Field(Field::Unreadable))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Found::Field(T::float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Found::Field(T::text(text)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Found::Field(T::null()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut is_empty = true;
        while items.next_element::<IgnoredAny>()?.is_some() {
            is_empty = false;
        }
        Ok(Found::Collection { is_empty })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut is_empty = true;
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            is_empty = false;
        }
        Ok(Found::Collection { is_empty })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Scalar>(json: &str) -> Field<T> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_count_is_a_whole_number_in_any_dress() {
        for (json, expected) in [
            ("12", Field::Value(Count(12))),
            ("12.0", Field::Value(Count(12))),
            ("\"12\"", Field::Retyped(Count(12))),
            ("null", Field::Null),
            ("-1", Field::Unreadable),
            ("12.5", Field::Unreadable),
            ("1e300", Field::Unreadable),
            ("true", Field::Unreadable),
            ("\"a dozen\"", Field::Unreadable),
            ("[12]", Field::Unreadable),
            ("{\"n\":[{}]}", Field::Unreadable),
        ] {
            assert_eq!(read::<Count>(json), expected, "{json}");
        }
    }

    #[test]
    fn an_id_is_text_whatever_it_was() {
        for (json, expected) in [
            ("29", Field::Value(Id("29".to_owned()))),
            ("\"440032-6\"", Field::Value(Id("440032-6".to_owned()))),
            ("\" 1 \"", Field::Value(Id("1".to_owned()))),
            ("\"\"", Field::Unreadable),
            ("\"..\"", Field::Unreadable),
            ("1.5", Field::Unreadable),
            ("\"a\\tb\"", Field::Unreadable),
            ("\"a\\u0000\"", Field::Unreadable),
            ("\"a\\u0085b\"", Field::Unreadable),
            ("\" 7\\r\\n\"", Field::Value(Id("7".to_owned()))),
            ("\"a/../b?c#d%2e\"", Field::Value(Id("a/../b?c#d%2e".to_owned()))),
        ] {
            assert_eq!(read::<Id>(json), expected, "{json}");
        }
    }

    #[test]
    fn an_id_of_any_length_but_an_endless_one_is_read() {
        for (length, is_readable) in [(1, true), (MAX_ID, true), (MAX_ID + 1, false), (4_000_000, false)] {
            let id = "ä".repeat(length);
            assert_eq!(read::<Id>(&format!("\"{id}\"")).value().is_some(), is_readable, "{length}");
        }
    }

    #[test]
    fn text_where_a_number_stands_is_unreadable() {
        assert_eq!(read::<Text>("7"), Field::Unreadable);
        assert_eq!(read::<Text>("\"seven\""), Field::Value(Text("seven".to_owned())));
    }

    #[test]
    fn a_moment_keeps_its_milliseconds() {
        for (json, expected) in [
            ("\"2020-07-29T04:36:40.970Z\"", Field::Value(Moment(Timestamp::from_millis(1_595_997_400_970)))),
            ("\"2024-08-08T05:16:22.726056Z\"", Field::Value(Moment(Timestamp::from_millis(1_723_094_182_726)))),
            ("\"2020-07-29T06:36:40+02:00\"", Field::Value(Moment(Timestamp::from_millis(1_595_997_400_000)))),
            ("\"2020-07-29\"", Field::Unreadable),
            ("\"yesterday\"", Field::Unreadable),
            ("1595997400", Field::Unreadable),
            ("\"\"", Field::Unreadable),
        ] {
            assert_eq!(read::<Moment>(json), expected, "{json}");
        }
    }

    #[test]
    fn errors_are_there_when_anything_is_in_them() {
        for (json, expected) in [
            ("\"\"", Field::Value(Faults(false))),
            ("{}", Field::Value(Faults(false))),
            ("[]", Field::Value(Faults(false))),
            ("null", Field::Null),
            ("\"timed out\"", Field::Value(Faults(true))),
            ("{\"host\":\"timed out\"}", Field::Value(Faults(true))),
            ("[\"timed out\"]", Field::Value(Faults(true))),
            ("7", Field::Unreadable),
        ] {
            assert_eq!(serde_json::from_str::<Errors>(json).unwrap().0, expected, "{json}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        assert!(!format!("{:?}", read::<Secret>("\"CANARY\"")).contains("CANARY"));
    }
}
