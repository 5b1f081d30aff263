//! Client for Dropsuite: which requests, in which order, with which of the two tokens.
//!
//! The reseller's access token lists the organizations; each row contains the organization's own token, which all other
//! requests need. The reseller token accompanies every request.

mod convert;
mod coverage;
mod endpoints;
pub(super) mod fuzzing;
mod lifecycle;
mod ownership;
mod probe;
mod product;
mod repeats;
mod vocabulary;
mod wire;
mod workload;

use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

pub(super) use convert::PARTS;
pub(super) use endpoints::ENDPOINTS;
pub(super) use vocabulary::FIELDS;

use self::endpoints as at;
use self::product::Product;
use self::workload::Found;
use super::credential_mark;
use super::endpoint::Endpoint;
use super::list::{self, Paging};
use super::note::Notes;
use super::page_size::{LargerPage, PageSizes};
use super::record::{Record, Undecodable};
use super::transport::{Request, Transport};
use super::{Collection, Error, ErrorKind, Found as Listing, Listed, ListingAttempt};
use crate::domain::{CredentialMark, DriftKind, Outcome, Part, PartResult, Rpo, SeatReport, Timestamp};

const RESELLER_TOKEN: HeaderName = HeaderName::from_static("x-reseller-token");
pub(super) const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");
/// The documented maximum of rows per page.
const PER_PAGE: &str = "100";
/// Undocumented for some lists, which may honour it nevertheless.
const ROWS_PARAMETER: &str = "per_page";
/// The maximum number of rows to request.
const MAX_ROWS: u64 = 100;

/// The two tokens of a reseller.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The UUID in the portal's API information.
    pub reseller_token: SecretString,
    /// The reseller's authentication token, which lists the organizations.
    pub access_token: SecretString,
}

/// A client for one Dropsuite account.
#[derive(Debug)]
pub struct Client {
    transport: Arc<Transport>,
    reseller_token: HeaderValue,
    access_token: HeaderValue,
    page_sizes: Arc<PageSizes>,
}

/// How to request the data of one organization.
#[derive(Clone, Debug)]
pub struct Target {
    /// The login in the URL; it may change without changing the tenant's id.
    id: String,
    /// Whose rows are meant; `None` where the listing does not say.
    organization_id: Option<String>,
    token: Option<SecretString>,
    seats_used: Option<u64>,
    archiver: Option<bool>,
}

impl PartialEq for Target {
    /// Destructured, so that no field is forgotten: secrets implement no equality.
    fn eq(&self, other: &Self) -> bool {
        let Self { id, organization_id, token, seats_used, archiver } = self;
        let token = token.as_ref().map(|token| token.expose_secret());
        (id, organization_id, seats_used, archiver)
            == (&other.id, &other.organization_id, &other.seats_used, &other.archiver)
            && token == other.token.as_ref().map(|token| token.expose_secret())
    }
}

impl Eq for Target {}

#[cfg(test)]
impl Target {
    pub(super) fn test(id: &str) -> Self {
        Self { id: id.to_owned(), organization_id: None, token: None, seats_used: None, archiver: None }
    }
}

/// The identity of a request.
#[derive(Clone, Debug)]
struct Access {
    headers: HeaderMap,
    /// The organization whose rows are meant, where one is and its id is known.
    organization_id: Option<String>,
    hint: &'static str,
}

/// A list to read to its end.
#[derive(Clone, Copy, Debug)]
struct ListRequest<'a> {
    endpoint: Endpoint,
    ids: &'a [&'a str],
    query: &'a [(&'a str, &'a str)],
}

impl ListRequest<'_> {
    const fn of(endpoint: Endpoint) -> Self {
        ListRequest { endpoint, ids: &[], query: &[] }
    }
}

impl Client {
    /// Creates a client with these tokens; fails if one contains characters not allowed in an HTTP header.
    pub fn new(transport: Arc<Transport>, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        Ok(Self {
            transport,
            reseller_token: header(&credentials.reseller_token)?,
            access_token: header(&credentials.access_token)?,
            page_sizes: Arc::default(),
        })
    }

    /// Creates the same client with other tokens of the account.
    pub(super) fn with_credentials(&self, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        let client = Self::new(Arc::clone(&self.transport), credentials)?;
        Ok(Self { page_sizes: Arc::clone(&self.page_sizes), ..client })
    }

    pub(super) const fn transport(&self) -> &Arc<Transport> {
        &self.transport
    }

    pub(super) fn mark(&self) -> CredentialMark {
        credential_mark::of([&self.reseller_token, &self.access_token])
    }

    pub(super) async fn list_tenants(&self) -> ListingAttempt {
        let mut notes = Notes::new(at::USERS);
        let result = self.organizations(&mut notes).await;
        ListingAttempt { result, drift: notes.into_drift() }
    }

    async fn organizations(&self, notes: &mut Notes) -> Result<Listing, Error> {
        let list = ListRequest { query: &[("per_page", PER_PAGE)], ..ListRequest::of(at::USERS) };
        let mut logins = Vec::new();
        self.read(&self.as_reseller(), list, &mut |login| logins.push(login)).await?;
        let (organizations, unreadable) = convert::organizations(logins, notes);
        let with_target = |organization: convert::Organization| Listed {
            target: super::Target::Dropsuite(Target {
                id: organization.login,
                organization_id: organization.tenant.organization_id.clone(),
                token: organization.token,
                seats_used: organization.tenant.seats.used,
                archiver: organization.archiver,
            }),
            tenant: Arc::new(organization.tenant),
        };
        Listing::beside_unreadable(at::USERS, organizations.into_iter().map(with_target).collect(), unreadable)
    }

