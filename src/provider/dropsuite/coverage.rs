//! Asks what could be protected at one organization: its connected domains and the accounts of each.

use super::wire::{ConnectedDomain, DomainAccount};
use super::{Access, Client, ListRequest, PER_PAGE, Target, convert, endpoints as at, failed, no_token};
use crate::domain::{AccountCounts, Coverage, DriftKind};
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;
use crate::provider::{Collection, Error, ErrorKind};

/// The organization's coverage.
pub(super) async fn collect(
    client: &Client,
    access: &Option<Access>,
    target: &Target,
    collection: &mut Collection,
) -> Result<Coverage, Error> {
    let access = access.as_ref().ok_or_else(no_token)?;
    let mut domains: Vec<Result<ConnectedDomain, Undecodable>> = Vec::new();
    let list = ListRequest { endpoint: at::DOMAINS, ids: &[&target.id], query: &[("per_page", PER_PAGE)] };
    client.read(access, list, &mut |domain| domains.push(domain)).await?;

    let mut notes = Notes::new(at::DOMAINS);
    // Mailboxes may be backed up without a connected directory; then nobody lists what else there is to protect.
    let states: &[_] = if domains.is_empty() { &[] } else { &convert::ACCOUNT_STATES };
    let mut coverage = Coverage { accounts: AccountCounts::distinguishing(states), ..Coverage::default() };
    let result = async {
        for domain in &domains {
            let Ok(domain) = domain else {
                notes.note("", DriftKind::UndecodableRecord);
                return Err(unreadable());
            };
            if let Some((key, state)) = convert::connected_domain(domain, &mut notes) {
                coverage.add_domain(key, state);
            }
            // Accounts that cannot be asked for would make the coverage look better than it is.
            let id = notes.required("id", &domain.id).ok_or_else(unreadable)?;
            let directory = domain.r#type.value().map_or("", |directory| directory.0.as_str());
            count_accounts(client, access, &[&target.id, &id.0], directory, &mut coverage.accounts, collection).await?;
        }
        Ok(())
    }
    .await;
    collection.drift.extend(notes.into_drift());
    result.map(|()| coverage)
}

async fn count_accounts(
    client: &Client,
    access: &Access,
    ids: &[&str],
    directory: &str,
    counts: &mut AccountCounts,
    collection: &mut Collection,
) -> Result<(), Error> {
    let mut notes = Notes::new(at::DOMAIN_ACCOUNTS);
    let list =
        ListRequest { endpoint: at::DOMAIN_ACCOUNTS, ids, query: &[("type", directory), ("per_page", PER_PAGE)] };
    let mut visit = |account: Result<DomainAccount, Undecodable>| {
        if let Some(state) = convert::account_state(&account, &mut notes) {
            counts.add(state);
        }
    };
    let result = client.read(access, list, &mut visit).await;
    collection.drift.extend(notes.into_drift());
    result
}

const fn unreadable() -> Error {
    failed(at::DOMAINS, ErrorKind::UnreadableRecords { count: 1 })
}
