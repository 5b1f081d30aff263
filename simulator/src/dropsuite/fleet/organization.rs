//! Describes one customer: names, logins, seats and what is licensed.

use std::fmt;

use super::quirk::{Departed, Seats};
use super::{Kind, Quirk, Quirks};
use crate::names::PRIVATE_MARKER;
use crate::random::{draw, pick, uuid};
use crate::text::host_label;

/// The vendor's word for Microsoft 365.
pub(crate) const SUITE_MICROSOFT: &str = "m365";
/// The vendor's word for Google Workspace.
pub(crate) const SUITE_GOOGLE: &str = "gws";

/// One customer.
pub struct Organization {
    index: usize,
    seed: u64,
    name: String,
    quirk: Quirk,
    quirks: Quirks,
    mailboxes: u16,
}

/// One login of a customer: a row of the vendor's list.
pub(crate) struct Login {
    pub(crate) id: String,
    /// Opens everything below the organization; empty for some.
    pub(crate) token: String,
    pub(crate) admin: bool,
    pub(crate) email: String,
}

/// Whether a product can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Licence {
    Granted,
    /// The vendor answers 403.
    Forbidden,
    /// The vendor answers 404.
    Missing,
}

impl Organization {
    pub(super) fn new(index: usize, seed: u64, name: String, quirk: Quirk, mailboxes: u16) -> Self {
        Self { index, seed, name, quirk, quirks: quirk.quirks(), mailboxes }
    }

    /// The name as the vendor sends it; empty when the vendor sends none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is peculiar about it.
    #[must_use]
    pub fn quirk(&self) -> Quirk {
        self.quirk
    }

    /// How its data differs from a healthy organization's.
    pub(crate) fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// The vendor's number of the organization.
    #[must_use]
    pub fn organization_id(&self) -> u64 {
        18_000 + self.index as u64
    }

    /// The suffixed id (`440032-6`) of the administrator's login, by which the portal knows the organization.
    #[must_use]
    pub fn login_id(&self) -> String {
        self.login(self.quirks.admin_login).id
    }

    /// The name of the primary domain.
    #[must_use]
    pub fn domain(&self) -> String {
        match host_label(&self.name) {
            label if label.is_empty() || self.quirks.numbered_domain => {
                format!("customer-{}.example", self.organization_id())
            }
            label => format!("{label}.example"),
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// The login to ask by: the administrator's if it has a token, else the first with one, else the first.
    pub(crate) fn preferred_login(&self) -> Login {
        let mut logins: Vec<_> = (0..self.login_count()).map(|position| self.login(position)).collect();
        logins.sort_by_key(|login| (login.token.is_empty(), !login.admin));
        logins.swap_remove(0)
    }

    pub(crate) fn login_count(&self) -> u8 {
        self.quirks.logins
    }

    pub(crate) fn login(&self, position: u8) -> Login {
        let without_token = position == 0 && self.quirks.first_login_lacks_token;
        let random = &mut draw(self.seed, "login", usize::from(position));
        // Many resellers register customers with their own address, so an address is not a key.
        let email = match self.index % 3 {
            0 => format!("backup.{PRIVATE_MARKER}@bluepeak-managed-services.example"),
            _ => format!("it-login{position}.{PRIVATE_MARKER}@{}", self.domain()),
        };
        Login {
            id: format!("{}-6", 440_032 + self.index * 4 + usize::from(position)),
            token: if without_token { String::new() } else { uuid(random) },
            admin: position == self.quirks.admin_login,
            email,
        }
    }

    pub(crate) fn external_id(&self) -> Option<String> {
        let random = &mut draw(self.seed, "external id", 0);
        random.bool().then(|| format!("crm-{:06}-{PRIVATE_MARKER}", random.u32(..1_000_000)))
    }

    pub(crate) fn suite(&self) -> &'static str {
        self.quirks.suite
    }

    pub(crate) fn is_archiver(&self) -> bool {
        self.quirks.archiver
    }

    /// The id of the plan, as the list of plans has it.
    pub(crate) fn plan_id(&self) -> &'static str {
        match (self.is_archiver(), pick(&mut draw(self.seed, "plan", 0), &[true, false])) {
            (true, _) => "163850-14",
            (false, true) => "163847-14",
            (false, false) => "163848-14",
        }
    }

    /// Mailboxes of people who left, the last of the list; their data is kept.
    pub(crate) fn departed(&self) -> usize {
        match self.quirks.departed {
            Departed::Everybody => self.mailboxes(),
            Departed::Many => (self.mailboxes() / 8).max(2),
            Departed::Few if self.mailboxes > 30 => draw(self.seed, "departed", 0).usize(..3),
            Departed::Few | Departed::Nobody => 0,
        }
    }

    pub(crate) fn mailboxes(&self) -> usize {
        usize::from(self.mailboxes)
    }

    pub(crate) fn seats_used(&self) -> usize {
        self.mailboxes() - self.departed()
    }

    /// The number bought, in steps of five.
    pub(crate) fn seats_available(&self) -> usize {
        let used = self.seats_used();
        match self.quirks.seats {
            Seats::Exceeded => used * 4 / 5,
            Seats::Fitting | Seats::Short => used.next_multiple_of(5),
            Seats::Unused => (used * 3 / 2).next_multiple_of(5),
        }
    }

    /// The number that automatic licensing would buy.
    pub(crate) fn seats_required(&self) -> usize {
        if self.quirks.seats == Seats::Short { self.seats_available() + 3 } else { self.seats_used() }
    }

    /// Whether the vendor buys seats as they are needed.
    pub(crate) fn is_licensed_automatically(&self) -> bool {
        self.index.is_multiple_of(2) && matches!(self.quirks.seats, Seats::Fitting)
    }

    pub(crate) fn licence(&self, kind: Kind) -> Licence {
        match kind.suite() {
            Some(suite) if suite != self.suite() => Licence::Forbidden,
            Some(SUITE_MICROSOFT) => self.quirks.licence,
            _ => Licence::Granted,
        }
    }
}

impl fmt::Debug for Organization {
    /// Leaves out the seed, from which the tokens follow.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut output = formatter.debug_struct("Organization");
        output.field("name", &self.name).field("quirk", &self.quirk).field("id", &self.organization_id()).finish()
    }
}
