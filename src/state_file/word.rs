//! Writes closed sets as the words that are their label values, and reads no other word.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::domain::intern;
use crate::domain::{
    AccountState, BackupStatus, DomainState, DriftKind, Outcome, Provider, ResourceState, SeatState, SeatType,
    StatusWord, TenantStatus, Workload,
};

/// Stands before the name of an application that no workload is made for, which may be a workload's own.
const OTHER: &str = "other:";

/// A value of a closed set, as its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word<T>(pub(super) T);

/// A closed set of words.
pub(super) trait Spoken: Copy {
    /// The word.
    fn word(self) -> Cow<'static, str>;
    /// What the word stands for; `None` where it is none of these.
    fn find(word: &str) -> Option<Self>;
}

macro_rules! spoken {
    ($($set:ident: $all:expr),+ $(,)?) => {
        $(impl Spoken for $set {
            fn word(self) -> Cow<'static, str> {
                self.as_str().into()
            }

            fn find(word: &str) -> Option<Self> {
                $all.into_iter().find(|known: &Self| known.as_str() == word)
            }
        })+
    };
}

spoken! {
    AccountState: Self::ALL,
    BackupStatus: Self::ALL,
    DomainState: Self::ALL,
    DriftKind: [
        Self::Missing, Self::Retyped, Self::UnknownWord, Self::OutOfRange, Self::UndecodableRecord,
        Self::ForeignRecord, Self::ConflictingRecord,
    ],
    Outcome: Self::ALL,
    Provider: [Self::Dropsuite, Self::Datto],
    ResourceState: Self::ALL,
    SeatState: Self::ALL,
    SeatType: [
        Self::User, Self::SharedMailbox, Self::Site, Self::TeamSite, Self::Team, Self::SharedDrive, Self::Other,
    ],
    StatusWord: Self::ALL,
    TenantStatus: Self::ALL,
}

impl Spoken for Workload {
    fn word(self) -> Cow<'static, str> {
        match self {
            Self::Other(name) => format!("{OTHER}{name}").into(),
            known => known.as_str().into(),
        }
    }

    fn find(word: &str) -> Option<Self> {
        match word.strip_prefix(OTHER) {
            Some(name) => intern::APPLICATIONS.interned(name).map(Self::Other),
            None => Self::ALL.into_iter().find(|known| known.as_str() == word),
        }
    }
}

impl<T: Spoken> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.word())
    }
}

impl<'de, T: Spoken> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOf<T>(PhantomData<T>);
        impl<T: Spoken> Visitor<'_> for OneOf<T> {
            type Value = Word<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a known word")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                T::find(word).map(Word).ok_or_else(|| E::custom("a word that is not known"))
            }
        }
        deserializer.deserialize_str(OneOf(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returns<T: Spoken + PartialEq + fmt::Debug>(all: impl IntoIterator<Item = T>) {
        for value in all {
            assert_eq!(T::find(&value.word()), Some(value));
        }
        assert!(T::find("no such word").is_none());
    }

    #[test]
    fn every_word_stands_for_what_it_was_written_for() {
        returns(AccountState::ALL);
        returns(BackupStatus::ALL);
        returns(DomainState::ALL);
        returns(Outcome::ALL);
        returns(ResourceState::ALL);
        returns(SeatState::ALL);
        returns(StatusWord::ALL);
        returns(TenantStatus::ALL);
        returns(Workload::ALL);
        // The compiler points here when one of these gets a variant.
        returns([Provider::Dropsuite, Provider::Datto].map(|provider| match provider {
            Provider::Dropsuite | Provider::Datto => provider,
        }));
        use DriftKind as D;
        let all = [
            D::Missing,
            D::Retyped,
            D::UnknownWord,
            D::OutOfRange,
            D::UndecodableRecord,
            D::ForeignRecord,
            D::ConflictingRecord,
        ];
        returns(all.map(|kind| match kind {
            D::Missing | D::Retyped | D::UnknownWord | D::OutOfRange => kind,
            D::UndecodableRecord | D::ForeignRecord | D::ConflictingRecord => kind,
        }));
        use SeatType as S;
        returns([S::User, S::SharedMailbox, S::Site, S::TeamSite, S::Team, S::SharedDrive, S::Other].map(|seat| {
            match seat {
                S::User | S::SharedMailbox | S::Site | S::TeamSite | S::Team | S::SharedDrive | S::Other => seat,
            }
        }));
    }

    #[test]
    fn an_application_with_a_workloads_name_stays_apart_from_it() {
        returns([Workload::Other("planner"), Workload::Other("mail"), Workload::Mail]);
    }
}
