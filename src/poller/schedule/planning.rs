//! Tells what the schedule means to do, in wall time, for whoever looks on.
//!
//! The plans are shared with their readers and published many times a minute,
//! so only the tenants that changed are planned again; the rest is a copy of
//! pointers, as in the state beside which they are published.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{ListingTurn, Schedule, Turns};
use crate::domain::{TenantId, Timestamp};
use crate::store::plan::{PartPlan, TenantPlan, TenantPlans, Turn};

/// One moment by both clocks: the schedule's, which never jumps, and the wall's, which people read.
#[derive(Clone, Copy, Debug)]
pub(in crate::poller) struct Now {
    pub(in crate::poller) instant: Instant,
    pub(in crate::poller) wall: Timestamp,
}

/// The plans as they were last told, and whose changed since.
#[derive(Debug, Default)]
pub(super) struct Planning {
    told: Arc<TenantPlans>,
    changed: BTreeSet<TenantId>,
    is_void: bool,
}

impl Now {
    fn wall_of(self, instant: Instant) -> Timestamp {
        let ahead = instant.saturating_duration_since(self.instant);
        let behind = i64::try_from(self.instant.saturating_duration_since(instant).as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(self.wall.after(ahead).as_millis().saturating_sub(behind))
    }
}

impl Planning {
    /// What is planned for this tenant changed.
    pub(super) fn changed(&mut self, id: &TenantId) {
        self.changed.insert(id.clone());
    }

    /// Who there is changed.
    pub(super) fn all_changed(&mut self) {
        self.is_void = true;
    }
}

impl Schedule {
    /// When the tenants are listed next.
    pub(in crate::poller) fn listing_turn(&self, now: Now) -> Turn {
        match self.listing {
            ListingTurn::First => Turn::First,
            ListingTurn::Running { .. } => Turn::Running,
            ListingTurn::DueAt(at) => Turn::At(now.wall_of(at)),
        }
    }

    /// The time between two listings.
    pub(in crate::poller) const fn listing_interval(&self) -> Duration {
        self.cadence.listing
    }

    /// What is planned for each tenant.
    pub(in crate::poller) fn plans(&mut self, now: Now) -> Arc<TenantPlans> {
        let mut planning = std::mem::take(&mut self.planning);
        let plan = |turns: &Turns| Arc::new(self.plan(turns, now));
        if planning.is_void {
            planning.told = Arc::new(self.tenants.iter().map(|(id, turns)| (id.clone(), plan(turns))).collect());
        } else if !planning.changed.is_empty() {
            let plans = Arc::make_mut(&mut planning.told);
            for id in &planning.changed {
                plans.extend(self.tenants.get(id).map(|turns| (id.clone(), plan(turns))));
            }
        }
        self.planning = Planning { told: Arc::clone(&planning.told), ..Planning::default() };
        planning.told
    }

    fn plan(&self, turns: &Turns, now: Now) -> TenantPlan {
        let parts = || self.cadence.parts_of(&turns.listed.tenant);
        let early = |due: Instant, interval| due.checked_sub(turns.head_start(interval)).unwrap_or(due);
        // No part is asked for before its tenant has a turn, which the first of them decides.
        let tenant_turn = parts()
            .map(|(part, interval)| turns.due(part, interval))
            .min()
            .flatten()
            .map(|due| early(due, self.interval()));
        let turn = |part, interval| match turns.due(part, interval) {
            _ if turns.is_asking_for(part) => Turn::Running,
            None => Turn::First,
            Some(due) => Turn::At(now.wall_of(tenant_turn.map_or(due, |turn| turn.max(early(due, interval))))),
        };
        let parts = parts().map(|(part, interval)| PartPlan {
            part,
            turn: turn(part, interval),
            interval: turns.backed_off(part, interval),
            failures: turns.failures(part),
        });
        TenantPlan { is_suspect: turns.is_suspect, parts: parts.collect() }
    }
}
