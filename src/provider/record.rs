//! Reads records one by one, so that an unreadable one does not affect the others.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A record that can be distinguished from others in its list.
pub(super) trait Record: for<'de> Deserialize<'de> {
    /// The [`digest`](super::digest::digest) by which duplicates are recognized; `None` if it has no id.
    ///
    /// It is of all fields: repeated records are dropped, because pages may overlap, and of two different ones with the
    /// same id none is lost.
    fn key(&self) -> Option<u64>;

    /// What distinguishes two records of one key; `None` where the key is all that is read of them.
    fn content(&self) -> Option<u64> {
        None
    }

    /// The bytes that it takes until its list is complete; 0 where records are only counted.
    fn kept_bytes(&self) -> u64 {
        0
    }
}

/// The bytes of a record and of all text inside it.
pub(super) fn bytes_of<T: Hash>(record: &T) -> u64 {
    let mut fed = FedBytes(0);
    record.hash(&mut fed);
    size_of::<T>() as u64 + fed.0
}

/// Counts what a value feeds to its hash, which is all of its fields, whatever they are nested in.
struct FedBytes(u64);

impl Hasher for FedBytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A record that is not an object, or unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Undecodable;

/// Reads one record.
pub(super) fn record<'de, T: Deserialize<'de>>(raw: &'de RawValue) -> Result<T, Undecodable> {
    // Serde would read an array as the fields in order.
    if first_byte(raw) != b'{' {
        return Err(Undecodable);
    }
    serde_json::from_str(raw.get()).map_err(|_| Undecodable)
}

/// Passes the elements of a list on one by one, until one is unreadable as `T` or `visit` returns false.
pub(super) fn each<'de, T: Deserialize<'de>>(
    list: &'de str,
    visit: impl FnMut(T) -> bool,
) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(list);
    json.deserialize_seq(Each { visit, element: PhantomData })?;
    json.end()
}

struct Each<T, F> {
    visit: F,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> bool> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            if !(self.visit)(element) {
                return Err(A::Error::custom("the list is longer than it may be"));
            }
        }
        Ok(())
    }
}

/// An object: Serde would also accept an array.
pub(super) struct Object<T>(pub(super) T);

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// The first byte of a value, which determines its type.
pub(super) fn first_byte(raw: &RawValue) -> u8 {
    raw.get().as_bytes().first().copied().unwrap_or(0)
}

/// A record, or a list of them, inside another record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Nested<T> {
    /// The field is missing or null.
    #[default]
    Absent,
    /// It is readable.
    Value(T),
    /// It is anything else.
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

/// Maximum number of records in a nested list: Datto's longest is a history of thirty days.
const MAX_NESTED_RECORDS: usize = 1_000;

/// The records of a nested list; only the first unreadable one is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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
        deserializer.deserialize_seq(ListVisitor(PhantomData)).map(Self)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<Result<T, Undecodable>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let (mut records, mut has_undecodable) = (Vec::new(), false);
        while let Some(element) = elements.next_element::<&RawValue>()? {
            let record = record(element);
            // Two bytes of garbage would take as much memory as a record.
            let is_another_undecodable = record.is_err() && std::mem::replace(&mut has_undecodable, record.is_err());
            if is_another_undecodable {
                continue;
            }
            if records.len() == MAX_NESTED_RECORDS {
                return Err(A::Error::custom("the list is longer than it may be"));
            }
            records.push(record);
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::provider::field::{Field, Id};

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Row {
        id: Field<Id>,
        errors: Nested<List<Row>>,
    }

    /// All records of a list in one pass, if every one of them is readable.
    fn records<'de, T: Deserialize<'de>>(list: &'de str) -> Option<Vec<Result<T, Undecodable>>> {
        let mut records = Vec::new();
        let visit = |Object(record)| {
            records.push(Ok(record));
            true
        };
        each(list, visit).ok().map(|()| records)
    }

    #[test]
    fn one_pass_reads_what_two_do_or_nothing() {
        for (json, is_readable) in [
            ("[]", true),
            (r#" [ {"id":1} , {"id":"2","else":[{"id":3,"id":4}]} , {} ] "#, true),
            (r#"[{"id":1,"errors":[{"id":2},7]},{"id":[7]}]"#, true),
            (r#"[{"id":1},["2"]]"#, false),
            (r#"[{"id":1},null]"#, false),
            (r#"[{"id":1},{"id":3,"id":4}]"#, false),
        ] {
            let elements: Vec<&RawValue> = serde_json::from_str(json).unwrap();
            let apart: Vec<Result<Row, Undecodable>> = elements.into_iter().map(record).collect();
            assert_eq!(records(json), is_readable.then_some(apart), "{json}");
        }
        assert_eq!(records::<Row>(r#"[{"id":1},"#), None);
        assert_eq!(records::<Row>(r#"{"id":1}"#), None);
    }

    #[test]
    fn a_nested_list_is_bounded() {
        let nested =
            |elements: String| -> Row { serde_json::from_str(&format!(r#"{{"errors":[{elements}]}}"#)).unwrap() };
        let long = |count: usize| vec!["{}"; count].join(",");
        assert_eq!(nested(long(MAX_NESTED_RECORDS)).errors.value().map(|list| list.0.len()), Some(MAX_NESTED_RECORDS));
        assert_eq!(nested(long(MAX_NESTED_RECORDS + 1)).errors, Nested::Unreadable);
        let nonsense = nested(format!("{{}},{},{{}}", vec!["7"; 100_000].join(",")));
        let expected = [Ok(Row::default()), Err(Undecodable), Ok(Row::default())];
        assert_eq!(nonsense.errors, Nested::Value(List(expected.into())));
    }

    /// JSON of the kinds that vendors send, and of some that they should not.
    fn value() -> impl Strategy<Value = String> {
        let scalar = prop::sample::select(vec![
            "null",
            "true",
            "7",
            "-1",
            "1.5",
            "1e999",
            "\"\"",
            "\"7\"",
            "\"\\u0069d\"",
            "\"\\ud800\"",
            "{",
            "",
        ]);
        let key = || prop::sample::select(vec!["id", "errors", "else", "\\u0069d", "result_set"]);
        scalar.prop_map(str::to_owned).prop_recursive(3, 24, 4, move |inner| {
            let object = prop::collection::vec((key(), inner.clone()), 0..4).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            });
            let list = prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(",")));
            prop_oneof![3 => object, 1 => list]
        })
    }

    proptest! {
        #[test]
        fn whatever_comes_one_pass_reads_what_two_do_or_nothing(values in prop::collection::vec(value(), 0..5)) {
            let json = format!("[{}]", values.join(","));
            let elements: Option<Vec<&RawValue>> = serde_json::from_str(&json).ok();
            let apart: Option<Vec<Result<Row, Undecodable>>> =
                elements.map(|elements| elements.into_iter().map(record).collect());
            if let Some(read) = records(&json) {
                prop_assert_eq!(Some(read), apart, "{}", json);
            } else if let Some(apart) = apart {
                prop_assert!(apart.iter().any(Result::is_err), "nothing was unreadable: {}", json);
            }
        }
    }
}
