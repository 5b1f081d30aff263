//! Lists everything of an organization that must never leave an exporter.

use super::{Kind, Organization};

impl Organization {
    /// Every token in its answers; some are empty.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![self.sign_on_key()];
        secrets.extend((0..self.login_count()).map(|position| self.login(position).token));
        secrets.extend((0..self.mailboxes()).map(|index| self.mailbox_token(index)));
        secrets.extend((0..self.deleted_accounts()).map(|index| self.mailbox_token(self.deleted_index(index))));
        secrets.extend((0..self.delegated_users()).map(|index| self.delegated_token(index)));
        secrets.extend((0..self.sub_users()).map(|index| self.sub_user_token(index)));
        secrets
    }

    /// Every name in its answers that belongs to a person or to something of a person.
    pub(crate) fn private_names(&self) -> Vec<String> {
        let mut names = vec![self.journal_email(), self.ndr_journal_email()];
        names.extend((0..self.login_count()).map(|position| self.login(position).email));
        names.extend(self.external_id());
        names.extend((0..self.mailboxes()).flat_map(|index| [self.email(index), self.display_name(index)]));
        for kind in [Kind::Site, Kind::Team, Kind::SharedDrive] {
            names.extend((0..self.count(kind)).map(|index| self.space(kind, index)));
        }
        for domain in 0..self.connected_domains().len() {
            let accounts = (0..self.domain_accounts(domain)).map(|index| self.protectable_account(domain, index));
            names.extend(accounts.flat_map(|account| [account.name, account.upn]));
        }
        names.extend((0..self.deleted_accounts()).map(|index| self.deleted_email(index)));
        names.extend((0..self.invites()).map(|index| self.invited_email(index)));
        names.extend((0..self.delegated_users()).map(|index| self.delegated_email(index)));
        names.extend((0..self.sub_users()).map(|index| self.sub_user_email(index)));
        names.extend((0..self.retention_policies()).map(|index| self.policy_name(index)));
        names
    }
}
