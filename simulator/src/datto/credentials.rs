//! Checks the key pair of a request: HTTP Basic, the public key as the user and the secret key as the password.

use std::fmt;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::random::{draw, letters};

/// The key pair of the partner's portal.
pub(super) struct Credentials {
    pub(super) public_key: String,
    pub(super) secret_key: String,
}

impl Credentials {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            public_key: letters(&mut draw(seed, "public key", 0), 6).to_ascii_lowercase(),
            secret_key: letters(&mut draw(seed, "secret key", 0), 32).to_ascii_lowercase(),
        }
    }

    /// The pair as it stands in the header of a request.
    pub(super) fn encoded(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.public_key, self.secret_key))
    }

    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return false;
        };
        let Some((scheme, encoded)) = value.split_once(' ') else { return false };
        let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|pair| pair.split_once(':'));
        scheme.eq_ignore_ascii_case("basic") && pair == Some((&self.public_key, &self.secret_key))
    }
}

impl fmt::Debug for Credentials {
    /// Leaves out the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").finish_non_exhaustive()
    }
}
