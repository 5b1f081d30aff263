//! Holds facts about a tenant that change slowly and cost many requests.

use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{Compact, Observed, Timestamp};

/// The kind of a journal mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum JournalType {
    /// Receives copies of all mail.
    Journal,
    /// Receives non-delivery reports of journaling.
    NonDelivery,
}

/// One list of life-cycle facts; each is requested, and fails, independently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LifecycleFact {
    /// Accounts that the service cannot connect to.
    ConnectionFailures,
    /// Accounts whose backups are kept, but no longer made.
    DeactivatedAccounts,
    /// Accounts deleted from the service.
    DeletedAccounts,
    /// Invitations.
    PendingInvites,
    /// Delegated users.
    DelegatedUsers,
    /// Retention policies, with the shortest period.
    RetentionPolicies,
    /// Journal mailboxes.
    Journals,
    /// Journal mailboxes for non-delivery reports.
    NonDeliveryJournals,
}

/// Life-cycle facts; `None` if the vendor does not say or the product is not licensed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Accounts that the service cannot connect to.
    pub connection_failures: Option<u64>,
    /// Accounts whose backups are kept, but no longer made.
    pub deactivated_accounts: Option<u64>,
    /// Accounts deleted from the service.
    pub deleted_accounts: Option<u64>,
    /// Invitations that have not expired.
    pub pending_invites: Option<u64>,
    /// People with access to the portal who are not backed up.
    pub delegated_users: Option<u64>,
    /// Retention policies.
    pub retention_policies: Option<u64>,
    /// The shortest retention period of any policy; `None` if no policy has one.
    pub shortest_retention: Option<Duration>,
    /// Journal mailboxes.
    pub journals: Option<u64>,
    /// Journal mailboxes for non-delivery reports.
    pub non_delivery_journals: Option<u64>,
    /// Facts that are older than the others, because their lists failed or were rejected, with the time at which each was
    /// collected.
    pub older: Compact<LifecycleFact, Timestamp>,
}

impl Lifecycle {
    /// These facts, supplemented by the previous values of those whose lists returned none.
    #[must_use]
    pub fn keeping(mut self, missing: &[LifecycleFact], known: Option<&Observed<Self>>) -> Self {
        for fact in missing {
            let Some(Observed { value, at }) = known else { continue };
            self.set(*fact, value);
            let at = value.older.get(fact).copied().unwrap_or(*at);
            self.older.insert(*fact, at);
        }
        self
    }

    /// When the oldest of these facts was collected, given that all but the older ones were collected at `at`.
    #[must_use]
    pub fn oldest(&self, at: Timestamp) -> Timestamp {
        self.older.values().copied().fold(at, Timestamp::min)
    }

    /// These facts without those that have expired at `now`.
    #[must_use]
    pub fn expire(self, now: Timestamp, stale_after: Duration) -> Self {
        let (stale, older): (Vec<_>, Vec<_>) = self.older.into_iter().partition(|(_, at)| now.since(*at) > stale_after);
        let mut kept = Self { older: older.into_iter().collect(), ..self };
        stale.into_iter().for_each(|(fact, _)| kept.set(fact, &Self::default()));
        kept
    }

    /// These facts after the clock was set back by `step`.
    #[must_use]
    pub fn set_back(self, step: Duration) -> Self {
        let older = self.older.into_iter().map(|(fact, at)| (fact, at.before(step)));
        Self { older: older.collect(), ..self }
    }

    /// Copies one fact.
    const fn set(&mut self, fact: LifecycleFact, from: &Self) {
        match fact {
            LifecycleFact::ConnectionFailures => self.connection_failures = from.connection_failures,
            LifecycleFact::DeactivatedAccounts => self.deactivated_accounts = from.deactivated_accounts,
            LifecycleFact::DeletedAccounts => self.deleted_accounts = from.deleted_accounts,
            LifecycleFact::PendingInvites => self.pending_invites = from.pending_invites,
            LifecycleFact::DelegatedUsers => self.delegated_users = from.delegated_users,
            LifecycleFact::RetentionPolicies => {
                self.retention_policies = from.retention_policies;
                self.shortest_retention = from.shortest_retention;
            }
            LifecycleFact::Journals => self.journals = from.journals,
            LifecycleFact::NonDeliveryJournals => self.non_delivery_journals = from.non_delivery_journals,
        }
    }

    /// The journal mailboxes of this kind.
    #[must_use]
    pub const fn journals(&self, journal_type: JournalType) -> Option<u64> {
        match journal_type {
            JournalType::Journal => self.journals,
            JournalType::NonDelivery => self.non_delivery_journals,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_fact_whose_list_failed_keeps_its_value_and_its_time_until_it_is_stale() {
        let facts = |count| Lifecycle {
            pending_invites: Some(count),
            retention_policies: Some(count),
            shortest_retention: Some(Duration::from_secs(count)),
            ..Lifecycle::default()
        };
        let failed = [LifecycleFact::RetentionPolicies];
        let fresh = |count| Lifecycle { retention_policies: None, shortest_retention: None, ..facts(count) };
        let known = Observed { value: facts(1), at: at(10) };
        let once = Observed { value: fresh(2).keeping(&failed, Some(&known)), at: at(20) };
        let twice = fresh(3).keeping(&failed, Some(&once));
        assert_eq!(
            (twice.pending_invites, twice.retention_policies, twice.shortest_retention),
            (Some(3), Some(1), Some(Duration::from_secs(1))),
        );
        assert_eq!(twice.oldest(at(30)), at(10), "the time of the first observation");
        let stale_after = Duration::from_secs(60);
        assert_eq!(twice.clone().expire(at(70), stale_after), twice);
        assert_eq!(twice.expire(at(71), stale_after), fresh(3));
        assert_eq!(fresh(1).keeping(&failed, None), fresh(1), "nothing was known");
        assert_eq!(facts(5).keeping(&[], Some(&once)), facts(5), "a list that works again is fresh");
    }
}
