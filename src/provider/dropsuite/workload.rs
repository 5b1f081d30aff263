//! Collects the backups of one workload of one organization, and aggregates them while reading.

use std::time::Duration;

use super::convert::{self, Parent};
use super::product::{Branch, Lists, Product};
use super::repeats::Repeats;
use super::wire::{ProductDomain, Resource};
use super::{Access, Client, ListRequest, Target, endpoints, failed, no_token};
use crate::domain::{DriftKind, Tally, Timestamp, WorkloadReport};
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;
use crate::provider::{Collection, Error, ErrorKind};

/// Which workload to collect, and the objective to measure it against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) product: &'static Product,
    pub(super) objective: Duration,
    pub(super) now: Timestamp,
}

/// The result of an attempt to collect one workload.
#[derive(Debug)]
pub(super) enum Found {
    /// The complete workload.
    Whole(WorkloadReport),
    /// The workload except what is below some domains, which counts as unknown, and the error.
    Partial(WorkloadReport, Error),
    /// The vendor's own rejection of the product's first page.
    Refused(Error),
}

/// Collects one workload.
///
/// With the token of another organization the vendor responds 200 with an empty list. No mailboxes although seats are
/// in use reveal that; for the other products it follows from the rest of the tenant's data (`TenantState::doubts`).
pub(super) async fn collect(
    client: &Client,
    access: &Option<Access>,
    target: &Target,
    asked: Asked,
    collection: &mut Collection,
) -> Result<Found, Error> {
    let product = asked.product;
    let access = access.as_ref().ok_or_else(no_token)?;
    let tally = Tally::new(product.measures(), asked.objective, asked.now);
    let mut reader =
        WorkloadReader { client, access, product, now: asked.now, tally, lost: Lost::default(), collection };
    let result = reader.lists().await;
    let WorkloadReader { tally, lost, .. } = reader;
    match result {
        Err(error) if error.says_not_licensed() => return Ok(Found::Refused(error)),
        result => result?,
    }
    if let Some(error) = lost.why {
        // If nothing else is known, there is nothing to export.
        return if lost.is_all {
            Err(error)
        } else {
            Ok(Found::Partial(WorkloadReport::Licensed(tally.finish()), error))
        };
    }
    match target.seats_used {
        Some(seats_used @ 1..) if tally.is_empty() && product.lists_mailboxes() => {
            Err(failed(endpoints::ACCOUNTS, ErrorKind::SuspiciousEmpty { seats_used }))
        }
        _ => Ok(Found::Whole(WorkloadReport::Licensed(tally.finish()))),
    }
}

impl Product {
    fn lists_mailboxes(&self) -> bool {
        matches!(self.lists, Lists::Flat(endpoint) if endpoint == endpoints::ACCOUNTS)
    }
}

/// What is missing of a workload whose first list was readable.
#[derive(Debug)]
struct Lost {
    /// The first error.
    why: Option<Error>,
    /// Whether nothing else was read.
    is_all: bool,
}

impl Default for Lost {
    fn default() -> Self {
        Self { why: None, is_all: true }
    }
}

type ProductDomains = Vec<Result<ProductDomain, Undecodable>>;

struct WorkloadReader<'a> {
    client: &'a Client,
    access: &'a Access,
    product: &'static Product,
    now: Timestamp,
    tally: Tally,
    lost: Lost,
    collection: &'a mut Collection,
}

impl WorkloadReader<'_> {
    /// Reads all resources of the product.
    async fn lists(&mut self) -> Result<(), Error> {
        match self.product.lists {
            Lists::Flat(endpoint) => {
                // Paging is undocumented here; live clients send `per_page` and get pages.
                let query: &[_] = if endpoint == endpoints::ACCOUNTS { &[("per_page", super::PER_PAGE)] } else { &[] };
                let list = ListRequest { query, ..ListRequest::of(endpoint) };
                self.resources(list, Parent::HEALTHY).await.map(|_| ())
            }
            Lists::ByDomain(branch) => {
                let domains = self.domains(branch).await?;
                self.below(branch, domains).await;
                Ok(())
            }
            Lists::ByDomainOr(branch, other) => {
                let (branch, domains) = match self.domains(branch).await {
                    Err(error) if matches!(error.kind, ErrorKind::NotFound { .. }) => {
                        (other, self.domains(other).await?)
                    }
                    domains => (branch, domains?),
                };
                self.below(branch, domains).await;
                Ok(())
            }
        }
    }

    async fn domains(&self, branch: Branch) -> Result<ProductDomains, Error> {
        let mut domains = Vec::new();
        self.client.read(self.access, ListRequest::of(branch.domains), &mut |domain| domains.push(domain)).await?;
        Ok(domains)
    }

    /// Reads the resources below every domain; a domain that fails does not affect the others.
    async fn below(&mut self, branch: Branch, domains: ProductDomains) {
        let mut notes = Notes::new(branch.domains);
        let mut repeats = Repeats::default();
        let mut unanswered: Option<Error> = None;
        let unreadable = || failed(branch.domains, ErrorKind::UnreadableRecords { count: 1 });
        for domain in domains {
            // If the vendor does not respond, skip the rest: each request would take the full timeout.
            if let Some(error) = &unanswered {
                self.lose(error.clone());
                continue;
            }
            let Ok(domain) = domain else {
                notes.note("", DriftKind::UndecodableRecord);
                self.lose(unreadable());
                continue;
            };
            repeats.see(&domain, &mut notes);
            let parent = convert::parent(&domain, self.now, &mut notes);
            let announced = convert::announced(&domain, parent, &mut notes);
            let Some(id) = notes.required("id", &domain.id) else {
                self.lose(unreadable());
                continue;
            };
            let list = ListRequest { ids: &[&id.0], ..ListRequest::of(branch.resources) };
            match (self.resources(list, parent).await, announced) {
                (Ok(0), 1..) => {
                    self.lose(failed(branch.resources, ErrorKind::Incomplete { received: 0, announced }));
                }
                (Ok(_), _) => self.lost.is_all = false,
                (Err(error), _) => {
                    unanswered = Some(error.clone()).filter(|error| error.is_silence());
                    self.lose(error);
                }
            }
        }
        self.collection.drift.extend(notes.into_drift());
    }

    /// Records that something below a domain is unknown.
    fn lose(&mut self, error: Error) {
        self.tally.add(&crate::domain::Resource::UNREADABLE);
        self.lost.why.get_or_insert(error);
    }

    /// Adds a list of resources; returns the number of records, including deleted ones.
    async fn resources(&mut self, list: ListRequest<'_>, parent: Parent) -> Result<u64, Error> {
        let mut notes = Notes::new(list.endpoint);
        let mut repeats = Repeats::default();
        let mut records = 0;
        let (product, now, tally) = (self.product, self.now, &mut self.tally);
        let mut visit = |record: Result<Resource, Undecodable>| {
            records += 1;
            if let Ok(record) = &record {
                repeats.see(record, &mut notes);
            }
            if let Some(resource) = convert::resource(&record, product, parent, now, &mut notes) {
                tally.add(&resource);
            }
        };
        let result = self.client.read(self.access, list, &mut visit).await;
        self.collection.drift.extend(notes.into_drift());
        result.map(|()| records)
    }
}
