//! Reads secrets again that may have changed, so that a rotated token needs no restart.

use crate::config::{self, Secret, SecretError, SecretSource};
use crate::provider::{Credentials, DattoCredentials, DropsuiteCredentials};

/// The credentials of one source, and where they come from.
#[derive(Clone, Debug)]
pub struct Rotation(config::Provider);

impl Rotation {
    /// The credentials that the configuration was loaded with.
    #[must_use]
    pub const fn new(provider: config::Provider) -> Self {
        Self(provider)
    }

    /// The credentials as they were last read.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        match &self.0 {
            config::Provider::Dropsuite { reseller_token, access_token, .. } => {
                Credentials::Dropsuite(DropsuiteCredentials {
                    reseller_token: reseller_token.expose().into(),
                    access_token: access_token.expose().into(),
                })
            }
            config::Provider::Datto { public_key, secret_key, .. } => Credentials::Datto(DattoCredentials {
                public_key: public_key.expose().into(),
                secret_key: secret_key.expose().into(),
            }),
        }
    }

    /// The same source with its secrets read again; `None` if they are what they were.
    ///
    /// # Errors
    ///
    /// When a file cannot be read any more, or holds no secret.
    pub fn reread(&self) -> Result<Option<Self>, SecretError> {
        let (is_same, after) = match &self.0 {
            config::Provider::Dropsuite { base_url, reseller_token, access_token } => {
                let (reseller, access) = (reseller_token.reread()?, access_token.reread()?);
                let is_same = [reseller_token.expose(), access_token.expose()] == [reseller.expose(), access.expose()];
                let base_url = base_url.clone();
                (is_same, config::Provider::Dropsuite { base_url, reseller_token: reseller, access_token: access })
            }
            config::Provider::Datto { base_url, public_key, secret_key } => {
                let (public, secret) = (public_key.reread()?, secret_key.reread()?);
                let is_same = [public_key.expose(), secret_key.expose()] == [public.expose(), secret.expose()];
                let base_url = base_url.clone();
                (is_same, config::Provider::Datto { base_url, public_key: public, secret_key: secret })
            }
        };
        Ok((!is_same).then_some(Self(after)))
    }

    /// Whether a poller that was started with `before` uses the secrets of `after` without being told: what a file holds
    /// is the poller's own business, as it reads the file again; only where a secret stands is the configuration's.
    #[must_use]
    pub fn covers(before: &config::Provider, after: &config::Provider) -> bool {
        use config::Provider::{Datto, Dropsuite};
        let covers = |before: &Secret, after: &Secret| {
            let is_file = matches!(after.origin(), SecretSource::File(_));
            before == after || (is_file && before.origin() == after.origin())
        };
        if before.base_url() != after.base_url() {
            return false;
        }
        match (before, after) {
            (
                Dropsuite { reseller_token, access_token, .. },
                Dropsuite { reseller_token: new_reseller, access_token: new_access, .. },
            ) => covers(reseller_token, new_reseller) && covers(access_token, new_access),
            (Datto { public_key, secret_key, .. }, Datto { public_key: new_public, secret_key: new_secret, .. }) => {
                covers(public_key, new_public) && covers(secret_key, new_secret)
            }
            (Dropsuite { .. }, Datto { .. }) | (Datto { .. }, Dropsuite { .. }) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A Datto account whose secret key is said inline or, as `@file`, to stand in a file with this content.
    fn datto(folder: &Path, base_url: &str, secret: &str) -> config::Provider {
        let secret_key = match secret.split_once('@') {
            Some((content, file)) => {
                std::fs::write(folder.join(file), content).unwrap();
                Secret::from_file(&folder.join(file)).unwrap()
            }
            None => Secret::new(secret).unwrap(),
        };
        config::Provider::Datto { base_url: base_url.to_owned(), public_key: Secret::new("key").unwrap(), secret_key }
    }

    #[test]
    fn only_what_a_file_holds_may_change_without_a_new_poller() {
        let folder = tempfile::tempdir().unwrap();
        for (before, after, is_covered) in [
            ("old", "old", true),
            ("old", "new", false),
            ("old@a", "old@a", true),
            ("old@a", "new@a", true),
            ("old@a", "old@b", false),
            ("old@a", "old", false),
            ("old", "old@a", false),
        ] {
            let account = |secret| datto(folder.path(), "https://one.example", secret);
            assert_eq!(Rotation::covers(&account(before), &account(after)), is_covered, "{before} {after}");
        }
        let (one, two) = ("https://one.example", "https://two.example");
        assert!(!Rotation::covers(&datto(folder.path(), one, "old@a"), &datto(folder.path(), two, "old@a")));
        let dropsuite = config::Provider::Dropsuite {
            base_url: one.to_owned(),
            reseller_token: Secret::new("key").unwrap(),
            access_token: Secret::new("old").unwrap(),
        };
        assert!(!Rotation::covers(&datto(folder.path(), one, "old"), &dropsuite));
    }
}
