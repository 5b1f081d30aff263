//! Orders the tenants that are not being collected by when they are due.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::tenant::Due;
use crate::domain::TenantId;

/// Tenants ordered by their next turn (never collected ones first), and by their next retry.
#[derive(Debug, Default)]
pub(super) struct Queue {
    turns: BTreeSet<(Option<Instant>, TenantId)>,
    retries: BTreeSet<(Instant, TenantId)>,
    dues: BTreeMap<TenantId, Due>,
}

impl Queue {
    pub(super) fn insert(&mut self, id: &TenantId, due: Due) {
        self.remove(id);
        self.turns.insert((due.turn, id.clone()));
        self.retries.extend(due.retry.map(|retry| (retry, id.clone())));
        self.dues.insert(id.clone(), due);
    }

    pub(super) fn remove(&mut self, id: &TenantId) {
        let Some((id, due)) = self.dues.remove_entry(id) else { return };
        if let Some(retry) = due.retry {
            self.retries.remove(&(retry, id.clone()));
        }
        self.turns.remove(&(due.turn, id));
    }

    /// The tenant with the earliest turn.
    pub(super) fn first_turn(&self) -> Option<&(Option<Instant>, TenantId)> {
        self.turns.first()
    }

    /// When the first retry is due.
    pub(super) fn first_retry(&self) -> Option<Instant> {
        self.retries.first().map(|(at, _)| *at)
    }

    /// The first retry that is due at `now`.
    pub(super) fn retry_due(&self, now: Instant) -> Option<&(Instant, TenantId)> {
        self.retries.first().filter(|(at, _)| *at <= now)
    }
}
