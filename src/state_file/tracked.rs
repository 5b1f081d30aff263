//! Serializes a value with its collection time and the last attempt.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::de::DeserializeAsWrap;
use serde_with::ser::SerializeAsWrap;
use serde_with::{DeserializeAs, SerializeAs, serde_as, skip_serializing_none};

use super::adapters::{Millis, Word, adapters};
use crate::domain::{Attempt, Observed, Outcome, Timestamp, Tracked};

adapters! {
    AttemptRecord: Attempt,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Attempt", deny_unknown_fields)]
pub(super) struct AttemptRecord {
    #[serde_as(as = "Millis")]
    at: Timestamp,
    #[serde_as(as = "Word")]
    outcome: Outcome,
}

/// A value with its collection time and the last attempt.
pub(super) struct TrackedAs<ValueAs>(PhantomData<ValueAs>);

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<V> {
    observed: Option<Value<V>>,
    #[serde_as(as = "Option<AttemptRecord>")]
    attempt: Option<Attempt>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Value<V> {
    #[serde_as(as = "Millis")]
    at: Timestamp,
    value: V,
}

impl<T, ValueAs: SerializeAs<T>> SerializeAs<Tracked<T>> for TrackedAs<ValueAs> {
    fn serialize_as<S: Serializer>(tracked: &Tracked<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let Tracked { observed, attempt } = tracked;
        let observed = observed
            .as_ref()
            .map(|Observed { value, at }| Value { at: *at, value: SerializeAsWrap::<T, ValueAs>::new(value) });
        Fields { observed, attempt: *attempt }.serialize(serializer)
    }
}

impl<'de, T, ValueAs: DeserializeAs<'de, T>> DeserializeAs<'de, Tracked<T>> for TrackedAs<ValueAs> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Tracked<T>, D::Error> {
        let fields = Fields::<DeserializeAsWrap<T, ValueAs>>::deserialize(deserializer)?;
        let observed = fields.observed.map(|Value { at, value }| Observed { value: value.into_inner(), at });
        Ok(Tracked { observed, attempt: fields.attempt })
    }
}
