//! Remembers when each part of one tenant was asked for, and says when it is due again.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Compact, Outcome, Part};
use crate::poller::Cadence;
use crate::provider::Listed;
use crate::store::{Backoff, TenantPolling};

/// A part that keeps failing is still asked for once a day.
const MAX_BACKOFF: Duration = Duration::from_secs(24 * 60 * 60);
/// The share of an interval by which a tenant may come early, so that all do not come at once for ever.
const JITTER: f64 = 0.1;

/// When each part of one tenant is due.
#[derive(Debug)]
pub(super) struct TenantSchedule {
    pub(super) listed: Arc<Listed>,
    /// The parts that are being collected; `None` while none is.
    pub(super) running: Option<Vec<Part>>,
    /// Whether the last collection met a vendor that did not answer: such tenants may not take all slots.
    pub(super) is_unresponsive: bool,
    /// When each part was last started; a part that never was is missing.
    started: Compact<Part, Instant>,
    /// The products that are not licensed: the vendor refused them when they were last asked for.
    refused: Vec<Part>,
    /// How often in a row a part failed in a way that speaks against asking again soon.
    failures: BTreeMap<Part, u32>,
    /// The tenant's own place between 0 and 1, the same for ever.
    phase: f64,
}

impl TenantSchedule {
    /// A tenant that was never asked for.
    pub(super) fn new(listed: Arc<Listed>) -> Self {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(listed.id());
        Self {
            listed,
            running: None,
            is_unresponsive: false,
            started: Compact::default(),
            refused: Vec::new(),
            failures: BTreeMap::new(),
            phase: f64::from(u16::try_from(hash >> 48).unwrap_or(0)) / f64::from(u16::MAX),
        }
    }

    /// The same tenant as a new listing shows it.
    pub(super) fn relisted(self, listed: Listed) -> Self {
        // The state keeps the one it has if nothing changed; two copies of each tenant would be kept otherwise.
        let is_same = self.listed.tenant == listed.tenant;
        let known = if is_same && self.listed.target == listed.target { self } else { self.without_refusals() };
        let tenant = if is_same { Arc::clone(&known.listed.tenant) } else { listed.tenant };
        Self { listed: Arc::new(Listed { tenant, ..listed }), ..known }
    }

    /// The same, which asks at once for what was refused: another plan, status or token may have changed that.
    fn without_refusals(self) -> Self {
        let Self { refused, started, .. } = self;
        let started = started.into_iter().filter(|(part, _)| !refused.contains(part)).collect();
        Self { refused: Vec::new(), started, ..self }
    }

    /// The parts that are asked for, with the time between two attempts at each while none fails.
    pub(super) fn parts(
        &self,
        cadence: &Cadence,
        refused_interval: Duration,
    ) -> impl Iterator<Item = (Part, Duration)> {
        let interval = move |(part, interval): (Part, Duration)| {
            (part, if self.refused.contains(&part) { interval.max(refused_interval) } else { interval })
        };
        cadence.parts_of(&self.listed.tenant).map(interval)
    }

    /// Of the parts that were asked for these are refused as not licensed.
    pub(super) fn refuse(&mut self, asked: &[Part], refused: &[Part]) {
        self.refused.retain(|part| !asked.contains(part));
        self.refused.extend(refused);
    }

    /// When a part is due; `None` if it never was started.
    pub(super) fn due(&self, part: Part, interval: Duration) -> Option<Instant> {
        Some(*self.started.get(&part)? + self.backed_off(part, interval))
    }

    /// The time between two attempts at a part, which grows while it fails.
    fn backed_off(&self, part: Part, interval: Duration) -> Duration {
        let failures = self.failures.get(&part).copied().unwrap_or(0);
        interval.saturating_mul(1 << failures.min(16)).min(interval.max(MAX_BACKOFF))
    }

    /// What the last attempt at each part and its interval do not say; `None` where they say all.
    pub(super) fn polling(&self, cadence: &Cadence) -> Option<TenantPolling> {
        if self.running.is_none() && self.failures.is_empty() && !self.is_unresponsive {
            return None;
        }
        let backoff = |(part, interval)| {
            let failures = *self.failures.get(&part)?;
            Some((part, Backoff { interval: self.backed_off(part, interval), failures }))
        };
        Some(TenantPolling {
            in_progress: self.running.clone().unwrap_or_default(),
            backoffs: cadence.parts_of(&self.listed.tenant).filter_map(backoff).collect(),
            is_unresponsive: self.is_unresponsive,
        })
    }

    /// How much before it is due a part may be started: so all do not come at once for ever, and the order stays.
    pub(super) fn head_start(&self, interval: Duration) -> Duration {
        interval.mul_f64(JITTER * self.phase)
    }

    /// These parts are started at `now`.
    pub(super) fn start(&mut self, parts: &[Part], now: Instant) {
        for part in parts {
            self.started.insert(*part, now);
        }
        self.running = Some(parts.to_vec());
    }

    /// The collection of these parts ended.
    pub(super) fn end(&mut self, parts: &[Part], failed: &[(Part, Outcome)]) {
        self.running = None;
        for part in parts {
            let outcome = failed.iter().find(|(failed, _)| failed == part).map(|(_, outcome)| *outcome);
            // Datto cannot list the seats of a large customer at all: each attempt takes a minute and ends in 504,
            // and the next would end no better.
            if *part == Part::Seats && matches!(outcome, Some(Outcome::ServerError | Outcome::Timeout)) {
                *self.failures.entry(*part).or_default() += 1;
            } else {
                self.failures.remove(part);
            }
        }
        self.is_unresponsive = failed.iter().any(|(part, outcome)| *part != Part::Seats && outcome.is_unanswered());
    }
}
