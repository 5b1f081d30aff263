//! Re-reads secrets that may have changed, so that rotating a token needs no restart.

use std::path::Path;

use crate::config::file_watch::FileVersion;
use crate::config::{self, Secret, SecretError, SecretSource};
use crate::provider::{Credentials, DattoCredentials, DropsuiteCredentials};

/// The credentials of one source, and where they come from.
#[derive(Clone, Debug)]
pub struct Rotation {
    provider: config::Provider,
    /// The versions of the secret files when last read; `None` before that.
    versions: Option<Vec<FileVersion>>,
}

impl Rotation {
    /// Starts with the credentials from the loaded configuration.
    #[must_use]
    pub const fn new(provider: config::Provider) -> Self {
        Self { provider, versions: None }
    }

    /// The credentials as last read.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        match &self.provider {
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

    /// Re-reads the secret files that changed; the flag says whether a secret differs. Blocks: the files may be on a
    /// network.
    ///
    /// # Errors
    ///
    /// If a file cannot be read any more, or contains no secret.
    pub fn reread(mut self) -> Result<(Self, bool), SecretError> {
        // Take the versions before reading, so that a concurrent change is noticed next time.
        let versions = self.secrets().into_iter().filter_map(file).map(FileVersion::of).collect();
        if self.versions.as_ref() == Some(&versions) {
            return Ok((self, false));
        }
        let mut is_changed = false;
        for secret in self.secrets_mut() {
            let after = secret.reread()?;
            is_changed |= after.expose() != secret.expose();
            *secret = after;
        }
        self.versions = Some(versions);
        Ok((self, is_changed))
    }

    const fn secrets(&self) -> [&Secret; 2] {
        match &self.provider {
            config::Provider::Dropsuite { reseller_token, access_token, .. } => [reseller_token, access_token],
            config::Provider::Datto { public_key, secret_key, .. } => [public_key, secret_key],
        }
    }

    const fn secrets_mut(&mut self) -> [&mut Secret; 2] {
        match &mut self.provider {
            config::Provider::Dropsuite { reseller_token, access_token, .. } => [reseller_token, access_token],
            config::Provider::Datto { public_key, secret_key, .. } => [public_key, secret_key],
        }
    }

    /// Whether a poller started with `before` picks up the secrets of `after` by itself. It re-reads files, so only the
    /// location of a secret matters, not the content.
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

/// The file of a secret; `None` if it comes from elsewhere.
fn file(secret: &Secret) -> Option<&Path> {
    match secret.origin() {
        SecretSource::File(path) => Some(path),
        SecretSource::Inline | SecretSource::Environment => None,
    }
}

#[cfg(test)]
mod tests {

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

    #[test]
    fn a_file_is_read_again_only_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let rotation = Rotation::new(datto(folder.path(), "https://one.example", "old@a"));
        let (rotation, is_changed) = rotation.reread().unwrap();
        assert!(!is_changed, "the first time it is read to be sure");
        let path = folder.path().join("a");
        std::fs::write(&path, "new").unwrap();
        let (rotation, is_changed) = rotation.reread().unwrap();
        assert!(is_changed);
        assert_eq!(rotation.secrets()[1].expose(), "new");
        std::fs::write(&path, "").unwrap();
        assert!(rotation.clone().reread().is_err());
        assert!(rotation.clone().reread().is_err(), "what could not be read is tried again");
        std::fs::write(&path, "new").unwrap();
        assert!(!rotation.reread().unwrap().1, "it is what it was");
    }
}
