//! Asks for the slow facts of one organization.
//!
//! A list that the vendor answers with 403 or 404 is a product that is not
//! there: its fact is absent, and the others are kept.

use std::time::Duration;

use super::wire::{Counted, Invite, RetentionPolicy};
use super::{Access, Client, ListRequest, PER_PAGE, Target, convert, endpoints as at, no_token, unless_not_licensed};
use crate::domain::{DriftKind, Lifecycle};
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;
use crate::provider::{Collection, Error};

/// The organization's life-cycle facts.
pub(super) async fn collect(
    client: &Client,
    access: &Option<Access>,
    target: &Target,
    collection: &mut Collection,
) -> Result<Lifecycle, Error> {
    let access = access.as_ref().ok_or_else(no_token)?;
    let mut reader = LifecycleReader { client, access, collection };
    let id = [target.id.as_str()];
    let of_owner = |endpoint| ListRequest { endpoint, ids: &id, query: &[("per_page", PER_PAGE)] };
    // Journals belong to the archiver product; for others the vendor documents no answer.
    let may_archive = target.archiver != Some(false);
    let (policies, shortest_retention) = match reader.retention(of_owner(at::RETENTION_POLICIES)).await? {
        Some(retention) => (Some(retention.policies), retention.shortest()),
        None => (None, None),
    };
    Ok(Lifecycle {
        connection_failures: reader.count(ListRequest::of(at::CONNECTION_FAILURES)).await?,
        deactivated_accounts: reader.count(ListRequest::of(at::DEACTIVATED_ACCOUNTS)).await?,
        deleted_accounts: reader.count(ListRequest::of(at::DELETED_ACCOUNTS)).await?,
        pending_invites: reader.pending_invites().await?,
        delegated_users: reader.count(of_owner(at::DELEGATED)).await?,
        retention_policies: policies,
        shortest_retention,
        journals: if may_archive { reader.count(ListRequest::of(at::JOURNALS)).await? } else { None },
        non_delivery_journals: if may_archive { reader.count(ListRequest::of(at::NDR_JOURNALS)).await? } else { None },
    })
}

/// What the retention policies say together.
#[derive(Default)]
struct Retention {
    policies: u64,
    unreadable: u64,
    shortest: Option<Duration>,
}

impl Retention {
    /// The shortest period, known only where every policy's is.
    fn shortest(&self) -> Option<Duration> {
        self.shortest.filter(|_| self.unreadable == 0)
    }
}

struct LifecycleReader<'a> {
    client: &'a Client,
    access: &'a Access,
    collection: &'a mut Collection,
}

impl LifecycleReader<'_> {
    async fn count(&mut self, list: ListRequest<'_>) -> Result<Option<u64>, Error> {
        let mut count = 0;
        let mut notes = Notes::new(list.endpoint);
        let mut visit = |record: Result<Counted, Undecodable>| {
            count += 1;
            if record.is_err() {
                notes.note("", DriftKind::UndecodableRecord);
            }
        };
        let result = self.client.read(self.access, list, &mut visit).await;
        self.finish(result, notes, || count)
    }

    async fn pending_invites(&mut self) -> Result<Option<u64>, Error> {
        let mut pending = 0;
        let mut notes = Notes::new(at::INVITES);
        let mut visit = |invite: Result<Invite, Undecodable>| {
            pending += u64::from(convert::invite_is_pending(&invite, &mut notes));
        };
        let result = self.client.read(self.access, ListRequest::of(at::INVITES), &mut visit).await;
        self.finish(result, notes, || pending)
    }

    async fn retention(&mut self, list: ListRequest<'_>) -> Result<Option<Retention>, Error> {
        let mut retention = Retention::default();
        let mut notes = Notes::new(list.endpoint);
        let mut visit = |policy: Result<RetentionPolicy, Undecodable>| {
            retention.policies += 1;
            match convert::retention_period(&policy, &mut notes) {
                Some(period) => {
                    retention.shortest = Some(retention.shortest.map_or(period, |shortest| shortest.min(period)));
                }
                None => retention.unreadable += 1,
            }
        };
        let result = self.client.read(self.access, list, &mut visit).await;
        self.finish(result, notes, || retention)
    }

    fn finish<T>(
        &mut self,
        result: Result<(), Error>,
        notes: Notes,
        value: impl FnOnce() -> T,
    ) -> Result<Option<T>, Error> {
        self.collection.drift.extend(notes.into_drift());
        Ok(unless_not_licensed(result)?.map(|()| value()))
    }
}
