//! Reads Dropsuite's lists as the client does, without a connection: for the fuzz targets.

use std::time::Duration;

use super::convert::Parent;
use super::product::Product;
use super::wire::{self, ENVELOPE};
use super::{at, convert};
use crate::domain::{
    AccountCounts, Domains, Lifecycle, SeatReport, Tally, Tenant, Timestamp, Workload, WorkloadReport,
};
use crate::provider::ErrorKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::fuzzing::{Reading, Records};
use crate::provider::note::Notes;
use crate::provider::record::{Record, Undecodable};

/// `/users`: the tenants, and the number of unreadable records.
///
/// # Errors
///
/// As the client's.
pub fn organizations(bodies: &[&[u8]]) -> Result<Reading<(Vec<Tenant>, u64)>, ErrorKind> {
    read(bodies, at::USERS, |logins, notes| {
        let (organizations, unreadable) = convert::organizations(logins, notes);
        (organizations.into_iter().map(|organization| organization.tenant).collect(), unreadable)
    })
}

/// `/users/{id}`; `None` if no record is readable.
///
/// # Errors
///
/// As the client's.
pub fn seats(bodies: &[&[u8]]) -> Result<Reading<Option<SeatReport>>, ErrorKind> {
    read(bodies, at::USER, |users: Vec<Result<wire::User, _>>, notes| {
        let counts = users.into_iter().map(|user| user.ok().map(|user| convert::seats(&user, notes))).next_back();
        counts.flatten().map(|counts| SeatReport { counts, by_type: None })
    })
}

/// The list of one workload's resources; those below a domain are below an active one.
///
/// # Errors
///
/// As the client's, or [`ErrorKind::NotFound`] for a workload that Dropsuite does not have.
pub fn workload(
    bodies: &[&[u8]],
    workload: Workload,
    objective: Duration,
    now: Timestamp,
) -> Result<Reading<WorkloadReport>, ErrorKind> {
    let product = Product::of(workload).ok_or(ErrorKind::NotFound { json: true })?;
    read(bodies, at::ACCOUNTS, |resources, notes| {
        let mut tally = Tally::new(product.measures(), objective, now);
        let resource = |record| convert::resource(record, product, Parent::HEALTHY, now, notes);
        resources.iter().filter_map(resource).for_each(|resource| tally.add(&resource));
        WorkloadReport::Licensed(tally.finish())
    })
}

/// `/users/{id}/tenants`: the connected domains, and the domains below which a product's resources are listed.
///
/// # Errors
///
/// As the client's.
pub fn domains(bodies: &[&[u8]], now: Timestamp) -> Result<Reading<Domains>, ErrorKind> {
    read::<wire::ProductDomain, _>(bodies, at::SHAREPOINT_DOMAINS, |domains, notes| {
        let parents = domains.iter().flatten().map(|domain| (domain, convert::parent(domain, now, notes)));
        let parents: Vec<_> = parents.collect();
        parents.into_iter().map(|(domain, parent)| convert::announced(domain, parent, notes)).max()
    })?;
    read(bodies, at::DOMAINS, |domains, notes| {
        let mut connected = Domains::default();
        for (key, domain) in domains.iter().flatten().filter_map(|domain| convert::connected_domain(domain, notes)) {
            connected.add_domain(key, domain);
        }
        connected
    })
}

/// `/users/{id}/tenants/{tenant_id}/accounts`.
///
/// # Errors
///
/// As the client's.
pub fn accounts(bodies: &[&[u8]]) -> Result<Reading<AccountCounts>, ErrorKind> {
    read(bodies, at::DOMAIN_ACCOUNTS, |accounts, notes| {
        let mut counts = AccountCounts::distinguishing(&convert::ACCOUNT_STATES);
        accounts
            .iter()
            .filter_map(|account| convert::account_state(account, notes))
            .for_each(|state| counts.add(state));
        counts
    })
}

/// `/accounts/invites`, and the accounts of a list that are only counted.
///
/// # Errors
///
/// As the client's.
pub fn invites(bodies: &[&[u8]]) -> Result<Reading<Lifecycle>, ErrorKind> {
    let counted = read(bodies, at::DELETED_ACCOUNTS, |counted: Vec<Result<wire::Counted, _>>, _| counted.len() as u64)?;
    read(bodies, at::INVITES, |invites, notes| {
        let pending = invites.iter().filter(|invite| convert::invite_is_pending(invite, notes)).count() as u64;
        Lifecycle { pending_invites: Some(pending), deleted_accounts: Some(counted.value), ..Lifecycle::default() }
    })
}

/// `/users/{id}/retention_policies`.
///
/// # Errors
///
/// As the client's.
pub fn retention(bodies: &[&[u8]]) -> Result<Reading<Lifecycle>, ErrorKind> {
    read(bodies, at::RETENTION_POLICIES, |policies, notes| {
        let periods: Vec<_> = policies.iter().map(|policy| convert::retention_period(policy, notes)).collect();
        let shortest = periods.iter().flatten().min().copied().filter(|_| periods.iter().all(Option::is_some));
        Lifecycle {
            retention_policies: Some(periods.len() as u64),
            shortest_retention: shortest,
            ..Lifecycle::default()
        }
    })
}

fn read<T: Record, V>(
    bodies: &[&[u8]],
    endpoint: Endpoint,
    convert: impl FnOnce(Vec<Result<T, Undecodable>>, &mut Notes) -> V,
) -> Result<Reading<V>, ErrorKind> {
    let list = Records::read(bodies, &ENVELOPE)?;
    Ok(list.convert(|records| {
        let mut notes = Notes::new(endpoint);
        let value = convert(records, &mut notes);
        (value, notes.into_drift())
    }))
}
