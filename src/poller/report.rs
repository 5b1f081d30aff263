//! Turns what a task brought into events, and logs its failures once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Dropping;
use super::schedule::Schedule;
use crate::config::Selection;
use crate::domain::shard::Shard;
use crate::domain::{
    Event, Listing, Outcome, Part, PartResult, SourceIdentity, SourceState, TenantId, Timestamp, Tracked, Uncollected,
    Workload, WorkloadReport,
};
use crate::instrumentation::SourceInstrumentation;
use crate::provider::{self, Collection, Error, Found, ListingAttempt};

/// What a task of the poller brought.
#[derive(Debug)]
pub(super) enum Ended {
    /// An attempt at the listing.
    Listing(ListingAttempt),
    /// An attempt at some parts of a tenant.
    Tenant { id: TenantId, parts: Vec<Part>, collection: Collection, took: Duration, is_turn: bool },
}

/// Tells the state, the schedule, the counters and the log what a task brought.
#[derive(Debug)]
pub(super) struct Report {
    source: Arc<str>,
    shard: Shard,
    selection: Selection,
    dropping: Dropping,
    pub(super) instrumentation: SourceInstrumentation,
}

impl Report {
    pub(super) fn new(
        identity: &SourceIdentity,
        shard: Shard,
        selection: Selection,
        dropping: Dropping,
        instrumentation: SourceInstrumentation,
    ) -> Self {
        Self { source: Arc::clone(&identity.name), shard, selection, dropping, instrumentation }
    }

    /// What the end of a task means for the state; failures are logged here and nowhere else.
    pub(super) fn events(
        &self,
        ended: Ended,
        state: &SourceState,
        schedule: &mut Schedule,
        now: Timestamp,
    ) -> Vec<Event> {
        match ended {
            Ended::Listing(attempt) => {
                let drift = Event::Drifted(attempt.drift);
                [drift].into_iter().chain(self.listing(attempt.result, state, schedule, now)).collect()
            }
            Ended::Tenant { id, parts, collection, took, .. } => {
                self.instrumentation.collection_ended(took);
                schedule.refused(&id, &parts, &Self::not_licensed(&id, state, &collection));
                let failed: Vec<_> = collection.failures.iter().map(|(part, error)| (*part, error.outcome())).collect();
                schedule.ended(&id, &parts, &failed, Instant::now());
                self.log_failures(&id, &collection.failures);
                self.log_doubts(&id, state, &collection);
                vec![Event::Drifted(collection.drift), Event::Collected { tenant: id, parts: collection.parts }]
            }
        }
    }

    /// One line for each way in which parts failed: a dead token fails all of them alike.
    fn log_failures(&self, id: &TenantId, failures: &[(Part, Error)]) {
        let mut by_outcome: BTreeMap<Outcome, (&Error, Vec<&str>)> = BTreeMap::new();
        for (part, error) in failures {
            by_outcome.entry(error.outcome()).or_insert((error, Vec::new())).1.push(part.as_str());
        }
        for (outcome, (error, parts)) in by_outcome {
            let parts = parts.join(",");
            tracing::warn!(
                source = &*self.source,
                tenant.id = id.as_str(),
                parts,
                endpoint = error.endpoint,
                outcome = outcome.as_str(),
                "collecting {parts} of tenant {id}: {error}",
            );
        }
    }

    /// The products that were refused twice in a row, as far as that is a statement: not where nothing else of the tenant
    /// answers. One wrong refusal hides a workload no longer than its refresh interval.
    fn not_licensed(id: &TenantId, state: &SourceState, collection: &Collection) -> Vec<Part> {
        let Some(tenant) = state.tenants.get(id) else { return Vec::new() };
        let doubts = tenant.doubts(&collection.parts);
        let is_believed = |workload: &Workload| {
            let known = tenant.workloads.get(workload).and_then(Tracked::value);
            matches!(known, Some(WorkloadReport::NotLicensed)) && !doubts.iter().any(|(doubted, _)| doubted == workload)
        };
        let not_licensed = |result: &PartResult| match result {
            PartResult::Refused(workload, _) if is_believed(workload) => Some(Part::Workload(*workload)),
            _ => None,
        };
        collection.parts.iter().filter_map(not_licensed).collect()
    }

