//! Generates a customer's deleted accounts, invites, delegated users and retention policies.

use super::Organization;
use crate::names::PRIVATE_MARKER;
use crate::random::{draw, letters, uuid};

impl Organization {
    pub(crate) fn deleted_accounts(&self) -> usize {
        self.quirks().deleted_accounts
    }

    /// Where a deleted account stands in the numbering of mailboxes: past all that exist.
    pub(crate) fn deleted_index(&self, index: usize) -> usize {
        3_000 + index
    }

    pub(crate) fn deleted_email(&self, index: usize) -> String {
        format!("former.{PRIVATE_MARKER}{index}@{}", self.domain())
    }

    pub(crate) fn invites(&self) -> usize {
        self.quirks().invites
    }

    pub(crate) fn invited_email(&self, index: usize) -> String {
        format!("invited.{PRIVATE_MARKER}{index}@{}", self.domain())
    }

    pub(crate) fn delegated_users(&self) -> usize {
        self.quirks().delegated_users.unwrap_or_else(|| draw(self.seed(), "delegated users", 0).usize(..4))
    }

    pub(crate) fn delegated_email(&self, index: usize) -> String {
        format!("delegate.{PRIVATE_MARKER}{index}@{}", self.domain())
    }

    /// Encrypted by the vendor; every fourth delegated user has none.
    pub(crate) fn delegated_token(&self, index: usize) -> String {
        let random = &mut draw(self.seed(), "delegated token", index);
        if index % 4 == 3 {
            return String::new();
        }
        format!("{}==--{}--{}==", letters(random, 86), letters(random, 16), letters(random, 22))
    }

    pub(crate) fn retention_policies(&self) -> usize {
        self.quirks().retention_policies.unwrap_or_else(|| draw(self.seed(), "retention policies", 0).usize(3..6))
    }

    pub(crate) fn policy_name(&self, index: usize) -> String {
        format!("Policy {PRIVATE_MARKER}-{index}")
    }

    pub(crate) fn sub_users(&self) -> usize {
        2
    }

    pub(crate) fn sub_user_email(&self, index: usize) -> String {
        format!("operator.{PRIVATE_MARKER}{index}@{}", self.domain())
    }

    pub(crate) fn sub_user_token(&self, index: usize) -> String {
        uuid(&mut draw(self.seed(), "sub user token", index))
    }

    /// The token of the user nested in an account's row.
    pub(crate) fn mailbox_token(&self, index: usize) -> String {
        uuid(&mut draw(self.seed(), "mailbox token", index))
    }

    /// The last part of a single sign-on link: a secret as long as the link is valid.
    pub(crate) fn sign_on_key(&self) -> String {
        format!("{}=", letters(&mut draw(self.seed(), "sign-on key", 0), 43))
    }

    pub(crate) fn journal_email(&self) -> String {
        format!("journal.{PRIVATE_MARKER}@{}", self.domain())
    }

    pub(crate) fn ndr_journal_email(&self) -> String {
        format!("ndr-journal.{PRIVATE_MARKER}@{}", self.domain())
    }
}
