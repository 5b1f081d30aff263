//! Reads the users: names, and bcrypt hashes that are never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bcrypt::HashParts;
use secrecy::{ExposeSecret, SecretString};

use crate::config::decoder::Field;

/// The allowed bcrypt costs; above, one login takes longer than a scrape timeout.
const COSTS: std::ops::RangeInclusive<u32> = 4..=18;

/// Salt and digest of a hash without a known password.
const UNKNOWN_USER: &str = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.";

/// The users of basic authentication, with their password hashes.
#[derive(Clone, Default)]
pub struct Users {
    hashes: BTreeMap<String, (SecretString, u32)>,
    unknown_user: SecretString,
    /// The highest cost of all hashes.
    dearest: u32,
}

impl Users {
    /// Whether there are no users, and thus no authentication.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hash to verify a password of this user against, and whether the user exists.
    ///
    /// For an unknown user it costs as much as the most expensive hash, so that the time of a 401 discloses nothing.
    #[must_use]
    pub fn hash_of(&self, user: &str) -> (&SecretString, bool) {
        self.hashes.get(user).map_or((&self.unknown_user, false), |(hash, _)| (hash, true))
    }

    /// More hashes to verify a password of this user against, which together with its own cost as much as the most
    /// expensive one: each step of the cost doubles the work.
    pub fn padding(&self, user: &str) -> impl Iterator<Item = SecretString> {
        let cost = self.hashes.get(user).map_or(self.dearest, |(_, cost)| *cost);
        (cost..self.dearest).map(of_unknown_user)
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.hashes.keys()).finish()
    }
}

/// `None` if and only if a problem was reported.
pub(super) fn decode(field: &Field<'_>) -> Option<Users> {
    if field.is_empty() {
        // All users commented out would silently disable authentication.
        field.problem("contains no users; remove it to disable authentication");
        return None;
    }
    let mut hashes = BTreeMap::new();
    let mut dearest = *COSTS.start();
    let mut is_good = true;
    for (user, value) in field.named_values()? {
        if let Some(flaw) = flaw_of_name(user) {
            field.problem(flaw);
            is_good = false;
        } else if let Some((hash, cost)) = hash(&value) {
            dearest = dearest.max(cost);
            hashes.insert(user.to_owned(), (hash, cost));
        } else {
            is_good = false;
        }
    }
    is_good.then_some(Users { hashes, unknown_user: of_unknown_user(dearest), dearest })
}

/// A hash of this cost that no password matches.
fn of_unknown_user(cost: u32) -> SecretString {
    format!("$2y${cost:02}${UNKNOWN_USER}").into()
}

/// Why a user name is invalid; never contains the name, which may be a misplaced hash.
fn flaw_of_name(user: &str) -> Option<&'static str> {
    match user {
        "" => Some("contains an empty user name"),
        _ if user.starts_with("$2") => Some("contains a hash instead of a user name; write \"name: hash\""),
        _ if user.contains(':') => Some("contains a user name with a colon, which basic authentication does not allow"),
        _ => None,
    }
}

fn hash(field: &Field<'_>) -> Option<(SecretString, u32)> {
    let hash: SecretString = field.hidden_text()?.value.into();
    let Ok(parts) = HashParts::from_str(hash.expose_secret()) else {
        field.problem("is not a bcrypt hash (create one with \"saasbackup-exporter hash-password\")");
        return None;
    };
    let cost = parts.get_cost();
    if !COSTS.contains(&cost) {
        let (least, most) = (COSTS.start(), COSTS.end());
        field.problem(format!("is a bcrypt hash of cost {cost}; accepted: {least} to {most}"));
        return None;
    }
    Some((hash, cost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_unknown_user_is_valid_and_costs_what_it_says() {
        assert_eq!(HashParts::from_str(of_unknown_user(11).expose_secret()).unwrap().get_cost(), 11);
    }

    #[test]
    fn every_user_costs_as_much_as_the_dearest() {
        let costs = [("ada", 4), ("bob", 9), ("eve", 7)];
        let hashes = costs.map(|(user, cost)| (user.to_owned(), (of_unknown_user(cost), cost)));
        let users = Users { hashes: hashes.into(), unknown_user: of_unknown_user(9), dearest: 9 };
        for user in ["ada", "bob", "eve", "nobody"] {
            let own = users.hash_of(user).0.clone();
            let all = users.padding(user).chain([own]);
            let cost = |hash: SecretString| 1_u64 << HashParts::from_str(hash.expose_secret()).unwrap().get_cost();
            assert_eq!(all.map(cost).sum::<u64>(), 1 << 9, "{user}");
        }
    }
}
