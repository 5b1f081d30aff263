//! Talks to the vendors' APIs: lists tenants, and collects each of them.
//!
//! The set of vendors is closed, so it is an enum; tests replace the vendor at the socket. Each vendor has its `wire`
//! (JSON exactly as sent) and its `convert` (wire to domain, pure); both share one [`Transport`].

mod credential_mark;
mod datto;
mod digest;
mod dropsuite;
mod endpoint;
mod error;
mod field;
#[doc(hidden)]
pub mod fuzzing;
mod identity;
mod list;
mod name;
mod note;
mod page;
mod page_size;
mod pagination;
mod paging;
mod record;
mod transport;
mod vocabulary;

pub use datto::Credentials as DattoCredentials;
pub use dropsuite::{Client as DropsuiteClient, Credentials as DropsuiteCredentials};
pub use error::{Error, ErrorKind};
pub use identity::under_known_ids;
pub use page::valid as valid_text;
pub use transport::{
    Account, Accounts, BuildError, Exchange, Observer, Pacing, Route, Settings, Transport, delay, route, stops_requests,
};
pub use vocabulary::{Recognized, Role};

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, InvalidHeaderValue};

use self::endpoint::Endpoint;
use crate::domain::{
    CredentialMark, Drift, Outcome, Part, PartResult, Provider, Restraint, Rpo, Tenant, TenantId, Timestamp,
};

/// A client of one account of one vendor.
#[derive(Debug)]
pub enum Client {
    /// Dropsuite, sold as NinjaOne SaaS Backup.
    Dropsuite(dropsuite::Client),
    /// Datto SaaS Protection.
    Datto(datto::Client),
}

/// The credentials of an account.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// The tokens of a Dropsuite reseller.
    Dropsuite(DropsuiteCredentials),
    /// The key of a Datto partner.
    Datto(DattoCredentials),
}

/// A listed tenant, with what the client needs to collect it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The tenant as listed.
    pub tenant: Arc<Tenant>,
    /// How to request its data.
    pub target: Target,
}

/// How a client requests the data of one tenant; opaque, because it may contain a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A tenant of Dropsuite.
    Dropsuite(dropsuite::Target),
    /// A tenant of Datto.
    Datto(datto::Target),
}

/// The result of an attempt to list the tenants.
#[derive(Debug)]
pub struct ListingAttempt {
    /// The tenants, or why the listing failed.
    pub result: Result<Found, Error>,
    /// Deviations from the documented schema.
    pub drift: Vec<Drift>,
}

impl ListingAttempt {
    /// Whether the vendor rejected the credentials.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.result.as_ref().is_err_and(|error| error.outcome() == Outcome::Unauthorized)
    }
}

/// The tenants in a listing.
#[derive(Clone, Debug)]
pub struct Found {
    /// The tenants.
    pub tenants: Vec<Listed>,
    /// Why these are not all of them; `None` for a complete listing.
    pub shortfall: Option<Error>,
}

impl Found {
    /// The result of a list in which `unreadable` records could not be read.
    ///
    /// These may be tenants, so missing ones are not removed; if nothing else was found, the listing failed.
    fn beside_unreadable(endpoint: Endpoint, tenants: Vec<Listed>, unreadable: u64) -> Result<Self, Error> {
        let kind = ErrorKind::UnreadableRecords { count: unreadable };
        let shortfall = (unreadable > 0).then(|| Error { endpoint: endpoint.template(), kind });
        match shortfall {
            Some(error) if tenants.is_empty() => Err(error),
            shortfall => Ok(Self { tenants, shortfall }),
        }
    }
}

/// The result of an attempt to collect some parts of a tenant.
#[derive(Debug, Default)]
pub struct Collection {
    /// One result per requested part.
    pub parts: Vec<PartResult>,
    /// Why parts failed, for the log.
    pub failures: Vec<(Part, Error)>,
    /// Deviations from the documented schema.
    pub drift: Vec<Drift>,
}

/// After this many timeouts the remaining requests for a tenant are skipped.
const MAX_TIMEOUTS: usize = 2;

