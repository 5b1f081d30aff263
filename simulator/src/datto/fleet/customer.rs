//! Generates a customer's identity: id, domains, subscriptions, organization and product.

use std::collections::BTreeMap;

use super::app::{App, Suite};
use super::{Quirk, Quirks, SeatState};
use crate::random::draw;
use crate::text::host_label;

/// One customer; only its name and seed are stored, everything else is drawn again when asked for.
#[derive(Clone, Debug)]
pub struct Customer {
    pub(super) index: usize,
    pub(super) seed: u64,
    name: String,
    quirk: Quirk,
    quirks: Quirks,
    seats: usize,
    /// Seats whose state was changed through the API, by their position.
    pub(super) changes: BTreeMap<usize, SeatState>,
}

/// What is backed up of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    Microsoft,
    Google,
}

impl Product {
    /// The word of `productType`, and of the suite: for Google Workspace the latter is a guess.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Microsoft => "Office365",
            Self::Google => "GoogleApps",
        }
    }
}

impl Customer {
    pub(super) fn new(index: usize, seed: u64, name: String, quirk: Quirk, seats: u16) -> Self {
        Self { index, seed, name, quirk, quirks: quirk.quirks(), seats: seats.into(), changes: BTreeMap::new() }
    }

    /// The customer's name as people know it; not unique.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is peculiar about the customer.
    #[must_use]
    pub fn quirk(&self) -> Quirk {
        self.quirk
    }

    /// How its data differs from a healthy customer's.
    pub(crate) fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// The suites with their apps.
    pub(crate) fn suites(&self) -> &'static [Suite] {
        self.quirks.suites
    }

    /// The apps of all suites.
    pub(crate) fn apps(&self) -> impl Iterator<Item = App> {
        self.suites().iter().flat_map(|suite| suite.apps).copied()
    }

    /// The vendor's number.
    #[must_use]
    pub fn id(&self) -> u64 {
        // The blocks of neighbours do not overlap, so ids rise with the index and never repeat.
        const BLOCK: u64 = 37;
        20_000 + self.index as u64 * BLOCK + draw(self.seed, "id", 0).u64(..BLOCK)
    }

    /// The id in the form of the vendor's document, `cust-001`.
    #[must_use]
    pub fn documented_id(&self) -> String {
        format!("cust-{:03}", self.index + 1)
    }

    /// How many seats the customer has, in every state.
    #[must_use]
    pub fn seat_count(&self) -> usize {
        self.seats
    }

    /// How many domain records the customer has.
    #[must_use]
    pub fn domain_count(&self) -> usize {
        self.quirks.domains
    }

    /// The domain of one record; the first is the primary one.
    #[must_use]
    pub fn domain(&self, record: usize) -> String {
        let label = host_label(&self.name);
        let unique = if self.quirks.numbered_domain { format!("{label}-{}", self.id()) } else { label };
        match record {
            0 => format!("{unique}.example"),
            other => format!("{unique}-{other}.example"),
        }
    }

    /// `externalSubscriptionId` of one record.
    #[must_use]
    pub fn subscription(&self, record: usize) -> String {
        let number = self.subscription_number(record);
        if self.quirks.short_subscription {
            format!("Classic:{number}")
        } else {
            format!("Classic:{}:{number}", self.product().word())
        }
    }

    /// The subscription in the form of the vendor's document, `sub-300008`.
    pub(crate) fn documented_subscription(&self, record: usize) -> String {
        format!("sub-{}", self.subscription_number(record))
    }

    fn subscription_number(&self, record: usize) -> usize {
        300_000 + self.index * 8 + record
    }

    /// The organization's id and name in the partner portal; `None` where the vendor sends null.
    pub(crate) fn organization(&self) -> Option<(u64, &str)> {
        (!self.quirks.no_organization).then(|| (500_000 + self.index as u64, self.name.as_str()))
    }

    pub(crate) fn product(&self) -> Product {
        self.quirks.product
    }

    /// Whether a person could mean this customer.
    pub(crate) fn is_called(&self, name_or_id: &str) -> bool {
        self.name == name_or_id || self.id().to_string() == name_or_id || self.documented_id() == name_or_id
    }
}
