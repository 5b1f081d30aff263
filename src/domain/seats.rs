//! Counts seats as the vendor reports them; nothing is derived.

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

/// What a seat protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SeatType {
    /// A person.
    User,
    /// A shared mailbox.
    SharedMailbox,
    /// A site.
    Site,
    /// A team's site.
    TeamSite,
    /// A team.
    Team,
    /// A shared drive.
    SharedDrive,
    /// A type that is not known.
    Other,
}

/// Whether a seat is backed up. Datto bills active, paused and archived ones (its help on seats); what is billed is taken
/// from the rows and not worked out from this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SeatState {
    /// It is backed up.
    Active,
    /// Its backup is paused.
    Paused,
    /// It is kept, and no longer backed up.
    Archived,
    /// It could be backed up and is not.
    Unprotected,
    /// The vendor gives no state, or one that is not known.
    Unknown,
}

impl SeatState {
    /// The seat state that means the same as an account's state; `None` where no seat can be so.
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
    /// The seats in each state.
    pub states: Counts<SeatState, { SeatState::COUNT }>,
    /// The newest backup of any of them; `None` where the vendor does not say.
    pub newest_backup: Option<Timestamp>,
}

/// What an attempt at the seats brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatReport {
    /// The counters.
    pub counts: SeatCounts,
    /// Seats by type; `None` from a vendor that does not list them.
    pub by_type: Option<Compact<SeatType, SeatsOfType>>,
}

impl SeatReport {
    /// Listed seats that are accounts in this state; `None` from a vendor that does not list or know them.
    #[must_use]
    pub fn accounts(&self, state: AccountState) -> Option<u64> {
        let state = SeatState::of_account(state)?;
        Some(self.by_type.as_ref()?.values().map(|seats| seats.states[state]).sum())
    }
}

/// A tenant's seat counters; `None` where the vendor does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    /// Seats in use.
    pub used: Option<u64>,
    /// Seats purchased, used or not (Dropsuite's own clients set the quantity from it).
    pub available: Option<u64>,
    /// Seats whose account is backed up.
    pub active: Option<u64>,
    /// Seats whose account is deactivated.
    pub deactivated: Option<u64>,
    /// Seats that automatic licensing asks for.
    pub required: Option<u64>,
    /// Seats that are billed.
    pub billable: Option<u64>,
    /// Shared mailboxes that take a paid seat.
    pub shared_mailboxes_paid: Option<u64>,
    /// Shared mailboxes that are free.
    pub shared_mailboxes_free: Option<u64>,
}

impl SeatCounts {
    /// These counters, and `other`'s where these do not say.
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

    /// Whether every licence counter of Dropsuite is given, so that nothing is left to ask for; Datto's listing never has
    /// them. What is billed is counted from the seats themselves.
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

    /// The shared mailboxes billed in this way.
    #[must_use]
    pub const fn shared_mailboxes(&self, billing: SharedMailboxBilling) -> Option<u64> {
        match billing {
            SharedMailboxBilling::Paid => self.shared_mailboxes_paid,
            SharedMailboxBilling::Free => self.shared_mailboxes_free,
        }
    }
}
