//! Asks the vendors: who the tenants are, and how one of them is.
//!
//! The set of vendors is closed, so it is an enum; the test double sits at the
//! socket. Each vendor has its `wire` (JSON exactly as it is sent) and its
//! `convert` (wire to domain, pure); both share one [`Transport`].

mod datto;
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

pub use datto::Credentials as DattoCredentials;
pub use dropsuite::{Client as DropsuiteClient, Credentials as DropsuiteCredentials};
pub use error::{Error, ErrorKind};
pub use identity::under_known_ids;
pub use transport::{Account, Accounts, BuildError, Pacing, Route, Settings, Transport, route};

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::InvalidHeaderValue;

use self::endpoint::Endpoint;
use crate::domain::{Drift, Outcome, Part, PartResult, Provider, Rpo, Tenant, TenantId, Timestamp};

/// A client of one account of one vendor.
#[derive(Debug)]
pub enum Client {
    /// Dropsuite, sold as NinjaOne SaaS Backup.
    Dropsuite(dropsuite::Client),
    /// Datto SaaS Protection.
    Datto(datto::Client),
}

/// What a vendor knows an account by.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// The tokens of a Dropsuite reseller.
    Dropsuite(DropsuiteCredentials),
    /// The key of a Datto partner.
    Datto(DattoCredentials),
}

/// A tenant of the listing, with what the client needs to ask for it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What the listing says of it.
    pub tenant: Arc<Tenant>,
    /// How to ask for it.
    pub target: Target,
}

/// How a client asks for one tenant; opaque to everybody else, since it may hold a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A tenant of Dropsuite.
    Dropsuite(dropsuite::Target),
    /// A tenant of Datto.
    Datto(datto::Target),
}

/// What an attempt at the listing brought.
#[derive(Debug)]
pub struct ListingAttempt {
    /// The tenants that were found, or why there are none.
    pub result: Result<Found, Error>,
    /// What did not look as documented.
    pub drift: Vec<Drift>,
}

/// The tenants that a listing found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The tenants.
    pub tenants: Vec<Listed>,
    /// Why these are not all of them; `None` for a complete listing.
    pub shortfall: Option<Error>,
}

impl Found {
    /// What was found in a list of which `unreadable` records could not be read.
    ///
    /// These may be tenants, so nobody who is missing was removed; if nothing else was found, the listing failed.
    fn beside_unreadable(endpoint: Endpoint, tenants: Vec<Listed>, unreadable: u64) -> Result<Self, Error> {
        let kind = ErrorKind::UnreadableRecords { count: unreadable };
        let shortfall = (unreadable > 0).then(|| Error { endpoint: endpoint.template(), kind });
        match shortfall {
            Some(error) if tenants.is_empty() => Err(error),
            shortfall => Ok(Self { tenants, shortfall }),
        }
    }
}

/// What an attempt at some parts of a tenant brought.
#[derive(Debug, Default)]
pub struct Collection {
    /// One result for each part that was asked for.
    pub parts: Vec<PartResult>,
    /// Why parts failed, for the log.
    pub failures: Vec<(Part, Error)>,
    /// What did not look as documented.
    pub drift: Vec<Drift>,
}

/// So many unanswered requests show that the rest of a tenant would go unanswered as well.
const MAX_TIMEOUTS: usize = 2;

impl Error {
    /// Whether no answer came at all; a server's error is one, and may be a single list's.
    const fn is_silence(&self) -> bool {
        matches!(self.outcome(), Outcome::Timeout | Outcome::Dns | Outcome::Tls | Outcome::Connect)
    }
}

impl Collection {
    /// Why nothing more is asked of this tenant, if the vendor cannot be reached or does not answer.
    ///
    /// Each unanswered request takes as long as one may, and holds a place that other tenants wait for.
    fn gave_up(&self) -> Option<Error> {
        let unreachable = |error: &&Error| error.is_silence() && error.outcome() != Outcome::Timeout;
        let timed_out = |error: &&Error| error.outcome() == Outcome::Timeout;
        let errors = || self.failures.iter().map(|(_, error)| error);
        errors().find(unreachable).or_else(|| errors().filter(timed_out).nth(MAX_TIMEOUTS - 1)).cloned()
    }

    /// This part was not asked for, and fails like another before.
    fn fail(&mut self, part: Part, error: Error) {
        self.parts.extend(PartResult::failed(part, error.outcome()));
        self.failures.push((part, error));
    }
}

impl Client {
    /// A client of the account that these credentials belong to.
    ///
    /// # Errors
    ///
    /// When a token or key cannot stand in a header.
    pub fn new(transport: Arc<Transport>, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        Ok(match credentials {
            Credentials::Dropsuite(credentials) => Self::Dropsuite(dropsuite::Client::new(transport, credentials)?),
            Credentials::Datto(credentials) => Self::Datto(datto::Client::new(transport, credentials)?),
        })
    }

