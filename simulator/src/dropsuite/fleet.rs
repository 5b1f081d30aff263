//! Generates the customers of a managed service provider: seeded, deterministic, with named quirks.
//!
//! Only names and seeds are stored; every mailbox, site and token is generated again on request, so that a fleet of
//! ten thousand organizations stays small.

mod accounts;
mod disclosure;
mod lifecycle;
mod names;
mod organization;
mod quirk;
mod resource;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use crate::names::PRIVATE_MARKER;
pub use organization::Organization;
pub(crate) use organization::{Licence, Login, SUITE_GOOGLE, SUITE_MICROSOFT};
pub use quirk::Quirk;
pub(crate) use quirk::Quirks;
pub(crate) use resource::{Kind, Resource};

use crate::names::company;
use crate::random::{derive, draw, pick};

/// The invented organizations and the reseller who looks after them.
#[derive(Clone)]
pub struct Fleet {
    seed: u64,
    organizations: Vec<Arc<Organization>>,
    /// Position of the organization and of the login within it, in the order of the vendor's list.
    logins: Vec<(u32, u8)>,
    by_token: HashMap<String, u32>,
    by_login: HashMap<String, (u32, u8)>,
}

impl Fleet {
    /// The first `tenants` of the named organizations, then generated ones; equal arguments give equal fleets.
    ///
    /// The generated ones are mostly healthy. About five of a hundred are late, and a few are failing, new,
    /// suspended or short of seats.
    #[must_use]
    pub fn demo(tenants: usize, seed: u64) -> Self {
        let organizations = (0..tenants).map(|index| {
            let own_seed = derive(seed, "organization", index);
            let (name, quirk, mailboxes) = match names::NAMED.get(index) {
                Some(&(name, quirk, mailboxes)) => (name.to_owned(), quirk, mailboxes),
                None => generated(own_seed, index - names::NAMED.len()),
            };
            Arc::new(Organization::new(index, own_seed, name, quirk, mailboxes))
        });
        Self::of(seed, organizations.collect())
    }

    /// Generated organizations with so many mailboxes each.
    #[must_use]
    pub fn of_sizes(mailboxes: &[u16], seed: u64) -> Self {
        let organizations = mailboxes.iter().enumerate().map(|(index, mailboxes)| {
            let own_seed = derive(seed, "organization", index);
            let (name, quirk, _) = generated(own_seed, index);
            Arc::new(Organization::new(index, own_seed, name, quirk, *mailboxes))
        });
        Self::of(seed, organizations.collect())
    }

    /// The fleet with one more organization, which has this quirk; for those that the demo does not have.
    #[must_use]
    pub fn with(&self, quirk: Quirk) -> Self {
        const MAILBOXES: u16 = 24;
        let index = self.organizations.last().map_or(0, |last| last.index() + 1);
        let seed = derive(self.seed, "organization", index);
        let organization = Organization::new(index, seed, format!("{quirk:?} Example"), quirk, MAILBOXES);
        let all = self.organizations.iter().cloned().chain([Arc::new(organization)]);
        Self::of(self.seed, all.collect())
    }

