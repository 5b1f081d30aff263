//! Counts what could be protected, and holds the state of the connected domains.

use super::Compact;

/// Whether something that could be protected is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Protected, Self::Unprotected, Self::Excluded, Self::Paused, Self::Archived, Self::Unknown];

    /// The word used as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Unprotected => "unprotected",
            Self::Excluded => "excluded",
            Self::Paused => "paused",
            Self::Archived => "archived",
            Self::Unknown => "unknown",
        }
    }
}

/// How many accounts are in each state; `None` for a state that the vendor has no word for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts([Option<u64>; AccountState::ALL.len()]);

impl AccountCounts {
    /// Zero accounts in each of the states that a vendor distinguishes.
    #[must_use]
    pub fn distinguishing(states: &[AccountState]) -> Self {
        let mut counts = Self::default();
        for state in states {
            counts.0[*state as usize] = Some(0);
        }
        counts
    }

    /// Counts one more account in this state.
    pub fn add(&mut self, state: AccountState) {
        let count = &mut self.0[state as usize];
        *count = Some(count.unwrap_or(0) + 1);
    }

    /// These counts, with this many accounts in one state.
    #[must_use]
    pub const fn with(mut self, state: AccountState, count: u64) -> Self {
        self.0[state as usize] = Some(count);
        self
    }

    /// The accounts in this state; `None` where the vendor cannot tell.
    #[must_use]
    pub const fn get(&self, state: AccountState) -> Option<u64> {
        self.0[state as usize]
    }
}

/// Whether the service can reach a customer's domain.
///
/// Ordered from best to worst, so that of two records the worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DomainState {
    /// The service has access.
    Connected,
    /// The connection is being made.
    Queued,
    /// The vendor gives a state that is not known.
    Unknown,
    /// Access was lost: the application must be created again.
    ReconnectRequired,
}

impl DomainState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Connected, Self::ReconnectRequired, Self::Unknown];

    /// The word used as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Connected => "connected",
            Self::ReconnectRequired => "reconnect_required",
            Self::Unknown => "unknown",
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
    /// The connected domains.
    pub domains: Compact<DomainKey, ConnectedDomain>,
}

impl Coverage {
    /// Adds a domain; of two records of one domain the worse state and the larger number of users hold.
    pub fn add_domain(&mut self, key: DomainKey, domain: ConnectedDomain) {
        let worse = self.domains.get(&key).map_or(domain, |known| ConnectedDomain {
            state: known.state.max(domain.state),
            users: known.users.max(domain.users),
        });
        self.domains.insert(key, worse);
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
        let mut coverage = Coverage::default();
        coverage.add_domain(key.clone(), ConnectedDomain { state: DomainState::ReconnectRequired, users: None });
        coverage.add_domain(key.clone(), ConnectedDomain { state: DomainState::Connected, users: Some(3) });
        assert_eq!(coverage.domains[&key], ConnectedDomain { state: DomainState::ReconnectRequired, users: Some(3) });
    }
}
