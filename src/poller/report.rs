//! Turns the results of tasks into events, and logs each failure once.

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
use crate::provider::{self, Collection, Error, Found, Listed, ListingAttempt};

/// The result of a poller task.
#[derive(Debug)]
pub(super) enum Ended {
    /// An attempt at the listing.
    Listing(ListingAttempt),
    /// An attempt at some parts of a tenant, as it was listed when that began.
    Tenant { listed: Arc<Listed>, parts: Vec<Part>, collection: Collection, took: Duration, is_turn: bool },
}

/// Reports results to the state, the schedule, the metrics and the log.
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

    /// The events that follow from a result. Failures are logged here and nowhere else.
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
            Ended::Tenant { listed, parts, collection, took, .. } => {
                let id = listed.id().clone();
                self.instrumentation.collection_ended(took);
                let known = state.tenants.get(&id);
                if known.is_some_and(|known| known.tenant.is_of_another_organization(&listed.tenant)) {
                    tracing::info!(
                        source = &*self.source,
                        tenant.id = id.as_str(),
                        "dropped what was collected of tenant {id}: its id is another organization's by now",
                    );
                    schedule.discarded(&id, Instant::now());
                    return vec![Event::Drifted(collection.drift)];
                }
                schedule.refused(&id, &parts, &Self::not_licensed(&id, state, &collection));
                let failed: Vec<_> = collection.failures.iter().map(|(part, error)| (*part, error.outcome())).collect();
                schedule.ended(&id, &parts, &failed, Instant::now());
                self.log_failures(&id, &collection.failures);
                self.log_doubts(&id, state, &collection);
                vec![Event::Drifted(collection.drift), Event::Collected { tenant: id, parts: collection.parts }]
            }
        }
    }

    /// Logs how many tenants a source has, once: the counts of later listings are metrics.
    pub(super) fn announce_listing(&self, state: &SourceState) {
        tracing::info!(
            source = &*self.source,
            provider = state.identity.provider.as_str(),
            tenants = state.tenants.len(),
            excluded = state.listing.value().copied().unwrap_or_default(),
            "tenants listed"
        );
    }

    /// Logs one line per kind of failure: an invalid token fails all parts alike.
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
                "collection failed for tenant {id} ({parts}): {error}",
            );
        }
    }

    /// The products rejected twice in a row as not licensed, unless no other list of the tenant is readable.
    ///
    /// A single wrong rejection hides a workload for no longer than its refresh interval.
    fn not_licensed(id: &TenantId, state: &SourceState, collection: &Collection) -> Vec<Part> {
        let Some(tenant) = state.tenants.get(id) else { return Vec::new() };
        let doubts = tenant.doubts(&collection.parts);
        let is_conclusive = |workload: &Workload| {
            let known = tenant.workloads.get(workload).and_then(Tracked::value);
            matches!(known, Some(WorkloadReport::NotLicensed)) && !doubts.iter().any(|(doubted, _)| doubted == workload)
        };
        let not_licensed = |result: &PartResult| match result {
            PartResult::Refused(workload, _) if is_conclusive(workload) => Some(Part::Workload(*workload)),
            _ => None,
        };
        collection.parts.iter().filter_map(not_licensed).collect()
    }

    /// Logs responses that are no failures by themselves, but implausible.
    fn log_doubts(&self, id: &TenantId, state: &SourceState, collection: &Collection) {
        let doubts = state.tenants.get(id).map(|tenant| tenant.doubts(&collection.parts)).unwrap_or_default();
        let is_logged = |workload| collection.failures.iter().any(|(part, _)| *part == Part::Workload(workload));
        let mut by_outcome: BTreeMap<Outcome, Vec<&str>> = BTreeMap::new();
        for (workload, outcome) in doubts.into_iter().filter(|(workload, _)| !is_logged(*workload)) {
            by_outcome.entry(outcome).or_default().push(workload.as_str());
        }
        for (outcome, parts) in by_outcome {
            let parts = parts.join(",");
            let answer = if outcome == Outcome::SuspiciousEmpty {
                "empty lists although seats are in use"
            } else {
                "the vendor rejects the requests"
            };
            tracing::warn!(
                source = &*self.source,
                tenant.id = id.as_str(),
                parts,
                outcome = outcome.as_str(),
                "collection failed for tenant {id} ({parts}): {answer}, and no other list of this tenant is readable: \
                 check that the organization's authentication_token still has access",
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
                "tenant listing failed for source {}: {error}",
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
        // A wrong token can also return an empty listing, so it proves nothing about the credentials. If there were
        // tenants before, an empty listing is ignored and they are still collected.
        let names_somebody = !all.is_empty();
        if names_somebody {
            self.instrumentation.credential_worked(now);
        }
        // Decided by id alone, before the operator's selection, so that the counts of all shards add up.
        let (own, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|listed| self.shard.owns(&self.source, listed.id().as_str()));
        // The decision above uses only the sharding rule, so that all shards agree.
        let (selected, excluded): (Vec<_>, Vec<_>) = provider::under_known_ids(own, state)
            .into_iter()
            .partition(|listed| self.selection.selects(listed.id().as_str(), listed.tenant.name_or_id()));
        let tenants = selected.iter().map(|listed| Arc::clone(&listed.tenant)).collect();
        let uncollected = excluded.iter().chain(&others).map(|listed| Uncollected::from(&*listed.tenant)).collect();
        let (excluded, elsewhere) = (excluded.len() as u64, others.len() as u64);
        tracing::debug!(source = &*self.source, tenants = selected.len(), excluded, elsewhere, "listing read");
        let listed = Event::Listed(Ok(Listing { tenants, excluded, elsewhere, uncollected, shortfall }));
        // Their estimates need the data of the listing, and the schedule must not start them before.
        let dropped = (self.dropping.0)(&state.clone().advance(listed.clone(), now));
        let collected = selected.into_iter().filter(|listed| !dropped.contains(listed.id())).collect();
        match shortfall {
            None => schedule.listing_ended(names_somebody.then_some(collected), Instant::now()),
            Some(_) => schedule.incomplete_listing_ended(collected, Instant::now()),
        }
        vec![listed, Event::Dropped(dropped)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Objectives, Policy, Provider, SeatReport, Tenant};
    use crate::instrumentation::Instrumentation;
    use crate::poller::schedule::Job;
    use crate::poller::{Cadence, Mode};
    use crate::provider::Target;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn listed(organization: Option<&str>) -> Listed {
        let organization_id = organization.map(ToOwned::to_owned);
        let tenant = Tenant { id: "1-1".into(), organization_id, parts: &[Part::Seats], ..Tenant::default() };
        Listed { tenant: Arc::new(tenant), target: Target::test("1-1") }
    }

    #[tokio::test]
    async fn what_was_collected_of_a_former_organization_is_dropped_and_asked_for_again() {
        let identity = SourceIdentity { provider: Provider::Dropsuite, name: "us".into() };
        for (before, after, is_dropped) in [
            (Some("100"), Some("100"), false),
            (Some("100"), Some("300"), true),
            (Some("100"), None, false),
            (None, Some("300"), false),
        ] {
            let instrumentation = Instrumentation::new(NOW).source(&identity, &[]);
            let report = Report::new(
                &identity,
                Shard::WHOLE,
                Selection::default(),
                Dropping::new(|_| std::collections::BTreeSet::new()),
                instrumentation,
            );
            let cadence =
                Cadence { listing: Duration::from_secs(900), parts: vec![(Part::Seats, Duration::from_secs(86_400))] };
            let mut schedule = Schedule::new(cadence, Mode::Continuous, 1);
            let start = |schedule: &mut Schedule| schedule.start(Instant::now(), 0, |_| true);
            let policy = Policy {
                stale_after: Duration::from_secs(3600),
                workloads: Vec::new(),
                objectives: Objectives::default(),
            };
            let mut state = SourceState::new(identity.clone(), Arc::new(policy));
            let mut end = |schedule: &mut Schedule, ended: Ended| {
                let events = report.events(ended, &state, schedule, NOW);
                state = events.iter().cloned().fold(state.clone(), |state, event| state.advance(event, NOW));
                events
            };
            let listing = |organization| {
                let found = Found { tenants: vec![listed(organization)], shortfall: None };
                Ended::Listing(ListingAttempt { result: Ok(found), drift: Vec::new() })
            };
            assert!(matches!(start(&mut schedule), Some(Job::List)));
            end(&mut schedule, listing(before));
            let Some(Job::Collect { listed, parts, is_turn }) = start(&mut schedule) else { panic!("it is due") };
            end(&mut schedule, listing(after));

            let seats = PartResult::Seats(Ok(SeatReport::default()));
            let collection = Collection { parts: vec![seats], ..Collection::default() };
            let events = end(&mut schedule, Ended::Tenant { listed, parts, collection, took: Duration::ZERO, is_turn });
            let is_applied = events.iter().any(|event| matches!(event, Event::Collected { .. }));
            let is_due = matches!(start(&mut schedule), Some(Job::Collect { .. }));
            assert_eq!((is_applied, is_due), (!is_dropped, is_dropped), "{before:?} {after:?}");
        }
    }
}