    /// The organizations in the order of their first logins.
    pub fn organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.iter().map(AsRef::as_ref)
    }

    /// The first organization with this quirk; `None` when the fleet is too small to have it.
    #[must_use]
    pub fn find(&self, quirk: Quirk) -> Option<&Organization> {
        self.organizations().find(|organization| organization.quirk() == quirk)
    }

    /// The fleet as it is after these customers left.
    pub(crate) fn without(&self, leaves: impl Fn(&Organization) -> bool) -> Self {
        let stay = self.organizations.iter().filter(|organization| !leaves(organization));
        Self::of(self.seed, stay.cloned().collect())
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn login_count(&self) -> usize {
        self.logins.len()
    }

    /// One row of the vendor's list of logins.
    pub(crate) fn login(&self, row: usize) -> (&Organization, Login) {
        let (organization, position) = self.logins[row];
        let organization = &self.organizations[organization as usize];
        (organization, organization.login(position))
    }

    pub(crate) fn by_token(&self, token: &str) -> Option<&Organization> {
        self.by_token.get(token).map(|&position| self.organizations[position as usize].as_ref())
    }

    pub(crate) fn by_login(&self, id: &str) -> Option<(&Organization, Login)> {
        let &(organization, position) = self.by_login.get(id)?;
        let organization = &self.organizations[organization as usize];
        Some((organization, organization.login(position)))
    }

    fn of(seed: u64, organizations: Vec<Arc<Organization>>) -> Self {
        let mut logins = Vec::with_capacity(organizations.len());
        // Further logins come after all first ones: on another page, as the least convenient real list has them.
        for later in [false, true] {
            for (organization, position) in organizations.iter().zip(0_u32..) {
                let positions = if later { 1..organization.login_count() } else { 0..1 };
                logins.extend(positions.map(|login| (position, login)));
            }
        }
        let mut by_token = HashMap::with_capacity(logins.len());
        let mut by_login = HashMap::with_capacity(logins.len());
        for &(position, login) in &logins {
            let row = organizations[position as usize].login(login);
            if !row.token.is_empty() {
                by_token.insert(row.token, position);
            }
            by_login.insert(row.id, (position, login));
        }
        Self { seed, organizations, logins, by_token, by_login }
    }
}

impl fmt::Debug for Fleet {
    /// Leaves out the tokens and ten thousand names.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fleet").field("seed", &self.seed).field("len", &self.organizations.len()).finish()
    }
}

fn generated(seed: u64, number: usize) -> (String, Quirk, u16) {
    let mut random = draw(seed, "generated", 0);
    let quirk = match random.u8(..100) {
        0..5 => Quirk::LateMailboxes,
        5..8 => Quirk::FailingText,
        8..10 => Quirk::FailingObject,
        10..12 => Quirk::NeverBackedUp,
        12 => Quirk::Suspended,
        13 => Quirk::Deactivated,
        14..17 => Quirk::OverSeats,
        17..29 => Quirk::GoogleWorkspace,
        29..32 => Quirk::ForbiddenProducts,
        32..35 => Quirk::Archiver,
        35..38 => Quirk::DeactivatedMailboxes,
        _ => Quirk::Healthy,
    };
    let name = company(names::PLACES, names::TRADES, number);
    // Most customers are small: three of four draws fall below 70 seats.
    let largest = pick(&mut random, &[30, 50, 70, 300]);
    (name, quirk, random.u16(10..=largest))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn most_of_a_fleet_is_healthy() {
        for tenants in [names::NAMED.len(), 1_000] {
            let fleet = Fleet::demo(tenants, 7);
            let healthy = fleet.organizations().filter(|organization| organization.quirk().is_healthy()).count();
            assert!(healthy * 100 > tenants * 60, "{healthy} of {tenants}");
        }
    }

    #[test]
    fn a_large_fleet_repeats_no_id_and_only_the_twins_share_a_name() {
        let fleet = Fleet::demo(10_000, 7);
        let ids: HashSet<_> = (0..fleet.login_count()).map(|row| fleet.login(row).1.id).collect();
        assert_eq!(ids.len(), fleet.login_count());
        let names: HashSet<_> = fleet.organizations().map(Organization::name).collect();
        assert_eq!(names.len(), 9_999);
    }

    #[test]
    fn the_administrator_of_several_logins_comes_after_all_first_logins() {
        let fleet = Fleet::demo(60, 7);
        let several = fleet.find(Quirk::SeveralLogins).unwrap().organization_id();
        let rows: Vec<_> =
            (0..fleet.login_count()).filter(|&row| fleet.login(row).0.organization_id() == several).collect();
        let admin: Vec<_> = rows.iter().map(|&row| fleet.login(row).1.admin).collect();
        assert_eq!(admin, [false, false, true]);
        assert!(rows[2] >= 60);
    }
}
