//! Mirrors what could be protected, and the slow facts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use super::word::Word;
use crate::domain::{self, AccountState, DomainState};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Coverage {
    /// A state that the vendor has no word for is left out; one that no account is in is zero.
    accounts: BTreeMap<Word<AccountState>, u64>,
    domains: Vec<ConnectedDomain>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectedDomain {
    domain: String,
    directory: String,
    state: Word<DomainState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Lifecycle(#[serde(with = "Facts")] domain::Lifecycle);

/// The fields of the domain's life-cycle facts, for serde: the compiler holds them together.
#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Lifecycle", deny_unknown_fields)]
struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_failures: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated_accounts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_accounts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_invites: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delegated_users: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_policies: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortest_retention: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    journals: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    non_delivery_journals: Option<u64>,
}

impl From<&domain::Coverage> for Coverage {
    fn from(coverage: &domain::Coverage) -> Self {
        let domain::Coverage { accounts, domains } = coverage;
        let accounts = AccountState::iter().filter_map(|state| Some((Word(state), accounts.get(state)?)));
        Self { accounts: accounts.collect(), domains: domains.iter().map(ConnectedDomain::from).collect() }
    }
}

impl From<Coverage> for domain::Coverage {
    fn from(coverage: Coverage) -> Self {
        let accounts = coverage.accounts.into_iter();
        Self {
            accounts: accounts.fold(Default::default(), |counts, (state, count)| counts.with(state.0, Some(count))),
            domains: coverage.domains.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<(&domain::DomainKey, &domain::ConnectedDomain)> for ConnectedDomain {
    fn from((key, known): (&domain::DomainKey, &domain::ConnectedDomain)) -> Self {
        let domain::DomainKey { domain, directory } = key;
        let domain::ConnectedDomain { state, users } = *known;
        Self { domain: domain.clone(), directory: directory.clone(), state: Word(state), users }
    }
}

impl From<ConnectedDomain> for (domain::DomainKey, domain::ConnectedDomain) {
    fn from(saved: ConnectedDomain) -> Self {
        (
            domain::DomainKey { domain: saved.domain, directory: saved.directory },
            domain::ConnectedDomain { state: saved.state.0, users: saved.users },
        )
    }
}

impl From<&domain::Lifecycle> for Lifecycle {
    fn from(facts: &domain::Lifecycle) -> Self {
        Self(*facts)
    }
}

impl From<Lifecycle> for domain::Lifecycle {
    fn from(facts: Lifecycle) -> Self {
        facts.0
    }
}
