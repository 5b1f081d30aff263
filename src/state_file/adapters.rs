//! Serializes what cannot be derived: closed sets, interned names, counts and maps.
//!
//! Each adapter defines how a type of the domain is written; `serde_as` on a field selects it.

use std::borrow::Cow;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_with::ser::SerializeAsWrap;
use serde_with::{BorrowCow, DeserializeAs, Map, Same, SerializeAs, serde_conv};
use strum::IntoEnumIterator;

use crate::domain::intern::{self, Interner};
use crate::domain::{Compact, Counts, TenantId, Timestamp, Workload};

/// Makes records usable inside options, maps and tracked values.
macro_rules! adapters {
    ($($record:ident: $domain:ty),+ $(,)?) => {
        $(impl SerializeAs<$domain> for $record {
            fn serialize_as<S: Serializer>(value: &$domain, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(value, serializer)
            }
        }

        impl<'de> DeserializeAs<'de, $domain> for $record {
            fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<$domain, D::Error> {
                Self::deserialize(deserializer)
            }
        })+
    };
}
pub(super) use adapters;

serde_conv!(pub(super) Millis, Timestamp, |moment: &Timestamp| moment.as_millis(), |millis: i64| {
    Ok::<_, Infallible>(Timestamp::from_millis(millis))
});

serde_conv!(pub(super) Id, TenantId, |id: &TenantId| id.as_str().to_owned(), |id: String| {
    Ok::<_, Infallible>(TenantId::from(id.as_str()))
});

/// A member of a closed set, as its label value.
pub(super) struct Word;

impl<T: Copy + Into<&'static str>> SerializeAs<T> for Word {
    fn serialize_as<S: Serializer>(member: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str((*member).into())
    }
}

impl<'de, T: FromStr> DeserializeAs<'de, T> for Word {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        text(deserializer)?.parse().map_err(|_| D::Error::custom("unknown word"))
    }
}

/// A workload as its label value; unknown ones have a prefix, because their names could equal a known one.
pub(super) struct WorkloadWord;

const OTHER: &str = "other:";

impl SerializeAs<Workload> for WorkloadWord {
    fn serialize_as<S: Serializer>(workload: &Workload, serializer: S) -> Result<S::Ok, S::Error> {
        match workload {
            Workload::Other(name) => serializer.collect_str(&format_args!("{OTHER}{name}")),
            known => Word::serialize_as(known, serializer),
        }
    }
}

impl<'de> DeserializeAs<'de, Workload> for WorkloadWord {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Workload, D::Error> {
        let word = text(deserializer)?;
        let workload = match word.strip_prefix(OTHER) {
            Some(name) => intern::APPLICATIONS.intern(name).map(Workload::Other),
            None => word.parse().ok(),
        };
        workload.ok_or_else(|| D::Error::custom("unknown workload"))
    }
}

/// The name of an endpoint or field; these are string literals in the program, so there are not many.
pub(super) struct FieldName;

impl SerializeAs<&'static str> for FieldName {
    fn serialize_as<S: Serializer>(name: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(name)
    }
}

impl<'de> DeserializeAs<'de, &'static str> for FieldName {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
        static NAMES: Interner = Interner::with_capacity(1000);
        let name = text(deserializer)?;
        NAMES.intern(&name).ok_or_else(|| D::Error::custom("too many field names"))
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    BorrowCow::deserialize_as(deserializer)
}

/// Counts by label value; zero defaults are omitted.
pub(super) struct ByWord;

impl<E, const N: usize, C> SerializeAs<Counts<E, N, C>> for ByWord
where
    E: Copy + Into<usize> + Into<&'static str> + IntoEnumIterator,
    C: Copy + Default + PartialEq + Serialize,
{
    fn serialize_as<S: Serializer>(counts: &Counts<E, N, C>, serializer: S) -> Result<S::Ok, S::Error> {
        let words = counts.iter().map(|(member, count)| (Into::<&'static str>::into(member), count));
        serializer.collect_map(words.filter(|(_, count)| *count != C::default()))
    }
}

impl<'de, E, const N: usize, C> DeserializeAs<'de, Counts<E, N, C>> for ByWord
where
    E: Into<usize> + FromStr,
    C: Copy + Default + Deserialize<'de>,
{
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Counts<E, N, C>, D::Error> {
        let counts: Vec<(E, C)> = Map::<Word, Same>::deserialize_as(deserializer)?;
        Ok(counts.into_iter().collect())
    }
}

/// The entries of a map as pairs, because keys need not be text.
pub(super) struct Pairs<KeyAs, ValueAs>(PhantomData<(KeyAs, ValueAs)>);

impl<K: Ord, V, KeyAs: SerializeAs<K>, ValueAs: SerializeAs<V>> SerializeAs<Compact<K, V>> for Pairs<KeyAs, ValueAs> {
    fn serialize_as<S: Serializer>(map: &Compact<K, V>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            map.iter()
                .map(|(key, value)| (SerializeAsWrap::<K, KeyAs>::new(key), SerializeAsWrap::<V, ValueAs>::new(value))),
        )
    }
}

impl<'de, K: Ord, V, KeyAs: DeserializeAs<'de, K>, ValueAs: DeserializeAs<'de, V>> DeserializeAs<'de, Compact<K, V>>
    for Pairs<KeyAs, ValueAs>
{
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Compact<K, V>, D::Error> {
        let entries: Vec<(K, V)> = Vec::<(KeyAs, ValueAs)>::deserialize_as(deserializer)?;
        Ok(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde_with::de::DeserializeAsWrap;

    use crate::domain::{
        AccountState, BackupStatus, DomainState, DriftKind, Outcome, Provider, ResourceState, SeatState, SeatType,
        StatusWord, TenantStatus,
    };

    use super::*;

    fn returns<T: PartialEq + Debug, As: SerializeAs<T> + for<'de> DeserializeAs<'de, T>>(
        members: impl IntoIterator<Item = T>,
    ) {
        for member in members {
            let text = serde_json::to_string(&SerializeAsWrap::<T, As>::new(&member)).unwrap();
            let read: DeserializeAsWrap<T, As> = serde_json::from_str(&text).unwrap();
            assert_eq!(read.into_inner(), member, "{text}");
        }
        assert!(serde_json::from_str::<DeserializeAsWrap<T, As>>("\"no such word\"").is_err());
    }

    #[test]
    fn every_variant_that_is_written_is_read_again() {
        returns::<_, Word>(AccountState::iter());
        returns::<_, Word>(BackupStatus::iter());
        returns::<_, Word>(DomainState::iter());
        returns::<_, Word>(DriftKind::iter());
        returns::<_, Word>(Outcome::iter());
        returns::<_, Word>(Provider::iter());
        returns::<_, Word>(ResourceState::iter());
        returns::<_, Word>(SeatState::iter());
        returns::<_, Word>(SeatType::iter());
        returns::<_, Word>(StatusWord::iter());
        returns::<_, Word>(TenantStatus::iter());
        returns::<_, WorkloadWord>(Workload::iter().chain(["planner", "mail"].map(Workload::Other)));
    }
}