    pub(super) async fn collect_tenant(
        &self,
        target: &Target,
        parts: &[Part],
        rpo: &Rpo,
        now: Timestamp,
    ) -> Collection {
        let access = self.as_organization(target);
        let mut collection = Collection::default();
        for part in parts {
            if let Some(error) = collection.gave_up() {
                if *part == Part::Coverage {
                    collection.parts.push(PartResult::Domains(Err(error.outcome())));
                }
                collection.fail(*part, error);
                continue;
            }
            let (result, error) = match *part {
                // The domains are collected together with the coverage.
                Part::Listing | Part::Domains => continue,
                Part::Seats => {
                    let (result, error) = split(self.seats(target, &mut collection).await);
                    (PartResult::Seats(result), error)
                }
                Part::Coverage => coverage::collect(self, &access, target, &mut collection).await,
                Part::Lifecycle => lifecycle::collect(self, &access, target, &mut collection).await,
                Part::Workload(workload) => {
                    let Some(product) = Product::of(workload) else { continue };
                    let asked = workload::Asked { product, objective: rpo.of(workload), now };
                    match workload::collect(self, &access, target, asked, &mut collection).await {
                        Ok(Found::Whole(report)) => (PartResult::Workload(workload, Ok(report)), None),
                        Ok(Found::Partial(report, error)) => {
                            (PartResult::PartialWorkload(workload, report, error.outcome()), Some(error))
                        }
                        Ok(Found::Refused(error)) => (PartResult::Refused(workload, error.outcome()), None),
                        Err(error) => (PartResult::Workload(workload, Err(error.outcome())), Some(error)),
                    }
                }
            };
            collection.parts.push(result);
            collection.failures.extend(error.map(|error| (*part, error)));
        }
        collection
    }

    /// The licence counters; this endpoint takes the reseller's token.
    async fn seats(&self, target: &Target, collection: &mut Collection) -> Result<SeatReport, Error> {
        let mut notes = Notes::new(at::USER);
        let list = ListRequest { ids: &[&target.id], ..ListRequest::of(at::USER) };
        let (mut counts, mut foreign) = (None, 0);
        let result = self
            .read(&self.as_reseller(), list, &mut |user: Result<wire::User, Undecodable>| match user {
                Ok(user) if notes.required("id", &user.id).is_some_and(|id| id.0 == target.id) => {
                    counts.get_or_insert_with(|| convert::seats(&user, &mut notes));
                }
                Ok(user) if user.id.value().is_some() => {
                    foreign += 1;
                    notes.note("", DriftKind::ForeignRecord);
                }
                Ok(_) => {}
                Err(Undecodable) => notes.note("", DriftKind::UndecodableRecord),
            })
            .await;
        collection.drift.extend(notes.into_drift());
        result?;
        counts.map(|counts| SeatReport { counts, by_type: None }).ok_or_else(|| {
            let kind = match foreign {
                0 => ErrorKind::Shape { found: "an unreadable record" },
                count => ErrorKind::ForeignRecords { count },
            };
            failed(at::USER, kind)
        })
    }

    fn as_reseller(&self) -> Access {
        let hint = "reseller_token (the UUID of the portal's API information) and access_token (the reseller's \
                    authentication token)";
        Access { headers: self.headers(self.access_token.clone()), organization_id: None, hint }
    }

    fn as_organization(&self, target: &Target) -> Option<Access> {
        let token = header(target.token.as_ref()?).ok()?;
        let hint = "that the organization's own authentication_token (from the listing) has access to this";
        Some(Access { headers: self.headers(token), organization_id: target.organization_id.clone(), hint })
    }

    fn headers(&self, access_token: HeaderValue) -> HeaderMap {
        HeaderMap::from_iter([(RESELLER_TOKEN, self.reseller_token.clone()), (ACCESS_TOKEN, access_token)])
    }

    /// Reads a list to its end, and passes each record on once; pages are not kept.
    async fn read<T: Record + Send>(
        &self,
        access: &Access,
        asked: ListRequest<'_>,
        visit: &mut (impl FnMut(Result<T, Undecodable>) + Send),
    ) -> Result<(), Error> {
        let request = Request {
            endpoint: asked.endpoint,
            ids: asked.ids,
            query: asked.query,
            headers: &access.headers,
            credential_hint: access.hint,
            may_repeat: true,
        };
        let is_documented = asked.query.iter().any(|(name, _)| *name == ROWS_PARAMETER);
        let larger = LargerPage { parameter: ROWS_PARAMETER, most: MAX_ROWS, sizes: &self.page_sizes };
        let paging = Paging { page: "page", larger: (!is_documented).then_some(larger) };
        list::read(&self.transport, request, paging, wire::envelope(asked.endpoint), visit).await
    }
}

/// The token as a header value that is never logged.
fn header(token: &SecretString) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(token.expose_secret())?;
    value.set_sensitive(true);
    Ok(value)
}

const fn failed(endpoint: Endpoint, kind: ErrorKind) -> Error {
    Error { endpoint: endpoint.template(), kind }
}

/// The listing returned no token, without which nothing can be requested.
const fn no_token() -> Error {
    failed(at::USERS, ErrorKind::NoToken)
}

/// Splits a result into the outcome for the state and the error for the log.
fn split<T>(result: Result<T, Error>) -> (Result<T, Outcome>, Option<Error>) {
    match result {
        Ok(value) => (Ok(value), None),
        Err(error) => (Err(error.outcome()), Some(error)),
    }
}