impl Error {
    /// Whether there was no response at all. A server error is a response, and may concern only one list.
    const fn is_silence(&self) -> bool {
        matches!(self.outcome(), Outcome::Timeout | Outcome::Dns | Outcome::Tls | Outcome::Connect)
    }
}

impl Collection {
    /// Why the remaining parts of this tenant are skipped, if the vendor is unreachable or does not respond.
    ///
    /// Each unanswered request takes the full timeout, and occupies a slot that other tenants wait for.
    fn gave_up(&self) -> Option<Error> {
        let unreachable = |error: &&Error| error.is_silence() && error.outcome() != Outcome::Timeout;
        let timed_out = |error: &&Error| error.outcome() == Outcome::Timeout;
        let errors = || self.failures.iter().map(|(_, error)| error);
        errors().find(unreachable).or_else(|| errors().filter(timed_out).nth(MAX_TIMEOUTS - 1)).cloned()
    }

    /// Fails a part that was not requested, with the error of another.
    fn fail(&mut self, part: Part, error: Error) {
        self.parts.extend(PartResult::failed(part, error.outcome()));
        self.failures.push((part, error));
    }
}

impl Client {
    /// Creates a client for the account of these credentials.
    ///
    /// # Errors
    ///
    /// If a token or key contains characters not allowed in an HTTP header.
    pub fn new(transport: Arc<Transport>, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        Ok(match credentials {
            Credentials::Dropsuite(credentials) => Self::Dropsuite(dropsuite::Client::new(transport, credentials)?),
            Credentials::Datto(credentials) => Self::Datto(datto::Client::new(transport, credentials)?),
        })
    }

    /// Creates a client with other credentials on the same connection.
    ///
    /// # Errors
    ///
    /// If a token or key contains characters not allowed in an HTTP header.
    pub fn with_credentials(&self, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        let client = match (self, credentials) {
            (Self::Dropsuite(client), Credentials::Dropsuite(credentials)) => {
                Self::Dropsuite(client.with_credentials(credentials)?)
            }
            _ => Self::new(Arc::clone(self.transport()), credentials)?,
        };
        client.transport().pacing().set_refused(None);
        Ok(client)
    }

    /// Sets the maximum number of requests per second.
    pub fn set_requests_per_second(&self, ceiling: f64) {
        self.transport().pacing().set_ceiling(ceiling);
    }

    /// Whether the vendor rejected these credentials (401) at the last listing.
    ///
    /// Until a listing succeeds or the credentials change, nothing else is requested: it would be pointless, and may
    /// lock the account.
    #[must_use]
    pub fn credentials_refused(&self) -> bool {
        self.transport().pacing().refused() == Some(self.mark())
    }

    /// Continues with what the vendor asked of the account before a restart. Only the credentials that it rejected count
    /// as rejected: others, which were changed meanwhile, are tried at once.
    pub fn resume(&self, restraint: &Restraint, now: Timestamp) {
        self.transport().pacing().resume(restraint, now);
    }

    /// The mark of these credentials.
    fn mark(&self) -> CredentialMark {
        match self {
            Self::Dropsuite(client) => client.mark(),
            Self::Datto(client) => client.mark(),
        }
    }

    /// Whether failed requests may be retried; successful responses earn the tokens for retries.
    ///
    /// Takes the tokens, so call it only right before retrying.
    #[must_use]
    pub fn may_retry(&self, requests: usize) -> bool {
        self.transport().pacing().may_retry(u32::try_from(requests).unwrap_or(u32::MAX))
    }