    /// The same connection with other credentials.
    ///
    /// # Errors
    ///
    /// When a token or key cannot stand in a header.
    pub fn with_credentials(&self, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        let client = match (self, credentials) {
            (Self::Dropsuite(client), Credentials::Dropsuite(credentials)) => {
                Self::Dropsuite(client.with_credentials(credentials)?)
            }
            _ => Self::new(Arc::clone(self.transport()), credentials)?,
        };
        client.transport().pacing().set_credentials_refused(false);
        Ok(client)
    }

    /// Takes over another ceiling of requests a second.
    pub fn set_requests_per_second(&self, ceiling: f64) {
        self.transport().pacing().set_ceiling(ceiling);
    }

    /// Whether the vendor refused these credentials (401) when the tenants were last listed: until a listing works or the
    /// credentials change, nothing else is worth asking, and asking may lock the account.
    #[must_use]
    pub fn credentials_refused(&self) -> bool {
        self.transport().pacing().credentials_refused()
    }

    /// Whether what failed may be asked for again, at the cost of so many requests: repeats have to be earned by answers.
    /// To be asked only where it then is.
    #[must_use]
    pub fn may_retry(&self, requests: usize) -> bool {
        self.transport().pacing().may_retry(u32::try_from(requests).unwrap_or(u32::MAX))
    }

    /// Requests a second that are sent at most, at present: the configured ceiling, or less where the vendor asks.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.transport().rate()
    }

    /// For how long the vendor asks not to be asked anything; `None` if it does not.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        self.transport().pause()
    }

    /// The moment to judge backups at: `now`, or the vendor's own time where its answers show that this machine's clock is
    /// behind by more than clocks differ. Otherwise a backup would seem that much younger.
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

    /// Whether anything that speaks HTTP answers at the base URL; no credential is sent.
    ///
    /// # Errors
    ///
    /// When no answer came at all; a refusal is an answer.
    pub async fn reach(&self) -> Result<(), Error> {
        self.transport().reach().await
    }

    /// Asks who the tenants are.
    pub async fn list_tenants(&self) -> ListingAttempt {
        let attempt = match self {
            Self::Dropsuite(client) => client.list_tenants().await,
            Self::Datto(client) => client.list_tenants().await,
        };
        match attempt.result.as_ref().err().map(Error::outcome) {
            Some(Outcome::Unauthorized) => self.transport().pacing().set_credentials_refused(true),
            None => self.transport().pacing().set_credentials_refused(false),
            // An outage says nothing of the credentials.
            Some(_) => {}
        }
        attempt
    }

    /// Asks for some parts of one tenant; the age of its backups is measured at `now` against `rpo`.
    ///
    /// The parts fail apart: each gets its own result.
    pub async fn collect_tenant(&self, target: &Target, parts: &[Part], rpo: &Rpo, now: Timestamp) -> Collection {
        match (self, target) {
            (Self::Dropsuite(client), Target::Dropsuite(target)) => {
                client.collect_tenant(target, parts, rpo, now).await
            }
            (Self::Datto(client), Target::Datto(target)) => client.collect_tenant(target, parts, rpo, now).await,
            // A target is used only with the client that listed it.
            (Self::Dropsuite(_), Target::Datto(_)) | (Self::Datto(_), Target::Dropsuite(_)) => Collection::default(),
        }
    }
}

#[cfg(test)]
impl Target {
    /// A target for tests that never ask.
    pub(crate) fn test(id: &str) -> Self {
        Self::Dropsuite(dropsuite::Target::test(id))
    }
}

impl Target {
    /// Whether the listing gave what it takes to ask for this tenant.
    #[must_use]
    pub const fn has_credential(&self) -> bool {
        match self {
            Self::Dropsuite(target) => target.has_token(),
            // The account's own key reaches every customer.
            Self::Datto(_) => true,
        }
    }
}

impl Listed {
    /// The same tenant under the id that it is known by.
    #[must_use]
    pub fn known_as(mut self, id: &TenantId) -> Self {
        if self.tenant.id != *id {
            Arc::make_mut(&mut self.tenant).id = id.clone();
        }
        self
    }

    /// What stays the same when the tenant's id does not: the organization behind several logins. `None` where the id
    /// itself is what stays.
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

/// The endpoints that are asked of a provider, as they appear in labels.
#[must_use]
pub const fn endpoints(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Dropsuite => dropsuite::ENDPOINTS,
        Provider::Datto => datto::ENDPOINTS,
    }
}

/// What can be asked of a tenant that has this product, in the vendor's word.
#[must_use]
pub fn parts(provider: Provider, product: Option<&str>) -> &'static [Part] {
    match provider {
        Provider::Dropsuite => dropsuite::PARTS,
        Provider::Datto => datto::parts(product),
    }
}
