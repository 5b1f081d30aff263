//! Holds the facts about a tenant that change slowly and cost many requests.

use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The kind of a journal mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum JournalType {
    /// Receives copies of all mail.
    Journal,
    /// Receives non-delivery reports of journaling.
    NonDelivery,
}

/// Life-cycle facts; `None` where the vendor does not say or the product is not licensed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Accounts that the service cannot connect to.
    pub connection_failures: Option<u64>,
    /// Accounts kept, and no longer backed up.
    pub deactivated_accounts: Option<u64>,
    /// Accounts deleted from the service.
    pub deleted_accounts: Option<u64>,
    /// Invitations that have not expired.
    pub pending_invites: Option<u64>,
    /// People who may use the portal without being backed up.
    pub delegated_users: Option<u64>,
    /// Retention policies.
    pub retention_policies: Option<u64>,
    /// The shortest period that any retention policy keeps backups for; `None` where no policy has one.
    pub shortest_retention: Option<Duration>,
    /// Journal mailboxes.
    pub journals: Option<u64>,
    /// Journal mailboxes for non-delivery reports.
    pub non_delivery_journals: Option<u64>,
}

impl Lifecycle {
    /// The journal mailboxes of this kind.
    #[must_use]
    pub const fn journals(&self, journal_type: JournalType) -> Option<u64> {
        match journal_type {
            JournalType::Journal => self.journals,
            JournalType::NonDelivery => self.non_delivery_journals,
        }
    }
}
