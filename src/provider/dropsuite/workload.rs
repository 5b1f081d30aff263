//! Asks for the backups of one workload of one organization, and sums them up while they are read.

use std::time::Duration;

use super::product::{Branch, Lists, Product};
use super::wire::{ProductDomain, Resource};
use super::{Access, Client, ListRequest, Target, convert, endpoints, failed, no_token, unless_not_licensed};
use crate::domain::{DriftKind, Tally, Timestamp, WorkloadReport};
use crate::provider::endpoint::Endpoint;
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;
use crate::provider::{Collection, Error, ErrorKind};

/// Which workload is asked for, and what it is measured against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) product: &'static Product,
    pub(super) objective: Duration,
    pub(super) now: Timestamp,
}

/// One workload's report.
///
/// With another organization's token the vendor answers 200 with an empty
/// list. No mailbox beside used seats gives that away, and then no other empty
/// list of this organization is believed either.
pub(super) async fn collect(
    client: &Client,
    access: &Option<Access>,
    target: &Target,
    asked: Asked,
    collection: &mut Collection,
) -> Result<WorkloadReport, Error> {
    let product = asked.product;
    let access = access.as_ref().ok_or_else(no_token)?;
    let mailboxes_are_missing = collection.mailboxes_are_missing();
    let mut reader = WorkloadReader { client, access, product, now: asked.now, collection };
    let tally = Tally::new(product.measures(), asked.objective, asked.now);
    let Some(tally) = reader.lists(tally).await? else { return Ok(WorkloadReport::NotLicensed) };
    match target.seats_used.filter(|used| *used > 0) {
        Some(seats_used) if tally.is_empty() && (product.lists_mailboxes() || mailboxes_are_missing) => {
            Err(failed(product.first_endpoint(), ErrorKind::SuspiciousEmpty { seats_used }))
        }
        _ => Ok(WorkloadReport::Licensed(tally.finish())),
    }
}

impl Product {
    fn lists_mailboxes(&self) -> bool {
        self.first_endpoint() == endpoints::ACCOUNTS
    }

    const fn first_endpoint(&self) -> Endpoint {
        match self.lists {
            Lists::Flat(endpoint) => endpoint,
            Lists::ByDomain(branch) | Lists::ByDomainOr(branch, _) => branch.domains,
        }
    }
}

struct WorkloadReader<'a> {
    client: &'a Client,
    access: &'a Access,
    product: &'static Product,
    now: Timestamp,
    collection: &'a mut Collection,
}

impl WorkloadReader<'_> {
    /// All resources of the product, or nothing where it is not licensed.
    async fn lists(&mut self, mut tally: Tally) -> Result<Option<Tally>, Error> {
        let found = match self.product.lists {
            Lists::Flat(endpoint) => {
                // The document knows no paging here; live clients send `per_page` and are answered in pages.
                let query: &[_] = if endpoint == endpoints::ACCOUNTS { &[("per_page", super::PER_PAGE)] } else { &[] };
                let list = ListRequest { query, ..ListRequest::of(endpoint) };
                unless_not_licensed(self.resources(list, Some(true), &mut tally).await)?
            }
            Lists::ByDomain(branch) => unless_not_licensed(self.branch(branch, &mut tally).await)?,
            Lists::ByDomainOr(branch, other) => match self.branch(branch, &mut tally).await {
                Err(error) if matches!(error.kind, ErrorKind::NotFound { .. }) => {
                    unless_not_licensed(self.branch(other, &mut tally).await)?
                }
                result => unless_not_licensed(result)?,
            },
        };
        Ok(found.map(|()| tally))
    }

    /// The resources below every domain; only the list of domains can say that the product is not licensed.
    async fn branch(&mut self, branch: Branch, tally: &mut Tally) -> Result<(), Error> {
        let mut domains: Vec<Result<ProductDomain, Undecodable>> = Vec::new();
        self.client.read(self.access, ListRequest::of(branch.domains), &mut |domain| domains.push(domain)).await?;
        let mut notes = Notes::new(branch.domains);
        for domain in domains {
            let domain = domain.unwrap_or_else(|Undecodable| {
                notes.note("", DriftKind::UndecodableRecord);
                ProductDomain::default()
            });
            let is_active = convert::product_domain_is_active(&domain, &mut notes);
            match notes.required("id", &domain.id) {
                Some(id) => {
                    let list = ListRequest { ids: &[&id.0], ..ListRequest::of(branch.resources) };
                    self.resources(list, is_active, tally).await?;
                }
                // What is below a domain without an id cannot be asked for: something there is unknown.
                None => tally.add(&crate::domain::Resource::UNREADABLE),
            }
        }
        self.collection.drift.extend(notes.into_drift());
        Ok(())
    }

    async fn resources(
        &mut self,
        list: ListRequest<'_>,
        domain_is_active: Option<bool>,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let mut notes = Notes::new(list.endpoint);
        let (product, now) = (self.product, self.now);
        let mut visit = |record: Result<Resource, Undecodable>| {
            if let Some(resource) = convert::resource(&record, product, domain_is_active, now, &mut notes) {
                tally.add(&resource);
            }
        };
        let result = self.client.read(self.access, list, &mut visit).await;
        self.collection.drift.extend(notes.into_drift());
        result
    }
}
