//! Collects the slowly changing facts of one organization, list by list: each fails independently.
//!
//! If the vendor rejects a list from the first page on, the product does not exist, as long as another list of the
//! organization is readable: the fact is absent. If all are rejected, this says nothing about products.

use std::time::Duration;

use super::repeats::{Identified, Repeats};
use super::wire::{Counted, Invite, RetentionPolicy};
use super::{Access, Client, ListRequest, PER_PAGE, Target, convert, endpoints as at, no_token};
use crate::domain::{DriftKind, Lifecycle, LifecycleFact, PartResult};
use crate::provider::note::Notes;
use crate::provider::record::{Record, Undecodable};
use crate::provider::{Collection, Error};

/// The organization's life-cycle facts, and the errors of those that are missing.
pub(super) async fn collect(
    client: &Client,
    access: &Option<Access>,
    target: &Target,
    collection: &mut Collection,
) -> (PartResult, Option<Error>) {
    let Some(access) = access else {
        return (PartResult::Lifecycle(Err(no_token().outcome())), Some(no_token()));
    };
    let mut reader = LifecycleReader {
        client,
        access,
        collection,
        answered: false,
        failed: Vec::new(),
        refused: Vec::new(),
        unanswered: None,
    };
    let facts = reader.facts(target).await;
    reader.finish(facts)
}

/// The combined retention policies.
#[derive(Default)]
struct Retention {
    policies: u64,
    unreadable: u64,
    shortest: Option<Duration>,
}

impl Retention {
    /// The shortest period; known only if that of every policy is.
    fn shortest(&self) -> Option<Duration> {
        self.shortest.filter(|_| self.unreadable == 0)
    }
}

struct LifecycleReader<'a> {
    client: &'a Client,
    access: &'a Access,
    collection: &'a mut Collection,
    /// Whether any list was readable.
    answered: bool,
    failed: Vec<(LifecycleFact, Error)>,
    /// The lists that the vendor rejected.
    refused: Vec<(LifecycleFact, Error)>,
    /// Why the remaining lists are skipped: each request would take the full timeout.
    unanswered: Option<Error>,
}

impl LifecycleReader<'_> {
    async fn facts(&mut self, target: &Target) -> Lifecycle {
        let id = [target.id.as_str()];
        let of_owner = |endpoint| ListRequest { endpoint, ids: &id, query: &[("per_page", PER_PAGE)] };
        // Journals belong to the archiver product; for others the response is undocumented.
        let may_archive = target.archiver != Some(false);
        let retention = self.retention(of_owner(at::RETENTION_POLICIES)).await;
        let mut facts = Lifecycle {
            retention_policies: retention.as_ref().map(|retention| retention.policies),
            shortest_retention: retention.as_ref().and_then(Retention::shortest),
            connection_failures: self
                .count(LifecycleFact::ConnectionFailures, ListRequest::of(at::CONNECTION_FAILURES))
                .await,
            deactivated_accounts: self
                .count(LifecycleFact::DeactivatedAccounts, ListRequest::of(at::DEACTIVATED_ACCOUNTS))
                .await,
            deleted_accounts: self.count(LifecycleFact::DeletedAccounts, ListRequest::of(at::DELETED_ACCOUNTS)).await,
            pending_invites: self.pending_invites().await,
            delegated_users: self.count(LifecycleFact::DelegatedUsers, of_owner(at::DELEGATED)).await,
            ..Lifecycle::default()
        };
        if may_archive {
            facts.journals = self.count(LifecycleFact::Journals, ListRequest::of(at::JOURNALS)).await;
            facts.non_delivery_journals =
                self.count(LifecycleFact::NonDeliveryJournals, ListRequest::of(at::NDR_JOURNALS)).await;
        }
        facts
    }

    fn finish(mut self, facts: Lifecycle) -> (PartResult, Option<Error>) {
        if !self.answered {
            self.failed.append(&mut self.refused);
        }
        let lists: Vec<_> = self.failed.iter().map(|(fact, _)| *fact).collect();
        match self.failed.into_iter().next() {
            None => (PartResult::Lifecycle(Ok(facts)), None),
            Some((_, error)) if self.answered => {
                (PartResult::PartialLifecycle(facts, lists, error.outcome()), Some(error))
            }
            Some((_, error)) => (PartResult::Lifecycle(Err(error.outcome())), Some(error)),
        }
    }

    async fn count(&mut self, fact: LifecycleFact, list: ListRequest<'_>) -> Option<u64> {
        let mut count = 0;
        let visit = |record: Result<Counted, Undecodable>, notes: &mut Notes| {
            count += 1;
            if record.is_err() {
                notes.note("", DriftKind::UndecodableRecord);
            }
        };
        self.read(fact, list, visit).await.then_some(count)
    }

    async fn pending_invites(&mut self) -> Option<u64> {
        let mut pending = 0;
        let visit = |invite: Result<Invite, Undecodable>, notes: &mut Notes| {
            pending += u64::from(convert::invite_is_pending(&invite, notes));
        };
        self.read(LifecycleFact::PendingInvites, ListRequest::of(at::INVITES), visit).await.then_some(pending)
    }

    async fn retention(&mut self, list: ListRequest<'_>) -> Option<Retention> {
        let mut retention = Retention::default();
        let visit = |policy: Result<RetentionPolicy, Undecodable>, notes: &mut Notes| {
            retention.policies += 1;
            match convert::retention_period(&policy, notes) {
                Some(period) => {
                    retention.shortest = Some(retention.shortest.map_or(period, |shortest| shortest.min(period)));
                }
                None => retention.unreadable += 1,
            }
        };
        self.read(LifecycleFact::RetentionPolicies, list, visit).await.then_some(retention)
    }

    /// Reads one list to its end; returns whether it is complete.
    async fn read<T: Record + Identified + Send>(
        &mut self,
        fact: LifecycleFact,
        list: ListRequest<'_>,
        mut visit: impl FnMut(Result<T, Undecodable>, &mut Notes) + Send,
    ) -> bool {
        if let Some(error) = &self.unanswered {
            self.failed.push((fact, error.clone()));
            return false;
        }
        let mut notes = Notes::new(list.endpoint);
        let mut repeats = Repeats::default();
        let mut see = |record: Result<T, Undecodable>| {
            if let Ok(record) = &record {
                repeats.see(record, &mut notes);
            }
            visit(record, &mut notes);
        };
        let result = self.client.read(self.access, list, &mut see).await;
        self.collection.drift.extend(notes.into_drift());
        let Err(error) = result else {
            self.answered = true;
            return true;
        };
        if error.says_not_licensed() {
            self.refused.push((fact, error));
        } else {
            self.unanswered = error.is_silence().then(|| error.clone());
            self.failed.push((fact, error));
        }
        false
    }
}
