//! Gives the closed sets of the domain their label values, and their indices in [`Counts`](super::Counts).

use super::{
    AccountState, BackupStatus, DomainState, DriftKind, JournalType, LifecycleFact, Outcome, Provider, ResourceState,
    SeatState, SeatType, SharedMailboxBilling, StatusWord, TenantProgress, TenantStatus, WorkloadState,
    restore::RestoreResult, roster::Presence,
};

macro_rules! closed_sets {
    ($($set:ident),+ $(,)?) => {
        $(impl $set {
            /// The label value: the variant's name in snake case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                self.into()
            }
        }

        impl From<$set> for usize {
            /// The position in the declaration.
            fn from(member: $set) -> Self {
                member as Self
            }
        })+
    };
}

closed_sets! {
    AccountState, BackupStatus, DomainState, DriftKind, JournalType, LifecycleFact, Outcome, Presence, Provider, ResourceState,
    RestoreResult,
    SeatState, SeatType, SharedMailboxBilling, StatusWord, TenantProgress, TenantStatus, WorkloadState,
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::str::FromStr;

    use strum::{EnumCount, IntoEnumIterator};

    use super::*;
    use crate::domain::Workload;

    fn holds<T: Copy + Debug + PartialEq + EnumCount + IntoEnumIterator + FromStr>(word: impl Fn(T) -> &'static str) {
        assert_eq!(T::iter().count(), T::COUNT);
        for member in T::iter() {
            assert_eq!(word(member).parse::<T>().ok(), Some(member));
            assert!(word(member).bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{member:?}");
        }
        assert!("no such word".parse::<T>().is_err());
    }

    #[test]
    fn every_label_value_names_one_member() {
        holds(AccountState::as_str);
        holds(BackupStatus::as_str);
        holds(DomainState::as_str);
        holds(DriftKind::as_str);
        holds(JournalType::as_str);
        holds(LifecycleFact::as_str);
        holds(Outcome::as_str);
        holds(Presence::as_str);
        holds(RestoreResult::as_str);
        holds(Provider::as_str);
        holds(ResourceState::as_str);
        holds(SeatState::as_str);
        holds(SeatType::as_str);
        holds(SharedMailboxBilling::as_str);
        holds(StatusWord::as_str);
        holds(TenantProgress::as_str);
        holds(TenantStatus::as_str);
        holds(Workload::as_str);
        holds(WorkloadState::as_str);
    }
}
