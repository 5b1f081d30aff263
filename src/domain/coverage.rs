//! Counts the protectable accounts, and holds the state of the connected domains.

use std::collections::BTreeMap;

use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{Compact, Counts, Observed, Timestamp};

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
    /// The severity: of two records of one domain, the one with the lower number applies.
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
    /// When it was observed, if earlier than the others; `None` if with them.
    pub observed_at: Option<Timestamp>,
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
    /// The domains of these records; of two records of one domain the worse state and the larger number of users apply.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = (DomainKey, ConnectedDomain)>) -> Self {
        let mut domains: BTreeMap<DomainKey, ConnectedDomain> = BTreeMap::new();
        for (key, record) in records {
            let domain = domains.entry(key).or_insert(record);
            *domain = ConnectedDomain {
                state: std::cmp::min_by_key(domain.state, record.state, |state| state.severity()),
                users: domain.users.max(record.users),
                observed_at: None,
            };
        }
        domains.into_iter().collect()
    }

    /// These domains of a list with unreadable rows, and the known ones that may be in such a row, with the time
    /// at which they were observed.
    #[must_use]
    pub fn keeping(self, known: Option<&Observed<Self>>) -> Self {
        let Some(Observed { value, at }) = known else { return self };
        let missing = value.iter().filter(|(key, _)| !self.contains_key(key));
        let kept = missing.map(|(key, domain)| {
            let observed_at = domain.observed_at.or(Some(*at));
            (key.clone(), ConnectedDomain { observed_at, ..*domain })
        });
        let kept: Vec<_> = kept.collect();
        self.into_iter().chain(kept).collect()
    }

    /// When the oldest of these domains was observed; those without an earlier time were observed at `at`.
    #[must_use]
    pub fn oldest(&self, at: Timestamp) -> Timestamp {
        self.values().filter_map(|domain| domain.observed_at).fold(at, Timestamp::min)
    }

    /// These domains without those that have expired at `now`.
    #[must_use]
    pub fn expire(self, now: Timestamp, stale_after: Duration) -> Self {
        let is_fresh = |domain: &ConnectedDomain| domain.observed_at.is_none_or(|at| now.since(at) <= stale_after);
        self.into_iter().filter(|(_, domain)| is_fresh(domain)).collect()
    }

    /// These domains after the clock was set back by `step`.
    #[must_use]
    pub fn set_back(self, step: Duration) -> Self {
        let back = |domain: ConnectedDomain| {
            let observed_at = domain.observed_at.map(|at| at.before(step));
            ConnectedDomain { observed_at, ..domain }
        };
        self.into_iter().map(|(key, domain)| (key, back(domain))).collect()
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
        let key = key("acme.example");
        let of = |state, users| ConnectedDomain { state, users, observed_at: None };
        let domains = Domains::of([
            (key.clone(), of(DomainState::ReconnectRequired, None)),
            (key.clone(), of(DomainState::Connected, Some(3))),
        ]);
        assert_eq!(domains[&key], of(DomainState::ReconnectRequired, Some(3)));
        assert_eq!(domains.len(), 1);
    }

    fn key(domain: &str) -> DomainKey {
        DomainKey { domain: domain.to_owned(), directory: "m365".to_owned() }
    }

    #[test]
    fn a_domain_whose_row_cannot_be_read_keeps_its_state_and_grows_old_alone() {
        let hour = |hours: i64| Timestamp::from_millis(hours * 3_600_000);
        let domains = |states: &[(&str, DomainState, Option<i64>)]| -> Domains {
            let of = |state, at: Option<i64>| ConnectedDomain { state, users: Some(1), observed_at: at.map(hour) };
            states.iter().map(|(name, state, at)| (key(name), of(*state, *at))).collect()
        };
        let (connected, reconnect) = (DomainState::Connected, DomainState::ReconnectRequired);
        let known = Observed { value: domains(&[("a", connected, None), ("b", connected, None)]), at: hour(0) };
        let readable = |state| domains(&[("a", state, None)]);
        assert_eq!(readable(reconnect).keeping(None), readable(reconnect), "nothing is known of the others");
        let value = readable(reconnect).keeping(Some(&known));
        assert_eq!(value, domains(&[("a", reconnect, None), ("b", connected, Some(0))]));
        let again = readable(connected).keeping(Some(&Observed { value, at: hour(5) }));
        assert_eq!(again, domains(&[("a", connected, None), ("b", connected, Some(0))]), "it gets no younger");
        assert_eq!((again.oldest(hour(6)), readable(connected).oldest(hour(6))), (hour(0), hour(6)));
        let day = Duration::from_secs(24 * 60 * 60);
        assert_eq!(again.clone().expire(hour(24), day), again);
        assert_eq!(again.clone().expire(hour(25), day), readable(connected));
        let back = again.set_back(Duration::from_secs(2 * 60 * 60));
        assert_eq!(back, domains(&[("a", connected, None), ("b", connected, Some(-2))]));
    }
}
