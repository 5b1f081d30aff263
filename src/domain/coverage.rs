//! Counts what could be protected, and holds the state of the connected domains.

use std::collections::BTreeMap;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{Compact, Counts};

/// Whether something that could be protected is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AccountState {
    /// It is backed up.
    Protected,
    /// It could be backed up and is not.
    Unprotected,
    /// Somebody decided that it is not backed up.
    Excluded,
    /// Its backup is paused.
    Paused,
    /// It is kept, and no longer backed up.
    Archived,
    /// The vendor gives no state, or one that is not known.
    Unknown,
}

/// How many accounts are in each state; `None` for a state that the vendor has no word for.
pub type AccountCounts = Counts<AccountState, { AccountState::COUNT }, Option<u64>>;

impl AccountCounts {
    /// Zero accounts in each of the states that a vendor distinguishes.
    #[must_use]
    pub fn distinguishing(states: &[AccountState]) -> Self {
        states.iter().map(|state| (*state, Some(0))).collect()
    }

    /// Counts one more account in this state.
    pub fn add(&mut self, state: AccountState) {
        self[state] = Some(self[state].unwrap_or(0) + 1);
    }
}

/// Whether the service can reach a customer's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DomainState {
    /// The connection is being made.
    Queued,
    /// The service has access.
    Connected,
    /// Access was lost: the application must be created again.
    ReconnectRequired,
    /// The vendor gives a state that is not known.
    Unknown,
}

impl DomainState {
    /// Of two records of one domain the worse one holds: the one with the lower number.
    const fn severity(self) -> u8 {
        match self {
            Self::ReconnectRequired => 0,
            Self::Unknown => 1,
            Self::Queued => 2,
            Self::Connected => 3,
        }
    }
}

/// Tells connected domains apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainKey {
    /// The domain's name.
    pub domain: String,
    /// The kind of directory behind it, in the vendor's word (`m365`, `gws`).
    pub directory: String,
}

/// A domain that the service was connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectedDomain {
    /// Whether the service can reach it.
    pub state: DomainState,
    /// Users in its directory; `None` where the vendor does not say.
    pub users: Option<u64>,
}

/// What could be protected at a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Accounts by state.
    pub accounts: AccountCounts,
}

impl Coverage {
    /// Whether there is no account at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.iter().all(|(_, count)| count.unwrap_or(0) == 0)
    }
}

/// The domains that a tenant's directory was connected with.
pub type Domains = Compact<DomainKey, ConnectedDomain>;

impl Domains {
    /// The domains of these records; of two records of one domain the worse state and the larger number of users hold.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = (DomainKey, ConnectedDomain)>) -> Self {
        let mut domains: BTreeMap<DomainKey, ConnectedDomain> = BTreeMap::new();
        for (key, record) in records {
            let domain = domains.entry(key).or_insert(record);
            *domain = ConnectedDomain {
                state: std::cmp::min_by_key(domain.state, record.state, |state| state.severity()),
                users: domain.users.max(record.users),
            };
        }
        domains.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_the_vendor_has_no_word_for_is_not_counted_as_zero() {
        let mut counts = AccountCounts::distinguishing(&[AccountState::Protected, AccountState::Unprotected]);
        counts.add(AccountState::Protected);
        assert_eq!(counts.get(AccountState::Protected), Some(1));
        assert_eq!(counts.get(AccountState::Unprotected), Some(0));
        assert_eq!(counts.get(AccountState::Archived), None);
    }

    #[test]
    fn of_two_records_of_one_domain_the_worse_state_holds() {
        let key = DomainKey { domain: "acme.example".to_owned(), directory: "m365".to_owned() };
        let domains = Domains::of([
            (key.clone(), ConnectedDomain { state: DomainState::ReconnectRequired, users: None }),
            (key.clone(), ConnectedDomain { state: DomainState::Connected, users: Some(3) }),
        ]);
        assert_eq!(domains[&key], ConnectedDomain { state: DomainState::ReconnectRequired, users: Some(3) });
        assert_eq!(domains.len(), 1);
    }
}
