//! Counts seats as the vendor reports them; nothing is derived.

/// How a shared mailbox is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SharedMailboxBilling {
    /// It takes a paid seat.
    Paid,
    /// It is free.
    Free,
}

impl SharedMailboxBilling {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Paid, Self::Free];

    /// The word used as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Free => "free",
        }
    }
}

/// A tenant's seat counters; `None` where the vendor does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    /// Seats in use.
    pub used: Option<u64>,
    /// Probably the seats bought, not the seats left: the vendor does not define it.
    pub available: Option<u64>,
    /// Seats whose account is backed up.
    pub active: Option<u64>,
    /// Seats whose account is deactivated.
    pub deactivated: Option<u64>,
    /// Seats that automatic licensing asks for.
    pub required: Option<u64>,
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
            shared_mailboxes_paid: self.shared_mailboxes_paid.or(other.shared_mailboxes_paid),
            shared_mailboxes_free: self.shared_mailboxes_free.or(other.shared_mailboxes_free),
        }
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
