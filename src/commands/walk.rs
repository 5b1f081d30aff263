//! Requests what a collection requests, for a few tenants of a source, one after the other.

use std::sync::Arc;

use crate::app;
use crate::config::Source;
use crate::domain::{Event, Listing, Objectives, Part, SourceState, Tenant, TenantId, Timestamp};
use crate::poller::Cadence;
use crate::provider::{Client, Found, Listed};

/// Which tenants and parts are collected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    pub(super) source: &'a Source,
    pub(super) objectives: &'a Objectives,
    pub(super) tenants: Chosen<'a>,
    /// The names of the parts; `None` for all that the source collects.
    pub(super) parts: Option<&'a [String]>,
}

/// Which of the selected tenants are collected.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chosen<'a> {
    /// So many, in the order of the listing.
    First(usize),
    /// Those with these ids.
    Only(&'a [String]),
}

impl Walk<'_> {
    /// The parts that the source collects, by name.
    pub(super) fn parts(&self) -> Vec<String> {
        Cadence::of(&self.source.collection).parts.iter().map(|(part, _)| part.as_str().to_owned()).collect()
    }

    fn parts_of(&self, tenant: &Tenant) -> Vec<Part> {
        let is_walked = |part: &Part| self.parts.is_none_or(|parts| parts.iter().any(|name| name == part.as_str()));
        Cadence::of(&self.source.collection).parts_of(tenant).map(|(part, _)| part).filter(is_walked).collect()
    }

    /// Lists the tenants and collects the chosen ones, as of `now`; `progress` receives the next tenant, its number and
    /// that of all.
    pub(super) async fn walk(
        &self,
        client: &Client,
        now: impl Fn() -> Timestamp,
        mut progress: impl FnMut(&TenantId, usize, usize),
    ) -> SourceState {
        let state = app::initial_state(self.source, self.objectives);
        let attempt = client.list_tenants().await;
        client.judge_credentials(&attempt);
        let state = state.advance(Event::Drifted(attempt.drift), now());
        let Found { tenants, shortfall } = match attempt.result {
            Ok(found) => found,
            Err(error) => return state.advance(Event::Listed(Err(error.outcome())), now()),
        };
        let is_selected =
            |listed: &Listed| self.source.selection.selects(listed.id().as_str(), listed.tenant.name_or_id());
        let all = tenants.len();
        let selected = tenants.into_iter().filter(is_selected);
        let chosen: Vec<_> = match self.tenants {
            Chosen::First(number) => selected.take(number).collect(),
            Chosen::Only(ids) => selected.filter(|listed| ids.iter().any(|id| id == listed.id().as_str())).collect(),
        };
        let listing = Listing {
            tenants: chosen.iter().map(|listed| Arc::clone(&listed.tenant)).collect(),
            excluded: (all - chosen.len()) as u64,
            shortfall: shortfall.map(|error| error.outcome()),
            ..Listing::default()
        };
        let mut state = state.advance(Event::Listed(Ok(listing)), now());
        for (number, listed) in chosen.iter().enumerate() {
            progress(listed.id(), number + 1, chosen.len());
            let rpo = state.policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
            let parts = self.parts_of(&listed.tenant);
            let collection = client.collect_tenant(&listed.target, &parts, &rpo, client.judged_at(now())).await;
            let collected = Event::Collected { tenant: listed.id().clone(), parts: collection.parts };
            state = state.advance(Event::Drifted(collection.drift), now()).advance(collected, now());
        }
        state
    }
}
