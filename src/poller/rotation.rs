//! Reads secrets again that may have changed, so that a rotated token needs no restart.

use crate::config::{self, SecretError};
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
}
