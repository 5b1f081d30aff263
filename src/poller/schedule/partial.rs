//! Detects that one part fails for tenant after tenant while others succeed, and then lets one tenant at a time retry
//! it until it succeeds.
//!
//! Otherwise each tenant would wait for its own back-off, which after an hour of failures is another hour.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Part, TenantId};

/// Minimum time between two trials of a part.
const MIN_TRIAL_DELAY: Duration = Duration::from_secs(60);
/// After long failure, a part is tried once per this share of the time that it has failed: the endpoint may not return.
const MAX_TRIALS: u32 = 60;

/// The parts that fail for tenant after tenant.
#[derive(Debug, Default)]
pub(super) struct PartialOutages(BTreeMap<Part, History>);

/// How the last attempts at one part ended.
#[derive(Debug, Default)]
struct History {
    /// When it last succeeded for any tenant; `None` if never.
    worked_at: Option<Instant>,
    /// The tenants for which it failed since; none are added during an outage.
    failed: BTreeSet<TenantId>,
    current: Option<Trying>,
}

/// An ongoing outage of the part.
#[derive(Debug)]
struct Trying {
    since: Instant,
    next: Instant,
    in_progress: Option<TenantId>,
}

/// The effect of the end of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// An outage of the part begins: failures after this time are due to it. `None`: the part never succeeded before.
    Begins(Option<Instant>),
    /// It ends; the same failures were due to it.
    Ends(Option<Instant>),
}

impl PartialOutages {
    /// Whether one tenant at a time tries a part, in addition to regular turns.
    pub(super) fn is_current(&self, part: Part) -> bool {
        self.0.get(&part).is_some_and(|history| history.current.is_some())
    }

    /// When the next trial of any part may start; `None` if there is no outage.
    pub(super) fn next_trial(&self) -> Option<Instant> {
        self.waiting().map(|(_, trying)| trying.next).min()
    }

    /// The parts whose trial may start at `now`.
    pub(super) fn due(&self, now: Instant) -> Vec<Part> {
        self.waiting().filter(|(_, trying)| trying.next <= now).map(|(part, _)| part).collect()
    }

    fn waiting(&self) -> impl Iterator<Item = (Part, &Trying)> {
        let current = self.0.iter().filter_map(|(part, history)| Some((*part, history.current.as_ref()?)));
        current.filter(|(_, trying)| trying.in_progress.is_none())
    }

    /// The tenant that tries a part from `now` on; `None` if there is none, and the next trial is later.
    pub(super) fn start(&mut self, part: Part, tenant: Option<TenantId>, now: Instant) {
        if let Some(trying) = self.0.get_mut(&part).and_then(|history| history.current.as_mut()) {
            trying.next = now + MIN_TRIAL_DELAY;
            trying.in_progress = tenant;
        }
    }

    /// Records that all jobs in progress were stopped, including trials.
    pub(super) fn abandon(&mut self) {
        self.0.values_mut().filter_map(|history| history.current.as_mut()).for_each(|trying| trying.in_progress = None);
    }

    /// Records that a tenant's attempt at a part ended at `now`. `worked` is whether it succeeded, `None` if unknown.
    /// Consecutive failures for `limit` tenants are an outage.
    pub(super) fn ended(
        &mut self,
        part: Part,
        tenant: &TenantId,
        worked: Option<bool>,
        limit: usize,
        now: Instant,
    ) -> Change {
        let history = self.0.entry(part).or_default();
        if worked == Some(true) {
            let before = history.worked_at;
            let ends = history.current.is_some();
            *history = History { worked_at: Some(now), ..History::default() };
            return if ends { Change::Ends(before) } else { Change::None };
        }
        if let Some(trying) = &mut history.current {
            if trying.in_progress.take_if(|own| own == tenant).is_some() {
                trying.next = now + MIN_TRIAL_DELAY.max((now - trying.since) / MAX_TRIALS);
            }
            return Change::None;
        }
        if worked == Some(false) {
            history.failed.insert(tenant.clone());
        }
        if history.failed.len() < limit {
            return Change::None;
        }
        history.failed = BTreeSet::new();
        history.current = Some(Trying { since: now, next: now + MIN_TRIAL_DELAY, in_progress: None });
        Change::Begins(history.worked_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Workload;

    const MAIL: Part = Part::Workload(Workload::Mail);

    #[tokio::test(start_paused = true)]
    async fn several_tenants_in_a_row_are_an_outage_and_the_first_success_ends_it() {
        let (mut outages, start) = (PartialOutages::default(), Instant::now());
        let mut ended = |tenant: &str, part, worked| outages.ended(part, &tenant.into(), worked, 3, start);
        assert_eq!(ended("a", MAIL, Some(true)), Change::None);
        for _ in 0..5 {
            assert_eq!(ended("a", MAIL, Some(false)), Change::None, "one tenant alone is none");
        }
        assert_eq!(ended("b", MAIL, Some(false)), Change::None);
        assert_eq!(ended("c", MAIL, Some(true)), Change::None, "it works for others");
        assert_eq!(ended("b", MAIL, Some(false)), Change::None);
        assert_eq!(ended("c", MAIL, None), Change::None, "unknown");
        assert_eq!(ended("c", Part::Coverage, Some(false)), Change::None, "another part");
        assert_eq!(ended("c", MAIL, Some(false)), Change::None);
        assert_eq!(ended("a", MAIL, Some(false)), Change::Begins(Some(start)));
        assert_eq!(ended("d", MAIL, Some(false)), Change::None, "it is under way");
        assert_eq!(ended("d", MAIL, Some(true)), Change::Ends(Some(start)));
        assert_eq!(ended("d", MAIL, Some(true)), Change::None);
        assert!(!outages.is_current(MAIL) && outages.next_trial().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_is_tried_once_a_minute_and_rarely_after_a_day() {
        let (mut outages, start) = (PartialOutages::default(), Instant::now());
        let tenant = TenantId::from("a");
        outages.ended(MAIL, &tenant, Some(false), 1, start);
        let (mut trials, mut now) = (Vec::new(), start);
        while now < start + Duration::from_secs(24 * 3_600) {
            let next = outages.next_trial().expect("it is an outage");
            assert_eq!(outages.due(now), [], "not yet");
            trials.push(next - now);
            now = next;
            assert_eq!(outages.due(now), [MAIL]);
            outages.start(MAIL, Some(tenant.clone()), now);
            assert_eq!((outages.due(now), outages.next_trial()), (vec![], None), "one at a time");
            outages.ended(MAIL, &"b".into(), Some(false), 1, now);
            assert_eq!(outages.next_trial(), None, "that was another's");
            outages.ended(MAIL, &tenant, Some(false), 1, now);
        }
        assert!(trials.iter().all(|delay| *delay >= MIN_TRIAL_DELAY), "{trials:?}");
        assert!(trials.len() < 300 && trials[..30].iter().all(|delay| *delay == MIN_TRIAL_DELAY), "{trials:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_was_stopped_or_is_impossible_comes_later() {
        let (mut outages, start) = (PartialOutages::default(), Instant::now());
        outages.ended(MAIL, &"a".into(), Some(false), 1, start);
        outages.start(MAIL, None, start + MIN_TRIAL_DELAY);
        assert_eq!(outages.next_trial(), Some(start + 2 * MIN_TRIAL_DELAY));
        outages.start(MAIL, Some("a".into()), start + 2 * MIN_TRIAL_DELAY);
        outages.abandon();
        assert_eq!(outages.next_trial(), Some(start + 3 * MIN_TRIAL_DELAY));
    }
}
