//! Describes the contents of the vendors' fields, for recording responses without their values.

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// Something that identifies a record.
    Id,
    /// A token.
    Secret,
    /// A small number that decides how a list continues, or how much is counted.
    Count,
    /// A number of items or bytes.
    Amount,
    /// The address of another page.
    Link,
    /// A word, and whether it is one of the public words that the clients know.
    Word(fn(&str) -> Recognized),
    /// A time.
    Time,
    /// Such a word or a time.
    WordOrTime(fn(&str) -> Recognized),
    /// Anything else, such as a name or a list.
    Other,
}

impl Role {
    /// How the words of the field are recognized; `None` if it holds none.
    #[must_use]
    pub fn recognize(self) -> Option<fn(&str) -> Recognized> {
        match self {
            Self::Word(recognize) | Self::WordOrTime(recognize) => Some(recognize),
            Self::Id | Self::Secret | Self::Count | Self::Amount | Self::Link | Self::Time | Self::Other => None,
        }
    }

    /// Whether the field holds times, so that a number in it is one.
    #[must_use]
    pub const fn may_be_time(self) -> bool {
        matches!(self, Self::Time | Self::WordOrTime(_))
    }
}

/// Whether the clients know a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognized {
    /// They do.
    Known,
    /// They do not, but take it for a failure.
    Failure,
    /// They do not.
    Unknown,
}

impl Recognized {
    pub(super) const fn when(is_known: bool) -> Self {
        if is_known { Self::Known } else { Self::Unknown }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, Visitor};

    /// Takes the names of a record's fields from its decoder.
    #[derive(Debug)]
    struct Names(Vec<&'static str>);

    struct Asked;

    impl fmt::Display for Names {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "{:?}", self.0)
        }
    }

    impl std::error::Error for Names {}

    impl serde::de::Error for Names {
        fn custom<T: fmt::Display>(_: T) -> Self {
            Self(Vec::new())
        }
    }

    impl<'de> Deserializer<'de> for Asked {
        type Error = Names;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Names> {
            Err(Names(Vec::new()))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Names> {
            Err(Names(fields.to_vec()))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    /// The names of the fields that a record's decoder reads.
    pub(in crate::provider) fn fields_of<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
        let names = T::deserialize(Asked).err().map(|names| names.0).unwrap_or_default();
        assert!(!names.is_empty());
        names
    }
}
