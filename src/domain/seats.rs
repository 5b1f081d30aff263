//! Counts seats as reported by the vendor; nothing is derived.

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{AccountState, Compact, Counts, Timestamp};

/// How a shared mailbox is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SharedMailboxBilling {
    /// It takes a paid seat.
    Paid,
    /// It is free.
    Free,
}

/// The kind of seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SeatType {
    /// A person.
    User,
    /// A shared mailbox.
    SharedMailbox,
    /// A site.
    Site,
    /// The site of a team.
    TeamSite,
    /// A team.
    Team,
    /// A shared drive.
    SharedDrive,
    /// An unknown type.
    Other,
}

/// Whether a seat is backed up.
///
/// Datto bills active, paused and archived seats (its help on seats); what is billed is read from the rows, not derived
/// from this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SeatState {
    /// It is backed up.
    Active,
    /// Its backup is paused.
    Paused,
    /// It is kept, but no longer backed up.
    Archived,
    /// It could be backed up, but is not.
    Unprotected,
    /// The vendor reports no state, or an unknown one.
    Unknown,
}

impl SeatState {
    /// The seat state equivalent to an account state; `None` if there is none.
    const fn of_account(state: AccountState) -> Option<Self> {
        match state {
            AccountState::Protected => Some(Self::Active),
            AccountState::Unprotected => Some(Self::Unprotected),
            AccountState::Paused => Some(Self::Paused),
            AccountState::Archived => Some(Self::Archived),
            AccountState::Unknown => Some(Self::Unknown),
            AccountState::Excluded => None,
        }
    }
}

/// Seats of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatsOfType {
    /// Seats by state.
    pub states: Counts<SeatState, { SeatState::COUNT }>,
    /// The newest backup of any of them; `None` if the vendor does not say.
    pub newest_backup: Option<Timestamp>,
}

/// The result of collecting the seats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatReport {
    /// The counters.
    pub counts: SeatCounts,
    /// Seats by type; `None` if the vendor does not list them.
    pub by_type: Option<Compact<SeatType, SeatsOfType>>,
}

impl SeatReport {
    /// The number of listed seats that are accounts in this state; `None` if the vendor does not list or distinguish
    /// them.
    #[must_use]
    pub fn accounts(&self, state: AccountState) -> Option<u64> {
        let state = SeatState::of_account(state)?;
        Some(self.by_type.as_ref()?.values().map(|seats| seats.states[state]).sum())
    }
}

/// A tenant's seat counters; `None` if the vendor does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    /// Seats in use.
    pub used: Option<u64>,
    /// Seats purchased, whether or not in use (Dropsuite's own clients set the quantity from it).
    pub available: Option<u64>,
    /// Seats with a backed up account.
    pub active: Option<u64>,
    /// Seats with a deactivated account.
    pub deactivated: Option<u64>,
    /// Seats required by automatic licensing.
    pub required: Option<u64>,
    /// Seats that are billed.
    pub billable: Option<u64>,
    /// Shared mailboxes that take a paid seat.
    pub shared_mailboxes_paid: Option<u64>,
    /// Shared mailboxes that are free.
    pub shared_mailboxes_free: Option<u64>,
}

impl SeatCounts {
    /// These counters, supplemented by those of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            used: self.used.or(other.used),
            available: self.available.or(other.available),
            active: self.active.or(other.active),
            deactivated: self.deactivated.or(other.deactivated),
            required: self.required.or(other.required),
            billable: self.billable.or(other.billable),
            shared_mailboxes_paid: self.shared_mailboxes_paid.or(other.shared_mailboxes_paid),
            shared_mailboxes_free: self.shared_mailboxes_free.or(other.shared_mailboxes_free),
        }
    }

    /// Whether Dropsuite's licence counters are complete, so that no further request is needed. Datto's listing never
    /// contains them; what is billed is counted from the seats themselves.
    #[must_use]
    pub const fn has_every_counter(&self) -> bool {
        self.used.is_some()
            && self.available.is_some()
            && self.active.is_some()
            && self.deactivated.is_some()
            && self.required.is_some()
            && self.shared_mailboxes_paid.is_some()
            && self.shared_mailboxes_free.is_some()
    }

    /// The number of shared mailboxes that are billed like this.
    #[must_use]
    pub const fn shared_mailboxes(&self, billing: SharedMailboxBilling) -> Option<u64> {
        match billing {
            SharedMailboxBilling::Paid => self.shared_mailboxes_paid,
            SharedMailboxBilling::Free => self.shared_mailboxes_free,
        }
    }
}
