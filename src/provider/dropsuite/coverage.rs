//! Collects what could be protected in one organization: its connected domains, and the accounts of each.

use super::repeats::Repeats;
use super::wire::{ConnectedDomain, DomainAccount};
use super::{Access, Client, ListRequest, PER_PAGE, Target, convert, endpoints as at, failed, no_token};
use crate::domain::{AccountCounts, AccountState, Coverage, Domains, DriftKind, PartResult};
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;
use crate::provider::{Collection, Error, ErrorKind};

/// The organization's coverage, and the error if it is incomplete. The connected domains are added to the collection as
/// a separate part.
pub(super) async fn collect(
    client: &Client,
    access: &Option<Access>,
    target: &Target,
    collection: &mut Collection,
) -> (PartResult, Option<Error>) {
    let listed = match access {
        Some(access) => domains(client, access, target, collection).await.map(|domains| (access, domains)),
        None => Err(no_token()),
    };
    match listed {
        Ok((access, domains)) => Reader { client, access, target, collection }.accounts(&domains).await,
        Err(error) => {
            collection.parts.push(PartResult::Domains(Err(error.outcome())));
            (PartResult::Coverage(Err(error.outcome())), Some(error))
        }
    }
}

type ConnectedDomains = Vec<Result<ConnectedDomain, Undecodable>>;

async fn domains(
    client: &Client,
    access: &Access,
    target: &Target,
    collection: &mut Collection,
) -> Result<ConnectedDomains, Error> {
    let notes = Notes::new(at::DOMAINS);
    let mut domains = Vec::new();
    let mut visit = |domain| domains.push(domain);
    let list = ListRequest { endpoint: at::DOMAINS, ids: &[&target.id], query: &[("per_page", PER_PAGE)] };
    let result = client.read(access, list, &mut visit).await;
    collection.drift.extend(notes.into_drift());
    result.map(|()| domains)
}

struct Reader<'a> {
    client: &'a Client,
    access: &'a Access,
    target: &'a Target,
    collection: &'a mut Collection,
}

impl Reader<'_> {
    /// Counts the accounts below every domain.
    ///
    /// Each domain fails independently: its number of users then counts as unknown accounts, or, if that number is
    /// unknown too, the whole coverage is unknown.
    async fn accounts(self, domains: &ConnectedDomains) -> (PartResult, Option<Error>) {
        let mut notes = Notes::new(at::DOMAINS);
        // Mailboxes may be backed up without a connected directory; then there is no list of what else could be
        // protected.
        let states: &[_] = if domains.is_empty() { &[] } else { &convert::ACCOUNT_STATES };
        let mut accounts = AccountCounts::distinguishing(states);
        let mut connected = Vec::new();
        let (mut repeats, mut unreadable) = (Repeats::default(), 0);
        let mut failure: Option<Error> = None;
        let mut is_countable = true;
        for domain in domains {
            let Ok(domain) = domain else {
                notes.note("", DriftKind::UndecodableRecord);
                unreadable += 1;
                is_countable = false;
                continue;
            };
            repeats.see(domain, &mut notes);
            match convert::connected_domain(domain, &mut notes) {
                Some(domain) => connected.push(domain),
                None => unreadable += 1,
            }
            let users = domain.total_users.value().map(|users| users.0);
            let answer = match (notes.required("id", &domain.id), &failure) {
                // If the vendor does not respond, skip the rest: each request would take the full timeout.
                (_, Some(error)) if error.is_silence() => Err(error.clone()),
                (Some(id), _) => {
                    let directory = domain.r#type.value().map_or("", |directory| directory.0.as_str());
                    let list = ListRequest {
                        endpoint: at::DOMAIN_ACCOUNTS,
                        ids: &[&self.target.id, &id.0],
                        query: &[("type", directory), ("per_page", PER_PAGE)],
                    };
                    count_accounts(self.client, self.access, list, users, self.collection).await
                }
                (None, _) => Err(failed(at::DOMAINS, ErrorKind::UnreadableRecords { count: 1 })),
            };
            match answer {
                Ok(counts) => {
                    for (state, count) in counts.iter() {
                        accounts[state] = add(accounts[state], count);
                    }
                }
                Err(error) => {
                    is_countable &= users.is_some();
                    accounts[AccountState::Unknown] = add(accounts[AccountState::Unknown], users);
                    failure.get_or_insert(error);
                }
            }
        }
        self.collection.drift.extend(notes.into_drift());
        let unreadable =
            (unreadable > 0).then(|| failed(at::DOMAINS, ErrorKind::UnreadableRecords { count: unreadable }));
        let connected = Domains::of(connected);
        self.collection.parts.push(match &unreadable {
            None => PartResult::Domains(Ok(connected)),
            // If no row has a domain, nothing else is known.
            Some(error) if connected.is_empty() => PartResult::Domains(Err(error.outcome())),
            Some(error) => PartResult::PartialDomains(connected, error.outcome()),
        });
        let coverage = Coverage { accounts };
        match failure.or(unreadable) {
            None => (PartResult::Coverage(Ok(coverage)), None),
            Some(error) if is_countable => (PartResult::PartialCoverage(coverage, error.outcome()), Some(error)),
            Some(error) => (PartResult::Coverage(Err(error.outcome())), Some(error)),
        }
    }
}

fn add(total: Option<u64>, more: Option<u64>) -> Option<u64> {
    match (total, more) {
        (Some(total), Some(more)) => total.checked_add(more),
        (total, more) => total.or(more),
    }
}

async fn count_accounts(
    client: &Client,
    access: &Access,
    list: ListRequest<'_>,
    users: Option<u64>,
    collection: &mut Collection,
) -> Result<AccountCounts, Error> {
    let mut notes = Notes::new(at::DOMAIN_ACCOUNTS);
    let mut repeats = Repeats::default();
    let mut counts = AccountCounts::distinguishing(&convert::ACCOUNT_STATES);
    let mut records = 0;
    let mut visit = |account: Result<DomainAccount, Undecodable>| {
        records += 1;
        if let Ok(account) = &account {
            repeats.see(account, &mut notes);
        }
        if let Some(state) = convert::account_state(&account, &mut notes) {
            counts.add(state);
        }
    };
    let result = client.read(access, list, &mut visit).await;
    collection.drift.extend(notes.into_drift());
    result?;
    match users {
        Some(announced @ 1..) if records == 0 => {
            Err(failed(at::DOMAIN_ACCOUNTS, ErrorKind::Incomplete { received: 0, announced }))
        }
        _ => Ok(counts),
    }
}
