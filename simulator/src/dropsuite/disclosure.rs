//! Lists everything in the fake's answers that must never leave an exporter.

use super::service::State;
use super::users::support_key;
use crate::dropsuite::fleet::{Kind, Organization};

pub(super) fn secrets(state: &State) -> Vec<String> {
    let fleet = state.fleet();
    let mut secrets = vec![state.reseller_token.clone(), state.admin_token.clone(), support_key(fleet.seed())];
    for organization in fleet.organizations() {
        secrets.extend((0..organization.login_count()).map(|position| organization.login(position).token));
        secrets.extend((0..organization.mailboxes()).map(|index| organization.mailbox_token(index)));
        let deleted = (0..organization.deleted_accounts()).map(|index| organization.deleted_index(index));
        secrets.extend(deleted.map(|index| organization.mailbox_token(index)));
        secrets.extend((0..organization.delegated_users()).map(|index| organization.delegated_token(index)));
        secrets.extend((0..organization.sub_users()).map(|index| organization.sub_user_token(index)));
        secrets.push(organization.sign_on_key());
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

pub(super) fn private_names(state: &State) -> Vec<String> {
    let fleet = state.fleet();
    let mut names: Vec<_> = fleet.organizations().flat_map(names_of).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn names_of(organization: &Organization) -> Vec<String> {
    let mut names = vec![organization.journal_email(), organization.ndr_journal_email()];
    names.extend((0..organization.login_count()).map(|position| organization.login(position).email));
    names.extend(organization.external_id());
    names.extend(
        (0..organization.mailboxes()).flat_map(|index| [organization.email(index), organization.display_name(index)]),
    );
    for kind in [Kind::Site, Kind::Team, Kind::SharedDrive] {
        names.extend((0..organization.count(kind)).map(|index| organization.space(kind, index)));
    }
    for domain in 0..organization.connected_domains().len() {
        let accounts =
            (0..organization.domain_accounts(domain)).map(|index| organization.protectable_account(domain, index));
        names.extend(accounts.flat_map(|account| [account.name, account.email]));
    }
    names.extend((0..organization.deleted_accounts()).map(|index| organization.deleted_email(index)));
    names.extend((0..organization.invites()).map(|index| organization.invited_email(index)));
    names.extend((0..organization.delegated_users()).map(|index| organization.delegated_email(index)));
    names.extend((0..organization.sub_users()).map(|index| organization.sub_user_email(index)));
    names.extend((0..organization.retention_policies()).map(|index| organization.policy_name(index)));
    names
}
