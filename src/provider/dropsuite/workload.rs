//! Asks for the backups of one workload of one organization, and sums them up while they are read.

use std::time::Duration;

use super::convert::{self, Parent};
use super::ownership::Ownership;
use super::product::{Branch, Lists, Product};
use super::repeats::Repeats;
use super::wire::{ProductDomain, Resource};
use super::{Access, Client, ListRequest, Target, endpoints, failed, no_token};
use crate::domain::{DriftKind, Tally, Timestamp, WorkloadReport};
use crate::provider::note::Notes;
use crate::provider::page::FULL_PAGE;
use crate::provider::record::Undecodable;
use crate::provider::{Collection, Error, ErrorKind};

/// Which workload is asked for, and what it is measured against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) product: &'static Product,
    pub(super) objective: Duration,
    pub(super) now: Timestamp,
}

/// What an attempt at one workload brought.
#[derive(Debug)]
pub(super) enum Found {
    /// All of it.
    Whole(WorkloadReport),
    /// All but what is below some domains, which counts as unknown, and why that is missing.
    Partial(WorkloadReport, Error),
    /// A refusal of the product's first page, in the vendor's own words.
    Refused(Error),
}

/// One workload.
///
/// With another organization's token the vendor answers 200 with an empty list. No mailbox beside used seats gives that
/// away; what it means for the other products follows from what is known of the tenant (`TenantState::doubts`).
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
        // Where nothing else is known, there is nothing to show.
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

/// What could not be read of a workload whose first list was.
#[derive(Debug)]
struct Lost {
    /// Why: the first reason.
    why: Option<Error>,
    /// Whether nothing was read beside it.
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
    /// All resources of the product.
    async fn lists(&mut self) -> Result<(), Error> {
        match self.product.lists {
            Lists::Flat(endpoint) => {
                // The document knows no paging here; live clients send `per_page` and are answered in pages.
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
                    // Only the vendor itself can say that there is no such path.
                    Err(error) if matches!(error.kind, ErrorKind::NotFound { json: true }) => {
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

    /// The resources below every domain; one that cannot be asked for leaves those of the others as they are.
    async fn below(&mut self, branch: Branch, domains: ProductDomains) {
        let mut notes = Notes::new(branch.domains);
        let mut repeats = Repeats::default();
        let mut unanswered: Option<Error> = None;
        let unreadable = || failed(branch.domains, ErrorKind::UnreadableRecords { count: 1 });
        for domain in domains {
            // The vendor is not asked again where it gives no answer: each request takes as long as one may.
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
            match self.resources(list, parent).await {
                // A list without totals ends with an empty page, which may come too early: after full pages, or as the
                // first.
                Ok(received) if received < announced && received.is_multiple_of(FULL_PAGE) => {
                    self.lost.is_all &= received == 0;
                    self.lose(failed(branch.resources, ErrorKind::Incomplete { received, announced }));
                }
                Ok(_) => self.lost.is_all = false,
                Err(error) => {
                    unanswered = Some(error.clone()).filter(|error| error.is_silence());
                    self.lose(error);
                }
            }
        }
        self.collection.drift.extend(notes.into_drift());
    }

    /// Something below a domain is unknown.
    fn lose(&mut self, error: Error) {
        self.tally.add(&crate::domain::Resource::UNREADABLE);
        self.lost.why.get_or_insert(error);
    }

    /// Adds a list of resources: how many records it has, deleted ones included.
    async fn resources(&mut self, list: ListRequest<'_>, parent: Parent) -> Result<u64, Error> {
        let mut notes = Notes::new(list.endpoint);
        let mut repeats = Repeats::default();
        let mut ownership = Ownership::of(self.access);
        let mut records = 0;
        let (product, now, tally) = (self.product, self.now, &mut self.tally);
        let mut visit = |record: Result<Resource, Undecodable>| {
            if !ownership.admits(&record, &mut notes) {
                return;
            }
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
        result.and_then(|()| ownership.check(list.endpoint)).map(|()| records)
    }
}
