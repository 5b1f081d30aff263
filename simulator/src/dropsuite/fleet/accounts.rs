//! Generates the domains of a customer and everything in them that could be protected.

use super::Organization;
use super::organization::SUITE_GOOGLE;
use crate::names::PRIVATE_MARKER;
use crate::random::draw;

/// One mailbox or public folder of a domain, protected or not.
#[derive(Debug)]
pub(crate) struct ProtectableAccount {
    pub(crate) name: String,
    /// `None` where the vendor sends null.
    pub(crate) email: Option<String>,
    pub(crate) upn: String,
    /// False for a public folder.
    pub(crate) mailbox: bool,
    pub(crate) licensed: Option<bool>,
    /// `None` where the vendor sends null.
    pub(crate) status: Option<&'static str>,
    /// `None` for Microsoft 365.
    pub(crate) tenant_status: Option<&'static str>,
}

impl Organization {
    /// The connected domains; the second is the one Microsoft 365 gives to every customer, more were bought up.
    pub(crate) fn connected_domains(&self) -> Vec<String> {
        let primary = self.domain();
        if self.suite() == SUITE_GOOGLE {
            return vec![primary];
        }
        let initial = primary.replace(".example", ".onmicrosoft.example");
        let bought = (1..=self.quirks().bought_domains).map(|number| format!("subsidiary{number}-{primary}"));
        [primary.clone(), initial].into_iter().chain(bought).collect()
    }

    /// How many accounts the domain has: people first, then those who could be added, then shared ones.
    pub(crate) fn domain_accounts(&self, domain: usize) -> usize {
        if domain == 0 { self.mailboxes() + self.unprotected() + 3 } else { 2 }
    }

    pub(crate) fn protectable_account(&self, domain: usize, index: usize) -> ProtectableAccount {
        let google = self.suite() == SUITE_GOOGLE;
        let people = self.mailboxes();
        let status = match index {
            _ if domain > 0 => Some("excluded"),
            _ if index < self.seats_used() => Some("active"),
            _ if index < people + self.unprotected() => Some("available"),
            _ => Some("excluded"),
        };
        let suspended = index % 9 == 4;
        let folder = !google && domain == 0 && index == self.domain_accounts(0) - 1;
        let (name, email) = match (domain, folder) {
            (0, false) => (self.display_name(index), self.email(index)),
            (0, true) => (
                format!("Public folder {PRIVATE_MARKER}-{index}"),
                format!("folder.{PRIVATE_MARKER}{index}@{}", self.domain()),
            ),
            _ => (
                format!("Service {PRIVATE_MARKER}-{index}"),
                format!("service.{PRIVATE_MARKER}{index}@{}", self.connected_domains()[domain]),
            ),
        };
        // In turn: an address, an empty one, null.
        let address = match index % 3 {
            _ if !self.quirks().accounts_lack_address => Some(email.clone()),
            0 => Some(email.clone()),
            1 => Some(String::new()),
            _ => None,
        };
        ProtectableAccount {
            name,
            email: address,
            upn: email,
            mailbox: !folder,
            licensed: (!google && !folder && domain == 0).then_some(true),
            // The document's own sample of a Google domain ends with accounts without a status.
            status: status.filter(|_| !google || index % 7 != 6),
            tenant_status: google.then(|| if suspended { "suspended" } else { status.unwrap_or("active") }),
        }
    }

    /// Accounts that exist at Microsoft or Google and are not backed up.
    fn unprotected(&self) -> usize {
        if self.quirks().page_sized { 0 } else { draw(self.seed(), "unprotected", 0).usize(..=self.mailboxes() / 12) }
    }
}
