//! Counts the protectable accounts, and holds the state of the connected domains.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{Compact, Counts};

/// Whether a protectable account is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AccountState {
    /// It is backed up.
    Protected,
    /// It could be backed up, but is not.
    Unprotected,
    /// It was deliberately excluded from backup.
    Excluded,
    /// Its backup is paused.
    Paused,
    /// Its backups are kept, but no new ones are made.
    Archived,
    /// The vendor reports no state, or an unknown one.
    Unknown,
}

/// Number of accounts by state; `None` for a state that the vendor has no word for.
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

/// Whether the service can access a customer's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DomainState {
    /// The connection is being set up.
    Queued,
    /// The service has access.
    Connected,
    /// Access was lost: the application must be recreated.
    ReconnectRequired,
    /// The vendor reports an unknown state.
    Unknown,
}

impl DomainState {
    /// Of two records of one domain the worse applies: the one with the lower number.
    const fn severity(self) -> u8 {
        match self {
            Self::ReconnectRequired => 0,
            Self::Unknown => 1,
            Self::Queued => 2,
            Self::Connected => 3,
        }
    }
}

/// The identity of a connected domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainKey {
    /// The domain's name.
    pub domain: String,
    /// The type of its directory, in the vendor's term (`m365`, `gws`).
    pub directory: String,
}

/// A domain that was connected to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectedDomain {
    /// Whether the service can access it.
    pub state: DomainState,
    /// Users in its directory; `None` if the vendor does not say.
    pub users: Option<u64>,
}

/// The protectable accounts of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Accounts by state.
    pub accounts: AccountCounts,
}

impl Coverage {
    /// Whether there are no accounts at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.iter().all(|(_, count)| count.unwrap_or(0) == 0)
    }
}

/// The connected domains of a tenant.
pub type Domains = Compact<DomainKey, ConnectedDomain>;

impl Domains {
    /// Adds a domain; of two records of one domain the worse state and the larger number of users apply.
    pub fn add_domain(&mut self, key: DomainKey, domain: ConnectedDomain) {
        let worse = self.get(&key).map_or(domain, |known| ConnectedDomain {
            state: std::cmp::min_by_key(known.state, domain.state, |state| state.severity()),
            users: known.users.max(domain.users),
        });
        self.insert(key, worse);
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
        let mut domains = Domains::default();
        domains.add_domain(key.clone(), ConnectedDomain { state: DomainState::ReconnectRequired, users: None });
        domains.add_domain(key.clone(), ConnectedDomain { state: DomainState::Connected, users: Some(3) });
        assert_eq!(domains[&key], ConnectedDomain { state: DomainState::ReconnectRequired, users: Some(3) });
    }
}
