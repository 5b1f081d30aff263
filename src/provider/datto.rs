//! Client for Datto SaaS Protection: which requests, in which order.
//!
//! Responses take 20 to 60 seconds, and the seats of large customers cannot be listed at all: the vendor's edge
//! responds with 504. So the parts fail independently, and a failed list of seats is not retried at once.

mod applications;
mod convert;
mod endpoints;
pub(super) mod fuzzing;
mod vocabulary;
mod wire;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

pub(super) use convert::parts;
pub(super) use endpoints::ENDPOINTS;
pub(super) use vocabulary::FIELDS;

use self::applications::ApplicationsReader;
use self::endpoints as at;
use super::credential_mark;
use super::endpoint::Endpoint;
use super::list::{self, Paging};
use super::note::Notes;
use super::record::{Record, Undecodable};
use super::transport::{Request, Transport};
use super::{Collection, Error, ErrorKind, Found, Listed, ListingAttempt};
use crate::domain::{CredentialMark, Outcome, Part, PartResult, Rpo, SeatReport, Tenant, Timestamp, Workloads};

const HINT: &str = "public_key and secret_key; a key created for one vendor is rejected here although it works elsewhere \
                    (leave \"Select Vendor\" empty)";

/// An API key of a partner.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name of HTTP Basic authentication.
    pub public_key: SecretString,
    /// Its password.
    pub secret_key: SecretString,
}

/// A client for one Datto account.
#[derive(Debug)]
pub struct Client {
    transport: Arc<Transport>,
    headers: HeaderMap,
}

/// How to request the data of one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    id: String,
    seats_used: Option<u64>,
    /// The parts that every customer with this product has.
    parts: &'static [Part],
}

impl Client {
    /// Creates a client with this key; fails if it contains characters not allowed in an HTTP header.
    pub fn new(transport: Arc<Transport>, credentials: &Credentials) -> Result<Self, InvalidHeaderValue> {
        let pair = format!("{}:{}", credentials.public_key.expose_secret(), credentials.secret_key.expose_secret());
        let mut authorization = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair)))?;
        authorization.set_sensitive(true);
        Ok(Self { transport, headers: HeaderMap::from_iter([(AUTHORIZATION, authorization)]) })
    }

    pub(super) const fn transport(&self) -> &Arc<Transport> {
        &self.transport
    }

    pub(super) fn mark(&self) -> CredentialMark {
        credential_mark::of(self.headers.values())
    }

    pub(super) async fn list_tenants(&self) -> ListingAttempt {
        let mut notes = Notes::new(at::DOMAINS);
        let result = self.customers(&mut notes).await;
        ListingAttempt { result, drift: notes.into_drift() }
    }

    async fn customers(&self, notes: &mut Notes) -> Result<Found, Error> {
        let mut domains = Vec::new();
        self.read(at::DOMAINS, &[], true, &mut |domain| domains.push(domain)).await?;
        let (customers, unreadable) = convert::customers(domains, notes);
        let with_target = |tenant: Tenant| Listed {
            target: super::Target::Datto(Target {
                id: tenant.id.as_str().to_owned(),
                seats_used: tenant.seats.used,
                parts: tenant.parts,
            }),
            tenant: Arc::new(tenant),
        };
        Found::beside_unreadable(at::DOMAINS, customers.into_iter().map(with_target).collect(), unreadable)
    }

    pub(super) async fn collect_tenant(
        &self,
        target: &Target,
        parts: &[Part],
        rpo: &Rpo,
        now: Timestamp,
    ) -> Collection {
        let mut collection = Collection::default();
        let workloads: Vec<Part> = parts.iter().copied().filter(|part| matches!(part, Part::Workload(_))).collect();
        if !workloads.is_empty() {
            let result = self.applications(target, rpo, now, &mut collection).await;
            // One response contains all workloads, so they fail together.
            let failures = workloads.iter().flat_map(|part| Some((*part, result.as_ref().err()?.clone())));
            collection.failures.extend(failures);
            collection.parts.push(PartResult::Workloads(outcome_of(result)));
        }
        if parts.contains(&Part::Seats) {
            let result = self.seats(target, now, &mut collection).await;
            collection.failures.extend(result.as_ref().err().map(|error| (Part::Seats, error.clone())));
            collection.parts.push(PartResult::Seats(outcome_of(result)));
        }
        collection
    }

    async fn applications(
        &self,
        target: &Target,
        rpo: &Rpo,
        now: Timestamp,
        collection: &mut Collection,
    ) -> Result<Workloads, Error> {
        let mut records = Vec::new();
        self.read(at::APPLICATIONS, &[&target.id], true, &mut |record| records.push(record)).await?;
        let mut notes = Notes::new(at::APPLICATIONS);
        let own = applications::only_of(&target.id, &mut records, &mut notes);
        let workloads = ApplicationsReader { rpo, now, expected: target.parts, notes: &mut notes }.workloads(&records);
        collection.drift.extend(notes.into_drift());
        own.and_then(|()| applications::all_readable(&records)).map_err(|kind| failed(at::APPLICATIONS, kind))?;
        match target.seats_used {
            Some(seats_used) if seats_used > 0 && workloads.reports.is_empty() => {
                Err(failed(at::APPLICATIONS, ErrorKind::SuspiciousEmpty { seats_used }))
            }
            _ => Ok(workloads),
        }
    }

    async fn seats(&self, target: &Target, now: Timestamp, collection: &mut Collection) -> Result<SeatReport, Error> {
        let mut tally = convert::SeatTally::of(&target.id);
        let mut notes = Notes::new(at::SEATS);
        let mut visit = |seat: Result<wire::Seat, Undecodable>| tally.add(&seat, now, &mut notes);
        let result = self.read(at::SEATS, &[&target.id], false, &mut visit).await;
        let result = result.and_then(|()| tally.check(target.seats_used).map_err(|kind| failed(at::SEATS, kind)));
        let report = tally.finish(&mut notes);
        collection.drift.extend(notes.into_drift());
        result.map(|()| report)
    }

    /// Reads a list to its end, and passes each record on once.
    async fn read<T: Record + Send>(
        &self,
        endpoint: Endpoint,
        ids: &[&str],
        may_repeat: bool,
        visit: &mut (impl FnMut(Result<T, Undecodable>) + Send),
    ) -> Result<(), Error> {
        let headers = &self.headers;
        let request = Request { endpoint, ids, query: &[], headers, credential_hint: HINT, may_repeat };
        let paging = Paging { page: "_page", larger: None };
        list::read(&self.transport, request, paging, &wire::ENVELOPE, visit).await
    }
}

const fn failed(endpoint: Endpoint, kind: ErrorKind) -> Error {
    Error { endpoint: endpoint.template(), kind }
}

fn outcome_of<T>(result: Result<T, Error>) -> Result<T, Outcome> {
    result.map_err(|error| error.outcome())
}
