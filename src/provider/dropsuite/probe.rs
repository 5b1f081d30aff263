//! Asks the single questions that tell Dropsuite's tokens apart; each is one request, sent once.

use reqwest::header::HeaderMap;

use super::endpoints as at;
use super::{Client, RESELLER_TOKEN, Target, wire};
use crate::provider::endpoint::Endpoint;
use crate::provider::page::Page;
use crate::provider::transport::Request;
use crate::provider::{Error, ErrorKind};

/// Proves the reseller token, and nothing else ("User's Authentication Token" is not asked for).
const STATUS: Endpoint = Endpoint::new("/status");

impl Client {
    /// Whether the vendor takes the reseller token.
    ///
    /// # Errors
    ///
    /// When it does not, or answers with something that is not JSON.
    pub async fn check_reseller_token(&self) -> Result<(), Error> {
        let headers = HeaderMap::from_iter([(RESELLER_TOKEN, self.reseller_token.clone())]);
        let hint = "reseller_token (the UUID of the portal's API information)";
        // The answer is a text, and any JSON will do.
        self.ask(STATUS, &headers, hint, |body| {
            match Page::read::<wire::User>(body, wire::envelope(STATUS), &mut |_| {}) {
                Err(kind @ ErrorKind::Decode { .. }) => Err(kind),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Whether the access token lists organizations, as the reseller's own does.
    ///
    /// # Errors
    ///
    /// When it does not, or the answer is not a list.
    pub async fn check_access_token(&self) -> Result<(), Error> {
        self.rows::<wire::User>(at::USERS).await.map(|_| ())
    }

    /// How many mailboxes the access token shows on the first page: an organization's own, the reseller's none.
    ///
    /// # Errors
    ///
    /// When the vendor refuses, or the answer is not a list.
    pub async fn mailboxes_of_access_token(&self) -> Result<u64, Error> {
        self.rows::<wire::Resource>(at::ACCOUNTS).await
    }

    async fn rows<T: crate::provider::record::Record>(&self, endpoint: Endpoint) -> Result<u64, Error> {
        let access = self.as_reseller();
        let rows = |body: &[u8]| Page::read::<T>(body, wire::envelope(endpoint), &mut |_| {}).map(|page| page.rows);
        self.ask(endpoint, &access.headers, access.hint, rows).await
    }

    async fn ask<T>(
        &self,
        endpoint: Endpoint,
        headers: &HeaderMap,
        hint: &'static str,
        read: impl Fn(&[u8]) -> Result<T, ErrorKind>,
    ) -> Result<T, Error> {
        let request = Request { endpoint, ids: &[], query: &[], headers, credential_hint: hint, may_repeat: false };
        self.transport.get(&request, read).await
    }
}

impl Target {
    pub(in crate::provider) const fn has_token(&self) -> bool {
        self.token.is_some()
    }
}
