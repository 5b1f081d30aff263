//! Reads who may come in: names, and bcrypt hashes that are never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bcrypt::HashParts;
use secrecy::{ExposeSecret, SecretString};

use crate::config::decoder::Field;

/// The costs that a hash may have; above, one sign-in takes longer than a scrape waits.
const COSTS: std::ops::RangeInclusive<u32> = 4..=18;

/// Salt and digest of a hash that no password is known for.
const NOBODY: &str = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123.";

/// The users of basic authentication, with the hashes of their passwords.
#[derive(Clone, Default)]
pub struct Users {
    hashes: BTreeMap<String, SecretString>,
    nobody: SecretString,
}

impl Users {
    /// Whether there is nobody, and thus no authentication.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hash to try a password of this user against, and whether there is such a user.
    ///
    /// For an unknown one it costs as much as the dearest of all hashes, so that the time of a refusal tells nothing.
    #[must_use]
    pub fn hash_of(&self, user: &str) -> (&SecretString, bool) {
        self.hashes.get(user).map_or((&self.nobody, false), |hash| (hash, true))
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.hashes.keys()).finish()
    }
}

/// `None` if and only if a problem was reported.
pub(super) fn decode(field: &Field<'_>) -> Option<Users> {
    let mut hashes = BTreeMap::new();
    let mut dearest = *COSTS.start();
    let mut is_good = true;
    for (user, value) in field.named_values()? {
        if let Some(flaw) = flaw_of_name(user) {
            field.problem(flaw);
            is_good = false;
        } else if let Some((hash, cost)) = hash(&value) {
            dearest = dearest.max(cost);
            hashes.insert(user.to_owned(), hash);
        } else {
            is_good = false;
        }
    }
    let nobody = format!("$2y${dearest:02}${NOBODY}").into();
    is_good.then_some(Users { hashes, nobody })
}

/// What keeps a name from being one; never says the name, as it may be a hash in the wrong place.
fn flaw_of_name(user: &str) -> Option<&'static str> {
    match user {
        "" => Some("has a user without a name"),
        _ if user.starts_with("$2") => Some("has a hash in the place of a user's name; write \"name: hash\""),
        _ if user.contains(':') => {
            Some("has a user's name with a colon, which separates name and password in a request")
        }
        _ => None,
    }
}

fn hash(field: &Field<'_>) -> Option<(SecretString, u32)> {
    let hash: SecretString = field.hidden_text()?.value.into();
    let Ok(parts) = HashParts::from_str(hash.expose_secret()) else {
        field.problem("is not a bcrypt hash (make one with \"saasbackup-exporter hash-password\")");
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
    fn the_hash_of_nobody_is_one_and_costs_what_it_says() {
        let parts = HashParts::from_str(&format!("$2y$11${NOBODY}")).unwrap();
        assert_eq!(parts.get_cost(), 11);
    }
}