    /// The current maximum of requests per second: the configured rate limit, or less if the vendor throttles.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.transport().rate()
    }

    /// How long the vendor has asked to pause; `None` if it has not.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        self.transport().pause()
    }

    /// The time at which backups are evaluated: `now`, or the vendor's time if its responses show that this machine's
    /// clock is behind by more than clocks usually differ. Otherwise backups would look younger than they are.
    #[must_use]
    pub fn judged_at(&self, now: Timestamp) -> Timestamp {
        self.transport().latest(now)
    }

    const fn transport(&self) -> &Arc<Transport> {
        match self {
            Self::Dropsuite(client) => client.transport(),
            Self::Datto(client) => client.transport(),
        }
    }

    /// Checks whether an HTTP server responds at the base URL; sends no credentials.
    ///
    /// # Errors
    ///
    /// If there is no response at all; a rejection is a response.
    pub async fn reach(&self) -> Result<(), Error> {
        self.transport().reach().await
    }

    /// Lists the tenants.
    pub async fn list_tenants(&self) -> ListingAttempt {
        match self {
            Self::Dropsuite(client) => client.list_tenants().await,
            Self::Datto(client) => client.list_tenants().await,
        }
    }

    /// Records whether the vendor accepts these credentials, as a listing shows. Not to be called after a rotation: a
    /// response to the old credentials says nothing about the new ones.
    pub fn judge_credentials(&self, attempt: &ListingAttempt) {
        match attempt.result.as_ref().err().map(Error::outcome) {
            Some(Outcome::Unauthorized) => self.transport().pacing().set_refused(Some(self.mark())),
            None => self.transport().pacing().set_refused(None),
            // An outage says nothing about the credentials.
            Some(_) => {}
        }
    }

    /// Collects some parts of one tenant; the age of its backups is measured at `now` against `rpo`.
    ///
    /// The parts fail independently: each has its own result.
    pub async fn collect_tenant(&self, target: &Target, parts: &[Part], rpo: &Rpo, now: Timestamp) -> Collection {
        match (self, target) {
            (Self::Dropsuite(client), Target::Dropsuite(target)) => {
                client.collect_tenant(target, parts, rpo, now).await
            }
            (Self::Datto(client), Target::Datto(target)) => client.collect_tenant(target, parts, rpo, now).await,
            // A target is only used with the client that listed it.
            (Self::Dropsuite(_), Target::Datto(_)) | (Self::Datto(_), Target::Dropsuite(_)) => Collection::default(),
        }
    }
}

#[cfg(test)]
impl Target {
    /// A target for tests that send no requests.
    pub(crate) fn test(id: &str) -> Self {
        Self::Dropsuite(dropsuite::Target::test(id))
    }
}

impl Target {
    /// Whether the listing contained the credentials that this tenant needs.
    #[must_use]
    pub const fn has_credential(&self) -> bool {
        match self {
            Self::Dropsuite(target) => target.has_token(),
            // The account's own key gives access to every customer.
            Self::Datto(_) => true,
        }
    }
}

impl Listed {
    /// The same tenant under its established id.
    #[must_use]
    pub fn known_as(mut self, id: &TenantId) -> Self {
        if self.tenant.id != *id {
            Arc::make_mut(&mut self.tenant).id = id.clone();
        }
        self
    }

    /// What stays the same if the tenant's id changes: the organization behind several logins. `None` if the id itself
    /// is stable.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        match self.target {
            Target::Dropsuite(_) => self.tenant.organization_id.as_deref(),
            Target::Datto(_) => None,
        }
    }

    /// The tenant's id.
    #[must_use]
    pub fn id(&self) -> &TenantId {
        &self.tenant.id
    }
}

/// The endpoints of a provider, as they appear in labels.
#[must_use]
pub const fn endpoints(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Dropsuite => dropsuite::ENDPOINTS,
        Provider::Datto => datto::ENDPOINTS,
    }
}

/// The parts that can be collected for a tenant with this product, in the vendor's term.
#[must_use]
pub fn parts(provider: Provider, product: Option<&str>) -> &'static [Part] {
    match provider {
        Provider::Dropsuite => dropsuite::PARTS,
        Provider::Datto => datto::parts(product),
    }
}

/// What a field of this vendor holds; `None` if neither the clients nor the vendor's documents know its name.
#[must_use]
pub fn role(provider: Provider, field: &str) -> Option<Role> {
    let fields = match provider {
        Provider::Dropsuite => dropsuite::FIELDS,
        Provider::Datto => datto::FIELDS,
    };
    fields.iter().find(|(name, _)| *name == field).map(|(_, role)| *role)
}

/// The credential in the headers of a request that decides whose data is meant.
#[must_use]
pub fn credential(headers: &HeaderMap) -> Option<&str> {
    let token = headers.get(dropsuite::ACCESS_TOKEN).or_else(|| headers.get(AUTHORIZATION));
    token.and_then(|token| token.to_str().ok())
}
