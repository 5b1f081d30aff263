//! Checks whether the vendor accepts the credentials, and finds the mistake if not.

mod datto;
mod dropsuite;

use super::findings::{Findings, Stop};
use super::report::{Finding, Step, Verdict};
use super::{Effort, Subject, failure};
use crate::config::Provider;
use crate::poller::Rotation;
use crate::provider::{Client, Error, ErrorKind, ListingAttempt};

/// A listing and what it took.
pub(super) type TimedListing = (ListingAttempt, Effort);

/// Tries the credentials; the listing comes along where it is the only way to try them.
pub(super) async fn check(findings: &mut Findings<'_>, subject: &Subject<'_>) -> Result<Option<TimedListing>, Stop> {
    match &subject.client {
        Client::Dropsuite(client) => dropsuite::check(findings, subject, client).await.map(|()| None),
        Client::Datto(_) => datto::check(findings, subject).await.map(Some),
    }
}

/// The same client with the two secrets swapped, which is the most common mistake.
fn swapped(subject: &Subject<'_>) -> Option<Client> {
    let mut provider = subject.source.provider.clone();
    match &mut provider {
        Provider::Dropsuite { reseller_token, access_token, .. } => std::mem::swap(reseller_token, access_token),
        Provider::Datto { public_key, secret_key, .. } => std::mem::swap(public_key, secret_key),
    }
    subject.client.with_credentials(&Rotation::new(provider).credentials()).ok()
}

/// A failure with the general advice.
fn failed(error: &Error, subject: &Subject<'_>) -> Finding {
    rejected(error, failure::advice(&error.kind, subject.host()))
}

/// A failure with advice of its own.
fn rejected(error: &Error, advice: impl Into<String>) -> Finding {
    let found = match error.kind {
        // The usual text also covers a tenant's products, which are not requested here.
        ErrorKind::NotFound { .. } => "404 not found".to_owned(),
        ref kind => kind.to_string(),
    };
    Finding::new(Step::Credentials, Verdict::Fail, format!("GET {}", error.endpoint), found).advise(advice)
}
