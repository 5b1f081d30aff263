//! Evaluates the days of an application's history: which one is the newest, and what it proves.

use std::cmp::Reverse;
use std::time::Duration;

use super::DAY;
use crate::domain::{BackupStatus, DriftKind, ResourceCounts, ResourceState, Timestamp};
use crate::provider::datto::wire;
use crate::provider::field::{Count, Field};
use crate::provider::note::Notes;

/// Windows are a day long; the vendor closes them some time after they end.
pub(super) const WINDOW_TOLERANCE: Duration = Duration::from_secs(60 * 60);
/// A window of another length is not a day: one of its times must be wrong.
const PLAUSIBLE_LENGTH: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(12 * 60 * 60)..=Duration::from_secs(36 * 60 * 60);

/// One day of history; `None` for values that the vendor does not report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// Days before the newest one, from the window's name.
    position: Option<u32>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    total: Option<u64>,
    active: Option<u64>,
    backed_up: Option<u64>,
    pub(super) perfect: Option<u64>,
    pub(super) status: Option<BackupStatus>,
}

/// How recent a day is, by its times and its name; if they differ, the older one applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recency {
    /// Ended within the limit.
    Current,
    /// Ended before the limit.
    Past,
    /// The newest by name, but its times are unreadable.
    Undated,
    /// Ends in the future, follows a missing newer day, or has no known time.
    Untold,
}

impl Day {
    pub(super) fn of(window: &wire::Window, notes: &mut Notes) -> Self {
        let (since, until) = times(window, notes);
        let mut count = |name, field: &Field<_>| notes.required(name, field).map(|count: &Count| count.0);
        let (total, active, backed_up, perfect) = (
            count("totalServiceCount", &window.total_service_count),
            count("activeServiceCount", &window.active_service_count),
            count("activeServiceWithBackupCount", &window.active_service_with_backup_count),
            count("activeServiceWithPerfectBackupCount", &window.active_service_with_perfect_backup_count),
        );
        let position = notes.optional("timeWindow", &window.time_window).map(|name| name.0);
        let status = notes.optional("status", &window.status).map(|word| word.0.clone());
        let status = status.map(|word| super::status(&word, notes));
        Self { position, since, until, total, active, backed_up, perfect, status }
    }

    /// Whether no newer day is missing, according to the window's name.
    pub(super) const fn may_be_latest(&self) -> bool {
        matches!(self.position, None | Some(0))
    }

    fn recency(&self, limit: Duration, now: Timestamp) -> Recency {
        let by_name = self.position.map(|days| DAY.saturating_mul(days));
        match (self.until, by_name) {
            (Some(until), _) if until.is_future(now) => Recency::Untold,
            (until, by_name) if until.map(|until| now.since(until)).max(by_name) > Some(limit) => Recency::Past,
            (_, Some(age)) if !age.is_zero() => Recency::Untold,
            (None, None) => Recency::Untold,
            (None, Some(_)) => Recency::Undated,
            (Some(_), _) => Recency::Current,
        }
    }

    /// Whether a backup on this day is certainly within the objective.
    fn is_within(&self, objective: Duration, now: Timestamp) -> bool {
        let (Some(since), Some(until)) = (self.since, self.until) else { return false };
        let by_name = self.position.map(|days| DAY.saturating_mul(days.saturating_add(1)));
        let age = Some(now.since(since)).max(by_name);
        !until.is_future(now) && age <= Some(objective + WINDOW_TOLERANCE)
    }
}

/// Start and end of a window. Live windows start later than they end.
fn times(window: &wire::Window, notes: &mut Notes) -> (Option<Timestamp>, Option<Timestamp>) {
    let start = notes.required("startTime", &window.start_time).map(|epoch| Timestamp::from_millis(epoch.0));
    let end = notes.required("endTime", &window.end_time).map(|epoch| Timestamp::from_millis(epoch.0));
    let (Some(start), Some(end)) = (start, end) else { return (None, None) };
    let (since, until) = (start.min(end), start.max(end));
    if PLAUSIBLE_LENGTH.contains(&until.since(since)) {
        return (Some(since), Some(until));
    }
    notes.note("startTime", DriftKind::OutOfRange);
    (None, None)
}

/// The newest day, by times, by window names, or by both if they agree; `None` if that is ambiguous.
pub(super) fn newest(days: &[Day]) -> Option<&Day> {
    if let [only] = days {
        return Some(only);
    }
    let by_time = last(days, |day| day.until);
    let by_name = last(days, |day| day.position.map(Reverse));
    match (by_time, by_name) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => one.or(other),
    }
}

/// The unique last day by a key, if all days have that key.
fn last<K: Ord>(days: &[Day], key: impl Fn(&Day) -> Option<K>) -> Option<&Day> {
    let keyed: Vec<(K, &Day)> = days.iter().map(|day| Some((key(day)?, day))).collect::<Option<_>>()?;
    let (last, newest) = keyed.iter().max_by(|(one, _), (other, _)| one.cmp(other))?;
    (keyed.iter().filter(|(key, _)| key == last).count() == 1).then_some(*newest)
}

/// Counts services by state: active ones with a backup on the newest day are ok.
///
/// A longer objective covers more days: at least as many services are ok as on the best day within it, since days
/// cannot be added up. If the newest day is itself older than the objective, all are late; if its counts or times are
/// unreadable, or it is in the future, it proves nothing to be ok.
pub(super) fn resources(
    newest: &Day,
    days: &[Day],
    objective: Duration,
    now: Timestamp,
    notes: &mut Notes,
) -> Option<ResourceCounts> {
    let (total, active) = (newest.total?, newest.active?);
    let Some(deactivated) = total.checked_sub(active) else {
        notes.note("activeServiceCount", DriftKind::OutOfRange);
        return None;
    };
    let backed_up = newest.backed_up.filter(|backed_up| *backed_up <= active);
    if backed_up.is_none() && newest.backed_up.is_some() {
        notes.note("activeServiceWithBackupCount", DriftKind::OutOfRange);
        if active == 0 {
            return None;
        }
    }
    let counts = ResourceCounts::default().with(ResourceState::Deactivated, deactivated);
    let split = |ok, state| counts.with(ResourceState::Ok, ok).with(state, active - ok);
    Some(match (newest.recency(objective.max(DAY) + WINDOW_TOLERANCE, now), backed_up) {
        (Recency::Past, _) => counts.with(ResourceState::Late, active),
        (Recency::Current, Some(backed_up)) => {
            let within = days.iter().filter(|day| day.is_within(objective, now)).filter_map(|day| day.backed_up);
            split(within.fold(backed_up, u64::max).min(active), ResourceState::Late)
        }
        // Whenever that day was, services without a backup on it have had none for a day.
        (Recency::Undated, Some(backed_up)) if objective <= DAY => {
            counts.with(ResourceState::Unknown, backed_up).with(ResourceState::Late, active - backed_up)
        }
        (Recency::Current | Recency::Undated | Recency::Untold, _) => counts.with(ResourceState::Unknown, active),
    })
}