    /// Answers that are no failures by themselves, and are not believed.
    fn log_doubts(&self, id: &TenantId, state: &SourceState, collection: &Collection) {
        let doubts = state.tenants.get(id).map(|tenant| tenant.doubts(&collection.parts)).unwrap_or_default();
        let is_logged = |workload| collection.failures.iter().any(|(part, _)| *part == Part::Workload(workload));
        let mut by_outcome: BTreeMap<Outcome, Vec<&str>> = BTreeMap::new();
        for (workload, outcome) in doubts.into_iter().filter(|(workload, _)| !is_logged(*workload)) {
            by_outcome.entry(outcome).or_default().push(workload.as_str());
        }
        for (outcome, parts) in by_outcome {
            let parts = parts.join(",");
            let answer = if outcome == Outcome::SuspiciousEmpty { "empty lists beside used seats" } else { "refusals" };
            tracing::warn!(
                source = &*self.source,
                tenant.id = id.as_str(),
                parts,
                outcome = outcome.as_str(),
                "collecting {parts} of tenant {id}: {answer} prove nothing while no other list answers: does the \
                 organization's authentication_token still reach its data?",
            );
        }
    }

    fn listing(
        &self,
        result: Result<Found, Error>,
        state: &SourceState,
        schedule: &mut Schedule,
        now: Timestamp,
    ) -> Vec<Event> {
        let log = |error: &Error| {
            tracing::warn!(
                source = &*self.source,
                endpoint = error.endpoint,
                outcome = error.outcome().as_str(),
                "listing the tenants of source {}: {error}",
                self.source,
            );
        };
        let Found { tenants: all, shortfall } = match result.inspect_err(log) {
            Ok(found) => found,
            Err(error) => {
                schedule.listing_failed(error.outcome(), Instant::now());
                return vec![Event::Listed(Err(error.outcome()))];
            }
        };
        let shortfall = shortfall.inspect(log).map(|error| error.outcome());
        // A wrong token can bring an empty listing too, so that proves nothing for the credential. It is not believed
        // where there were tenants, and these are still asked for.
        let names_somebody = !all.is_empty();
        if names_somebody {
            self.instrumentation.credential_worked(now);
        }
        // By the id alone, and before the operator's selection: what each shard leaves out adds up as well.
        let (own, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|listed| self.shard.owns(&self.source, listed.id().as_str()));
        // What the rule alone gives decides above, so that all shards decide alike.
        let (selected, excluded): (Vec<_>, Vec<_>) = provider::under_known_ids(own, state)
            .into_iter()
            .partition(|listed| self.selection.selects(listed.id().as_str(), listed.tenant.name_or_id()));
        let tenants = selected.iter().map(|listed| Arc::clone(&listed.tenant)).collect();
        let uncollected = excluded.iter().chain(&others).map(|listed| Uncollected::from(&*listed.tenant)).collect();
        let (excluded, elsewhere) = (excluded.len() as u64, others.len() as u64);
        tracing::debug!(source = &*self.source, tenants = selected.len(), excluded, elsewhere, "listed the tenants");
        let listed = Event::Listed(Ok(Listing { tenants, excluded, elsewhere, uncollected, shortfall }));
        // Their estimates need what is known with the listing, and the schedule must not start them before.
        let dropped = (self.dropping.0)(&state.clone().advance(listed.clone(), now));
        let collected = selected.into_iter().filter(|listed| !dropped.contains(listed.id())).collect();
        match shortfall {
            None => schedule.listing_ended(names_somebody.then_some(collected), Instant::now()),
            Some(_) => schedule.incomplete_listing_ended(collected, Instant::now()),
        }
        vec![listed, Event::Dropped(dropped)]
    }
}
