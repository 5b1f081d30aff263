//! Sends the single requests that distinguish Dropsuite's tokens, without retries.

use reqwest::header::HeaderMap;

use super::endpoints as at;
use super::{Client, RESELLER_TOKEN, Target, wire};
use crate::provider::endpoint::Endpoint;
use crate::provider::page::Page;
use crate::provider::transport::Request;
use crate::provider::{Error, ErrorKind};

/// Validates only the reseller token ("User's Authentication Token" is not required).
const STATUS: Endpoint = Endpoint::new("/status");

impl Client {
    /// Checks whether the vendor accepts the reseller token.
    ///
    /// # Errors
    ///
    /// If it does not, or the response is not JSON.
    pub async fn check_reseller_token(&self) -> Result<(), Error> {
        let headers = HeaderMap::from_iter([(RESELLER_TOKEN, self.reseller_token.clone())]);
        let hint = "reseller_token (the UUID of the portal's API information)";
        // The response is text, and any JSON is fine.
        self.ask(STATUS, &headers, hint, |body| {
            match Page::read::<wire::User>(body, wire::envelope(STATUS), &mut |_| {}) {
                Err(kind @ ErrorKind::Decode { .. }) => Err(kind),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Checks whether the access token lists organizations, as the reseller's own does.
    ///
    /// # Errors
    ///
    /// If it does not, or the response is not a list.
    pub async fn check_access_token(&self) -> Result<(), Error> {
        self.rows::<wire::User>(at::USERS).await.map(|_| ())
    }

    /// The number of mailboxes on the first page for the access token: some for an organization's, none for the
    /// reseller's.
    ///
    /// # Errors
    ///
    /// If the vendor rejects the token, or the response is not a list.
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
